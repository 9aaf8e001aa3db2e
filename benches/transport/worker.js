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
  if (scenario.startsWith("stream-")) {
    const stream = scenario.includes("-down") ? new Download(server, scenario) : new Upload(server, scenario);
    server.addEventListener("message", ({ data }) => stream.receive(data));
    return new Response(null, { status: 101, webSocket: client });
  }
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

const TOTAL = 8_000_000;
/** Wide, as nothing here adapts it: a narrow one costs more wake-ups than the libraries have. */
const WINDOW_BYTES = 4 << 20;
const ACK = ',["undefined"]]';
/** What a message has beside its chunk, about. */
const ENVELOPE_BYTES = 40;
/** The chunks of a scenario. */
const made = new Map();

/** Sends streams of bytes of a pattern, or of numbers, whose chunks it has made before. */
class Download {
  #server;
  #chunks;
  /** Of a message, about. */
  #bytes;
  #lastPush = 0;
  #lastOurs = 0;
  #pipe;
  #next;
  #unanswered = 0;

  constructor(server, scenario) {
    this.#server = server;
    if (!made.has(scenario)) made.set(scenario, chunksOf(scenario));
    this.#chunks = made.get(scenario);
    this.#bytes = this.#chunks[0].length + ENVELOPE_BYTES;
  }

  receive(frame) {
    if (frame.startsWith('["resolve",')) return this.#answered();
    if (frame.startsWith('["push",')) this.#lastPush += 1;
    if (!frame.startsWith('["pull",')) return;
    this.#pipe = this.#lastOurs += 1;
    this.#next = 0;
    this.#server.send('["pipe"]');
    this.#server.send(`["resolve",${this.#lastPush},["readable",${this.#pipe}]]`);
    this.#send();
  }

  #answered() {
    this.#unanswered -= this.#bytes;
    this.#send();
  }

  #send() {
    while (this.#next < this.#chunks.length && this.#unanswered < WINDOW_BYTES) {
      this.#server.send(`["stream",["pipeline",${this.#pipe},["write"],[${this.#chunks[this.#next]}]]]`);
      this.#lastOurs += 1;
      this.#unanswered += this.#bytes;
      this.#next += 1;
      if (this.#next < this.#chunks.length) continue;
      this.#server.send(`["stream",["pipeline",${this.#pipe},["close"],[]]]`);
      this.#lastOurs += 1;
      this.#unanswered += this.#bytes;
    }
  }
}

function chunksOf(scenario) {
  if (scenario === "stream-numbers-down") return Array.from({ length: 20_000 }, (_, i) => String(i + 1));
  const size = Number(scenario.match(/\d+/)[0]) << 10;
  const pattern = Uint8Array.from({ length: TOTAL }, (_, i) => i % 251);
  const chunks = [];
  for (let from = 0; from < TOTAL; from += size) {
    chunks.push(`["bytes","${pattern.subarray(from, from + size).toBase64({ omitPadding: true })}"]`);
  }
  return chunks;
}

/** Takes streams: answers every chunk, and sums up nothing, as it knows what comes. */
class Upload {
  #server;
  #collected;
  #last = 0;
  #result;

  constructor(server, scenario) {
    this.#server = server;
    this.#collected = scenario === "stream-objects-up" ? [] : undefined;
  }

  receive(frame) {
    if (frame.startsWith('["pipe"]')) this.#last += 1;
    if (frame.startsWith('["push",')) this.#result = this.#last += 1;
    if (!frame.startsWith('["stream",')) return;
    this.#last += 1;
    this.#server.send(`["resolve",${this.#last}${ACK}`);
    if (frame.endsWith('["close"],[]]]')) return this.#end();
    this.#collected?.push(frame.slice(frame.indexOf("[{") + 1, -3));
  }

  #end() {
    const value = this.#collected ? `[[${this.#collected.splice(0)}]]` : `{"length":${TOTAL},"sum":${SUM}}`;
    this.#server.send(`["resolve",${this.#result},${value}]`);
  }
}

const SUM = Array.from({ length: 251 }, (_, i) => i).reduce((sum, byte) => sum + byte * Math.ceil((TOTAL - byte) / 251), 0);
