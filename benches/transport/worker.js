import { DurableObject } from "cloudflare:workers";

/**
 * The floor of the comparison: what workerd, HTTP and WebSockets cost when no RPC library is there.
 * It gives the bytes that the other contenders give, from the least work that makes them right.
 */
const FIRST_ANSWER = '["resolve",1,49]';
const taught = new Map();

export default {
  async fetch(request, env) {
    if (/\/room/.test(request.url)) return env.ROOM.getByName("room").fetch(request);
    const scenario = request.headers.get("X-Scenario");
    if (request.headers.get("Upgrade") === "websocket") {
      return openSocket(scenario);
    }
    const body = await request.text();
    if (request.method === "PUT") {
      taught.set(scenario, body);
    }
    return new Response(taught.get(scenario) ?? FIRST_ANSWER);
  },
};

/** An object on a socket that may sleep, or on one that may not. */
export class Room extends DurableObject {
  fetch(request) {
    const [client, server] = Object.values(new WebSocketPair());
    if (request.url.endsWith("/accepted")) {
      server.accept();
      server.addEventListener("message", ({ data }) => answerEcho(server, data));
    } else {
      this.ctx.acceptWebSocket(server);
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  webSocketMessage(socket, data) {
    answerEcho(socket, data);
  }
}

/** The client calls `echo(id % 1000)` as its push number `id`. */
function answerEcho(socket, frame) {
  if (frame.startsWith('["pull",')) {
    const id = Number(frame.slice(8, -1));
    socket.send(`["resolve",${id},${id % 1000}]`);
  }
}

function openSocket(scenario) {
  const [client, server] = Object.values(new WebSocketPair());
  server.accept();
  const answer = scenario === "callback" ? answerCallback : answerCall;
  server.addEventListener("message", ({ data }) => answer(server, data));
  return new Response(null, { status: 101, webSocket: client });
}

/** The client calls `square(id % 1000)` as its push number `id`. */
function answerCall(socket, frame) {
  if (frame.startsWith('["pull",')) {
    const id = Number(frame.slice(8, -1));
    socket.send(`["resolve",${id},${(id % 1000) ** 2}]`);
  }
}

/** The client calls `callFunction(f, id % 1000)` as its push number `id`, and exports `f` as `-id`. */
function answerCallback(socket, frame) {
  if (frame.startsWith('["pull",')) {
    const id = Number(frame.slice(8, -1));
    socket.send(`["push",["pipeline",${-id},[],[${id % 1000}]]]`);
    socket.send(`["pull",${id}]`);
  } else if (frame.startsWith('["resolve",')) {
    const [id, value] = frame.slice(11, -1).split(",");
    socket.send(`["release",${id},1]`);
    socket.send(`["release",-${id},1]`);
    socket.send(`["resolve",${id},{"result":${value}}]`);
  }
}
