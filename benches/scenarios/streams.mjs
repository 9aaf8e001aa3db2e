// Streams over a WebSocket. Each operation is a megabyte of bytes, or a chunk of JSON; a load is one whole stream after
// another. `Streamer` drives them, and checks every chunk.
import { checkValue } from "../frames.mjs";

const MB = 1_000_000;
const TOTAL = 8 * MB;
/** Of the client, as the npm client begins with; the servers have their own. */
const WINDOW_BYTES = 256 << 10;
const TIMEOUT_MS = 20_000;
/**
 * After so long a chunk of the server is answered, as over a short line. Where answers come within the grain of
 * workerd's clock, npm `capnweb` 0.12.0 divides by zero, and its stream stands still.
 */
const ANSWER_AFTER_MS = 2;

export const STREAMS = [
  download(16),
  download(64),
  upload(16),
  upload(64),
  {
    name: "stream-numbers-down",
    title: "stream of 20,000 numbers from the server, per chunk",
    unit: "µs",
    operations: 20_000,
    target: { cpu: 0.7 },
    call: ["countTo", [20_000]],
    received: Array.from({ length: 20_000 }, (_, i) => String(i + 1)),
  },
  {
    name: "stream-objects-up",
    title: "stream of 5000 small objects to the server, per chunk",
    unit: "µs",
    operations: 5000,
    target: { cpu: 0.7 },
    call: ["collect"],
    sent: Array.from({ length: 5000 }, (_, i) => object(i)),
    expected: [Array.from({ length: 5000 }, (_, i) => JSON.parse(object(i)))],
  },
];

function download(kb) {
  return {
    name: `stream-down-${kb}k`,
    title: `stream of 8 MB from the server in chunks of ${kb} KB, per MB`,
    unit: "ms",
    operations: TOTAL / MB,
    bytes: MB,
    target: { cpu: 0.7 },
    call: ["bytesOf", [TOTAL, kb << 10]],
    received: chunks(kb << 10),
  };
}

function upload(kb) {
  return {
    name: `stream-up-${kb}k`,
    title: `stream of 8 MB to the server in chunks of ${kb} KB, per MB`,
    unit: "ms",
    operations: TOTAL / MB,
    bytes: MB,
    target: { cpu: 0.7 },
    call: ["sumBytes"],
    sent: chunks(kb << 10),
    expected: { length: TOTAL, sum: sumOf(TOTAL) },
  };
}

function object(i) {
  return `{"id":${i},"name":"Item ${i}","ok":true}`;
}

/** The pattern of `bytesOf`, in chunks in wire form. */
function chunks(size) {
  const starts = Array.from({ length: Math.ceil(TOTAL / size) }, (_, i) => i * size);
  return starts.map((start) => chunk(start, Math.min(size, TOTAL - start)));
}

/** So many bytes of the pattern from a place on, in wire form. */
export function chunk(start, size) {
  const bytes = Buffer.from(Uint8Array.from({ length: size }, (_, i) => (start + i) % 251));
  return `["bytes","${bytes.toString("base64").replace(/=+$/, "")}"]`;
}

function sumOf(total) {
  let sum = 0;
  for (let i = 0; i < total; i += 1) sum += i % 251;
  return sum;
}

/** A client of one stream at a time. Ids count what each side has sent: pushes, pipes and stream messages. */
export class Streamer {
  #socket;
  #scenario;
  #lastId = 0;
  #lastTheirs = 0;
  #stream;

  constructor(socket, scenario) {
    this.#socket = socket;
    this.#scenario = scenario;
    socket.listen((messages) => this.#receive(messages), (error) => this.#stream?.reject(error));
  }

  /** Moves a whole stream. */
  run() {
    return new Promise((resolve, reject) => {
      const late = () => reject(new Error(`no end within ${TIMEOUT_MS / 1000} s: ${JSON.stringify(this.#stream)}`));
      const timer = setTimeout(late, TIMEOUT_MS);
      const settle = (how) => (error) => how(error, clearTimeout(timer));
      this.#stream = { received: 0, sent: 0, unanswered: 0, resolve: settle(resolve), reject: settle(reject) };
      this.#socket.send(this.#start());
    });
  }

  #start() {
    const { call: [method, args], sent } = this.#scenario;
    const stream = this.#stream;
    const pipe = sent ? ['["pipe"]'] : [];
    if (sent) stream.pipe = this.#lastId += 1;
    const list = args ?? [["readable", stream.pipe]];
    stream.result = this.#lastId += 1;
    const call = ["push", ["pipeline", 0, [method], list]];
    return [...pipe, JSON.stringify(call), `["pull",${stream.result}]`, ...(sent ? this.#chunks() : [])];
  }

  /** As many chunks as the window holds, and the end behind the last. */
  #chunks() {
    const { sent } = this.#scenario;
    const stream = this.#stream;
    const out = [];
    while (stream.sent < sent.length && stream.unanswered < WINDOW_BYTES) {
      const chunk = sent[stream.sent];
      out.push(`["stream",["pipeline",${stream.pipe},["write"],[${chunk}]]]`);
      stream.sent += 1;
      stream.unanswered += chunk.length;
      this.#lastId += 1;
      if (stream.sent < sent.length) continue;
      out.push(`["stream",["pipeline",${stream.pipe},["close"],[]]]`);
      stream.close = this.#lastId += 1;
    }
    return out;
  }

  #receive(messages) {
    const out = [];
    try {
      for (const message of messages) this.#handle(message, out);
    } catch (error) {
      this.#stream.reject(error);
    }
    const { received, answerAfterMs = received ? ANSWER_AFTER_MS : 0 } = this.#scenario;
    if (answerAfterMs > 0) setTimeout(() => this.#answer(out, this.#stream.isOver), answerAfterMs);
    else this.#answer(out, this.#stream.isOver);
  }

  #answer(out, isOver) {
    this.#socket.send(out);
    if (isOver) this.#stream.resolve();
  }

  #handle(message, out) {
    if (message.startsWith('["stream",')) return this.#chunk(message, out);
    const [kind, id, value] = JSON.parse(message);
    if (kind === "pipe") this.#lastTheirs += 1;
    else if (kind === "resolve") this.#resolved(id, value, out);
    else if (kind !== "release") throw new Error(`an unexpected frame: ${message.slice(0, 200)}`);
  }

  /** A chunk that the server sends, or its end: answered at once. */
  #chunk(message, out) {
    const { received } = this.#scenario;
    const stream = this.#stream;
    const isEnd = stream.received === received.length;
    const end = isEnd ? '["close"],[]]]' : `["write"],[${received[stream.received]}]]]`;
    if (!message.endsWith(end)) throw new Error(`a wrong chunk ${stream.received}: ${message.slice(0, 200)}`);
    stream.received += 1;
    this.#lastTheirs += 1;
    out.push(`["resolve",${this.#lastTheirs},["undefined"]]`);
    stream.isOver = isEnd;
  }

  #resolved(id, value, out) {
    const { expected, sent, received } = this.#scenario;
    const stream = this.#stream;
    if (id === stream.result) {
      if (!received) checkValue(value, expected, "a stream");
      out.push(`["release",${id},1]`);
      stream.hasResult = true;
    } else if (id === stream.close) {
      out.push(`["release",${stream.pipe},1]`);
      stream.isClosed = true;
    } else {
      stream.unanswered -= sent[stream.answered ?? 0].length;
      stream.answered = (stream.answered ?? 0) + 1;
      out.push(...this.#chunks());
    }
    if (sent) stream.isOver = stream.hasResult && stream.isClosed;
  }
}
