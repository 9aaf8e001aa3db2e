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
  #members = new Set();
  #delivered = 0;

  fetch(request) {
    const [client, server] = Object.values(new WebSocketPair());
    if (request.url.endsWith("/accepted")) {
      server.accept();
      server.addEventListener("message", ({ data }) => answerEcho(server, data));
    } else {
      this.ctx.acceptWebSocket(server);
      if (request.url.endsWith("/fanout")) this.#openRoom(server);
    }
    return new Response(null, { status: 101, webSocket: client });
  }

  #openRoom(socket) {
    this.#members.add(socket);
    this.ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)");
  }

  webSocketMessage(socket, data) {
    if (this.#members.has(socket)) this.#answerRoom(socket, data);
    else answerEcho(socket, data);
  }

  /** Deliveries go to all sockets but the first, which posts. */
  #answerRoom(socket, frame) {
    if (frame.startsWith('["pull",')) {
      socket.send(`["resolve",${frame.slice(8, -1)},${this.#delivered}]`);
    } else if (frame.includes('"post"')) {
      this.#post(JSON.parse(frame)[1][3][0], socket);
    }
  }

  #post(text, poster) {
    const insert = "INSERT INTO messages (text) VALUES (?) RETURNING id, text";
    const delivery = `["push",["pipeline",-1,[],[${JSON.stringify(this.ctx.storage.sql.exec(insert, text).one())}]]]`;
    this.#delivered += 1;
    for (const socket of this.#members) {
      if (socket === poster) continue;
      socket.send(delivery);
      socket.send(`["release",${this.#delivered},1]`);
    }
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
