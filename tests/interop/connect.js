/**
 * How an interop test reaches the Worker under test, wherever the test runs: inside workerd (see
 * `places/workerd.js`) or in Node over real sockets (see `places/sockets.js`).
 */
import { newHttpBatchRpcSession, newWebSocketRpcSession } from "capnweb";

const IN_WORKERD = globalThis.navigator?.userAgent === "Cloudflare-Workers";
const place = IN_WORKERD ? await import("./places/workerd.js") : await import("./places/sockets.js");
export const { ORIGIN, openSocket } = place;

/** Whether a response shows the hop-by-hop header `Upgrade`. */
export const { SHOWS_UPGRADE } = place;

/** Whether the runtime knows for whom to run what follows a promise: see the places. */
export const { KEEPS_OBJECTS_APART } = place;

/** A stub of a new `TestTarget` over a WebSocket. Disposing of it closes the socket. */
export async function connect() {
  return (await connectWithSocket()).api;
}

/** As `connect`, with the socket itself beside the stub. */
export async function connectWithSocket() {
  const socket = await openSocket("/api");
  return { api: newWebSocketRpcSession(socket), socket };
}

/** A stub of a new `TestTarget` over one HTTP batch, which is sent soon after this turn of the event loop. */
export function batch() {
  return newHttpBatchRpcSession(`${ORIGIN}/api`);
}

/** Both kinds of session, for tests that run on each. */
export const SESSIONS = [
  ["websocket", connect],
  ["batch", batch],
];

/** A plain request to the Worker. */
export function get(path, init) {
  return fetch(ORIGIN + path, init);
}

/** Posts `body` as one batch. Gives the status, the header for CORS, and the frames of the answer. */
export async function rawPost(body) {
  const response = await fetch(`${ORIGIN}/api`, { method: "POST", body });
  const text = await response.text();
  const frames = response.ok && text !== "" ? text.split("\n").map((line) => JSON.parse(line)) : [];
  return { status: response.status, cors: response.headers.get("Access-Control-Allow-Origin"), text, frames };
}

/** A WebSocket whose frames the test writes and reads itself. */
export async function rawSocket() {
  return new RawSocket(await openSocket("/api"));
}

class RawSocket {
  #socket;
  #frames = [];
  #waiting = [];

  /** Every frame that arrived and was not taken by `next`, in order. */
  get frames() {
    return this.#frames;
  }

  constructor(socket) {
    this.#socket = socket;
    /** Settles once the socket is closed, with the close frame's `{code, reason}`. */
    this.closed = new Promise((resolve) => {
      socket.addEventListener("close", ({ code, reason }) => {
        this.#waiting.splice(0).forEach(({ reject }) => reject(new Error(`closed: ${code} ${reason}`)));
        resolve({ code, reason });
      });
    });
    socket.addEventListener("message", ({ data }) => this.#receive(JSON.parse(data)));
  }

  /** Sends strings and bytes as they are, anything else as JSON. */
  send(...messages) {
    for (const message of messages) {
      const ready = typeof message === "string" || message instanceof Uint8Array;
      this.#socket.send(ready ? message : JSON.stringify(message));
    }
  }

  /** The next frame; rejects when the socket closes first. */
  next() {
    if (this.#frames.length > 0) {
      return Promise.resolve(this.#frames.shift());
    }
    return new Promise((resolve, reject) => this.#waiting.push({ resolve, reject }));
  }

  /** The answer to the pull of `id`; other frames until then are left out. */
  async answerTo(id) {
    for (;;) {
      const frame = await this.next();
      if ((frame[0] === "resolve" || frame[0] === "reject") && frame[1] === id) return frame;
    }
  }

  /** Pushes `expression` as import `id`, pulls it, and gives the answer: `["resolve" | "reject", id, …]`. */
  ask(id, expression) {
    this.send(["push", expression], ["pull", id]);
    return this.next();
  }

  [Symbol.dispose]() {
    this.#socket.close();
  }

  #receive(frame) {
    const waiting = this.#waiting.shift();
    if (waiting) {
      waiting.resolve(frame);
    } else {
      this.#frames.push(frame);
    }
  }
}
