// WebSocket sessions: each operation is a call, with so many in flight. `Caller` drives them.
import { checkValue } from "../frames.mjs";

const TIMEOUT_MS = 20_000;

export const SOCKETS = [
  {
    name: "ws-call",
    title: "WebSocket call, 64 in flight",
    inFlight: 64,
    burst: 1000,
    target: { share: 1 / 3 },
    /** The push and the pull of call number `id`, and what it resolves to. */
    ask: (id) => [`["push",["pipeline",0,["square"],[${id % 1000}]]]`, `["pull",${id}]`],
    expected: (id) => (id % 1000) ** 2,
  },
  {
    name: "callback",
    title: "call with a callback, 16 in flight",
    inFlight: 16,
    burst: 500,
    target: { share: 1 / 3 },
    ask: (id) => [
      `["push",["pipeline",0,["callFunction"],[["export",${-id}],${id % 1000}]]]`,
      `["pull",${id}]`,
    ],
    expected: (id) => ({ result: 3 * (id % 1000) }),
  },
  {
    name: "room-call",
    title: "call to a Durable Object that may sleep, 64 in flight",
    path: "/room/bench",
    inFlight: 64,
    burst: 500,
    target: { beside: "room-call-accepted" },
    ask: askRoom,
    expected: (id) => id % 1000,
  },
  {
    name: "room-call-accepted",
    title: "the same; the transport on an accepted socket",
    path: "/room/accepted",
    inFlight: 64,
    burst: 500,
    ask: askRoom,
    expected: (id) => id % 1000,
  },
];

function askRoom(id) {
  return [`["push",["pipeline",0,["echo"],[${id % 1000}]]]`, `["pull",${id}]`];
}

/** A client whose only function triples a number. It checks every answer. */
export class Caller {
  #socket;
  #scenario;
  #asked = 0;
  #answered = 0;
  #pushesReceived = 0;
  #tripled = new Map();
  #burst;

  constructor(socket, scenario) {
    this.#socket = socket;
    this.#scenario = scenario;
    socket.listen((messages) => this.#receive(messages), (error) => this.#burst?.reject(error));
  }

  /** Makes so many calls and settles when all are answered. */
  run(calls) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(this.#unanswered())), TIMEOUT_MS);
      const settle = (how) => (error) => how(error, clearTimeout(timer));
      this.#burst = { until: this.#asked + calls, resolve: settle(resolve), reject: settle(reject) };
      const out = [];
      for (let i = 0; i < Math.min(calls, this.#scenario.inFlight); i += 1) this.#ask(out);
      this.#socket.send(out);
    });
  }

  #unanswered() {
    const state = `${this.#answered} of ${this.#asked} calls answered, ${this.#pushesReceived} callbacks received`;
    return `no answer within ${TIMEOUT_MS / 1000} s: ${state}, ${this.#tripled.size} of them not pulled`;
  }

  #ask(out) {
    if (this.#asked === this.#burst.until) return;
    this.#asked += 1;
    out.push(...this.#scenario.ask(this.#asked));
  }

  #receive(messages) {
    const out = [];
    try {
      messages.forEach((message) => this.#handle(JSON.parse(message), out));
    } catch (error) {
      this.#burst.reject(error);
    }
    this.#socket.send(out);
    if (this.#answered === this.#burst.until) this.#burst.resolve();
  }

  #handle(frame, out) {
    const [kind, id, value] = frame;
    if (kind === "resolve") this.#resolved(id, value, out);
    else if (kind === "push") this.#called(id);
    else if (kind === "pull") this.#pulled(id, out);
    else if (kind !== "release") throw new Error(`an unexpected frame: ${JSON.stringify(frame)}`);
  }

  #resolved(id, value, out) {
    checkValue(value, this.#scenario.expected(id), `call ${id}`);
    this.#answered += 1;
    out.push(`["release",${id},1]`);
    this.#ask(out);
  }

  #called([, target, path, [argument] = []]) {
    if (!(target < 0) || path?.length > 0) throw new Error(`a push to ${target} ${path}, not to a callback`);
    this.#pushesReceived += 1;
    this.#tripled.set(this.#pushesReceived, 3 * argument);
  }

  #pulled(id, out) {
    if (!this.#tripled.has(id)) throw new Error(`a pull of ${id}, which was not pushed or was pulled`);
    out.push(`["resolve",${id},${this.#tripled.get(id)}]`);
    this.#tripled.delete(id);
  }
}
