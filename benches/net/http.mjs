// A raw HTTP/1.1 client: one keep-alive connection, one request at a time, sent as bytes made beforehand.
import { connect } from "node:net";

const TIMEOUT_MS = 20_000;
const END_OF_HEAD = "\r\n\r\n";

/** The bytes of a request. Every contender gets the same ones. */
export function requestBytes(method, scenario, body = "") {
  const content = Buffer.from(body);
  const head = `${method} /api HTTP/1.1\r\nHost: bench\r\nX-Scenario: ${scenario}\r\nContent-Length: ${content.length}`;
  return Buffer.concat([Buffer.from(head + END_OF_HEAD), content]);
}

export class HttpConnection {
  #port;
  #socket;
  #chunks = [];
  #parse;
  #waiting;

  constructor(port) {
    this.#port = port;
    this.#open();
  }

  /** Sends a request and gives the body of its answer; anything but status 200 rejects. */
  send(request) {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => this.#fail(new Error(`no answer within ${TIMEOUT_MS / 1000} s`)), TIMEOUT_MS);
      this.#waiting = { resolve, reject, timer };
      // The server has closed one that was not used for long.
      if (this.#socket.destroyed) this.#open();
      this.#socket.write(request);
    });
  }

  close() {
    this.#socket.destroy();
  }

  #open() {
    const socket = connect(this.#port, "127.0.0.1");
    const fail = (error) => socket === this.#socket && this.#fail(error);
    socket.setNoDelay(true);
    socket.on("data", (chunk) => this.#receive(chunk));
    socket.on("error", fail);
    socket.on("close", () => fail(new Error("the server closed the connection")));
    this.#socket = socket;
  }

  #receive(chunk) {
    this.#chunks.push(chunk);
    this.#parse ??= parseHead(this.#chunks);
    const body = this.#parse?.(this.#chunks);
    if (body === undefined) return;
    const { resolve, reject, timer } = this.#waiting;
    const { status } = this.#parse;
    this.#chunks = [];
    this.#parse = this.#waiting = undefined;
    clearTimeout(timer);
    status === 200 ? resolve(body) : reject(new Error(`HTTP ${status}: ${body.toString().slice(0, 200)}`));
  }

  #fail(error) {
    clearTimeout(this.#waiting?.timer);
    this.#waiting?.reject(error);
    this.#waiting = undefined;
    this.#socket.destroy();
  }
}

/** A function that gives the body once all of it is among the chunks, or undefined when the head is not whole. */
function parseHead(chunks) {
  const start = Buffer.concat(chunks);
  const end = start.indexOf(END_OF_HEAD);
  if (end < 0) return undefined;
  const head = start.toString("latin1", 0, end);
  const from = end + END_OF_HEAD.length;
  const length = head.match(/\r\ncontent-length: *(\d+)/i);
  const parse = length ? wholeBody(from, Number(length[1])) : chunkedBody(from);
  return Object.assign(parse, { status: Number(head.slice(9, 12)) });
}

function wholeBody(from, length) {
  return (chunks) => {
    const received = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    return received < from + length ? undefined : Buffer.concat(chunks).subarray(from);
  };
}

function chunkedBody(from) {
  return (chunks) => {
    const ending = chunks.at(-1).subarray(-5);
    if (chunks.length > 1 && ending.length === 5 && ending.toString("latin1") !== "0\r\n\r\n") return undefined;
    return unchunk(Buffer.concat(chunks).subarray(from));
  };
}

function unchunk(bytes) {
  const parts = [];
  let at = 0;
  for (;;) {
    const line = bytes.indexOf("\r\n", at);
    if (line < 0) return undefined;
    const size = Number.parseInt(bytes.toString("latin1", at, line), 16);
    if (line + 2 + size + 2 > bytes.length) return undefined;
    if (size === 0) return Buffer.concat(parts);
    parts.push(bytes.subarray(line + 2, line + 2 + size));
    at = line + 2 + size + 2;
  }
}
