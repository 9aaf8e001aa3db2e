// The npm package capnweb as the client of the demo Worker. `npm start` serves that; then, with
// Node 22 or later: node examples/demo/client.mjs [address]
import { newHttpBatchRpcSession, newWebSocketRpcSession } from "capnweb";

const address = process.argv[2] ?? "http://127.0.0.1:8787/api";
if (!globalThis.WebSocket) throw new Error("Needs Node 22 or later, which the project has: npm run demo");

await overHttp();
await overWebSocket();

/** One HTTP request: log in, and with the results of that, before they are there, everything else. */
async function overHttp() {
  const requests = countRequests();
  const api = newHttpBatchRpcSession(address);
  const user = api.authenticate("token-ada");
  const id = user.getUserId();
  const profile = api.getUserProfile(id);
  // The function runs once, here, to be recorded; the server runs the record for each friend.
  const friends = user.getFriendIds().map((friendId) => api.getUserProfile(friendId));
  const [me, all] = await Promise.all([profile, friends]);

  console.log(`${me.name}: ${me.bio}`);
  for (const { name, bio } of all) console.log(`  friend ${name}: ${bio}`);
  console.log(`HTTP requests: ${requests()}`);
}

/** A session in which the server calls a function of this program. */
async function overWebSocket() {
  const api = newWebSocketRpcSession(address.replace(/^http/, "ws"));
  await api.authenticate("token-ada").countdown(3, (left, name) => {
    console.log(left > 0 ? `${left}…` : `Lift-off, ${name}!`);
  });
  const error = await api.authenticate("wrong").getUserId().then(null, (reason) => reason);
  console.log(`With a wrong token: ${error}`);
  // Closes the socket, without which this program would not end.
  api[Symbol.dispose]();
}

function countRequests() {
  let count = 0;
  const send = globalThis.fetch;
  globalThis.fetch = (...request) => {
    count += 1;
    return send(...request);
  };
  return () => count;
}
