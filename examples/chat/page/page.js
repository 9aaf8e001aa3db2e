// The page: the stock npm client. esbuild makes `public/page.js` of it.
import { newWebSocketRpcSession, RpcTarget } from "capnweb";

const room = new URL(location.href).searchParams.get("room") ?? "lobby";
const address = new URL(`/rooms/${encodeURIComponent(room)}`, location.href);
address.protocol = address.protocol.replace("http", "ws");

const element = (id) => document.getElementById(id);

/** Who we are, once we have joined. It outlives the connection. */
let name;
/** What the room gave us when we joined. */
let member;
/** The number of the last message on the page. */
let last = 0;

/** What the room calls. The server keeps it while it sleeps. */
class Page extends RpcTarget {
  message(message) {
    show(message);
  }

  members(names) {
    element("members").replaceChildren(...names.map((name) => item("li", name)));
  }
}

/** Opens a session; when it breaks (a deploy closes sockets), opens the next one and joins again. */
async function connect(wait = 250) {
  const door = newWebSocketRpcSession(address.href);
  door.onRpcBroken(() => {
    member = undefined;
    status("Reconnecting…");
    setTimeout(() => connect(Math.min(wait * 2, 10_000)), wait);
  });
  // One round trip: nothing is awaited in between.
  const [history] = await Promise.all([door.history(), name && join(door, name)]);
  history.forEach(show);
  status(`In “${room}”`);
  wait = 250;
  element("join").onsubmit = (event) => submit(event, "name", (name) => join(door, name));
}

async function join(door, as) {
  member = await door.join(as, new Page());
  name = as;
  element("join").hidden = true;
  element("say").hidden = false;
  element("text").focus();
}

element("say").onsubmit = (event) => submit(event, "text", (text) => member.say(text));

/** Runs what a form is for with what was typed; tells what went wrong. */
async function submit(event, input, run) {
  event.preventDefault();
  const { value } = element(input);
  try {
    await run(value);
    element(input).value = "";
    problem("");
  } catch (error) {
    problem(error.message);
  }
}

function show({ id, name: from, text, at }) {
  if (id <= last) return;
  last = id;
  const time = item("time", new Date(at).toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
  const heading = item("b", from);
  heading.append(time);
  const message = item("li", "");
  message.className = from === name ? "own" : "";
  message.append(heading, text);
  element("messages").append(message);
  message.scrollIntoView({ block: "end" });
}

function item(tag, text) {
  const item = document.createElement(tag);
  item.textContent = text;
  return item;
}

function status(text) {
  element("status").textContent = text;
}

function problem(text) {
  element("problem").textContent = text;
  element("problem").hidden = text === "";
}

connect().catch((error) => problem(error.message));
