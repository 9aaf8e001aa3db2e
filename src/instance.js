// What happens around a Wasm instance that fails: it may not be entered any more, and what it
// served has to end. That takes JavaScript, which outlives the instance.

import { readChunk } from "./socket/chunk.js";
import { flush } from "./socket/outlet.js";
import { onAbandoned, unwatch, unwatchAll, watch } from "./watch.js";

const TEXT = 0;
const BINARY = 1;
const CLOSE = 2;
const ERROR = 3;
const OPEN = 4;
const CHUNK = 5;

/** From so many characters on, the runtime encodes a text faster than wasm-bindgen does one by one. */
const LONG = 500;

/** A body of under a thousand bytes is read as a text. */
const DIGITS_OF_SHORT = 3;
const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** The sockets of the living instance. */
const connections = new Set();

/** The answers that the living instance owes: what settles them, by number. */
const answers = new Map();
keepOne();

/** What is answered: a request, a call or event, or what a stream of JavaScript asks for. */
const REQUEST = 0;
const STREAM = 2;

/** So many answers are not watched: a timer takes a few microseconds. */
const UNWATCHED = 8 + answers.size;

/** What an answer is where there is none. */
const LOST = {};

// One object: wasm-bindgen 0.2.130 makes esbuild warn of a module that it imports from twice.
export const instance = { attempt, begin, decode, fail, later, listen, long, lost, read, schedule, settle };

/** Calls back into the instance. False if that failed. */
function attempt(run) {
  try {
    run();
    return true;
  } catch (error) {
    failed(error);
    return false;
  }
}

/** What a call into the instance has thrown. */
export function failed(error) {
  if (isTrap(error)) lost();
  // Has it logged.
  reportError(error);
}

/** What `run` gives or, of what it throws, `failed`: what passes through Rust ends the instance. */
export function tried(run, failed) {
  try {
    return run();
  } catch (error) {
    return failed(error);
  }
}

/** The promise that `run` gives; one that rejects if it throws. */
export function rejecting(run) {
  return tried(run, (error) => Promise.reject(error));
}

/**
 * A promise that does not outlive the instance: if that is lost it becomes a response, or rejects, as the request or
 * object that waits for it. `settle` and `fail` take its number.
 */
function later(number, asked) {
  const { promise, resolve } = Promise.withResolvers();
  answers.set(number, resolve);
  // A stream that the runtime drops it cancels.
  if (asked !== STREAM && answers.size > UNWATCHED) watch(number);
  const failed = asked === REQUEST ? respond : reject;
  return promise.then((value) => (value === LOST ? failed() : value));
}

function respond() {
  return new Response("The server failed.", { status: 500 });
}

function reject() {
  return Promise.reject(new Error("The server failed."));
}

function settle(number, value) {
  const resolve = answers.get(number);
  answers.delete(number);
  unwatch(number);
  resolve?.(value);
}

function fail(number, error) {
  settle(number, Promise.reject(error));
}

/** No task has this number. The runtime makes a map anew that gets empty, which would be with each request. */
function keepOne() {
  answers.set(-1, () => {});
}

/** The instance begins: `giveUp` drops a task. */
function begin(giveUp) {
  onAbandoned((number) => {
    answers.delete(number);
    attempt(() => giveUp(number));
  });
}

const ENDED = Promise.resolve();

/** Runs it behind all that runs now. In workerd a reaction costs a fraction of what `queueMicrotask` does. */
export function soon(run) {
  return ENDED.then(run);
}

/** Has `run` called behind all that runs now. */
function schedule(run) {
  soon(() => attempt(run));
}

/** A long message: the pipe and the bytes that it writes, or its bytes in UTF-8. */
function long(message) {
  if (typeof message === "string" && message.length >= LONG) return readChunk(message) ?? { bytes: encoder.encode(message) };
}

/** A text in UTF-8: without the mark in front, and with U+FFFD for what is not. */
function decode(bytes) {
  return decoder.decode(bytes);
}

/** A long text in UTF-8. */
export function longText(text) {
  if (text.length >= LONG) return encoder.encode(text);
}

/**
 * Has `onEvent(number, kind, code, text, bytes)` called for every event of the socket, up to the last. A socket is
 * the session's own if nobody else has ever had it.
 */
function listen(socket, number, onEvent, isOwn) {
  const connection = new Connection(socket, number, onEvent);
  connections.add(connection);
  connection.listen(isOwn);
}

/**
 * Has `onBody(number, text, bytes, error)` called with the request's body, or with why there is none. A short text
 * takes less than a buffer does, a long one more: it would have to be encoded. How long it is, the number of
 * its length's digits tells: the runtime takes two microseconds to make a number of a text.
 */
function read(request, number, onBody) {
  const pass = (text, bytes, error) => attempt(() => onBody(number, text, bytes, error));
  const failed = (error) => pass(undefined, undefined, error);
  const length = request.headers.get("Content-Length");
  if (length !== null && length.length <= DIGITS_OF_SHORT) request.text().then((text) => pass(text), failed);
  else request.arrayBuffer().then((buffer) => pass(undefined, new Uint8Array(buffer)), failed);
}

/** The instance is lost: has it replaced, closes all its sockets, and answers everybody who waits. */
function lost() {
  const state = globalThis.__worker_init_state;
  if (state !== undefined) state.criticalError = true;
  for (const connection of connections) connection.lose();
  for (const resolve of answers.values()) resolve(LOST);
  connections.clear();
  answers.clear();
  keepOne();
  unwatchAll();
}

/** One object for each socket, and as little beside it as can be: there are many. */
class Connection {
  #socket;
  #number;
  #onEvent;
  #end;
  #isOver = false;
  #isLost = false;

  constructor(socket, number, onEvent) {
    this.#socket = socket;
    this.#number = number;
    this.#onEvent = onEvent;
    // A socket belongs to the request that it was opened in, and only there it can be closed. The
    // runtime runs what follows a promise where it was waited for.
    new Promise((end) => (this.#end = end)).then(Connection.#fail);
  }

  /** A listener takes 384 bytes of the runtime's; a handler is a property, which others may set as well. */
  listen(isOwn) {
    const socket = this.#socket;
    if (isOwn) {
      socket.onmessage = socket.onclose = socket.onerror = (event) => this.handleEvent(event);
      return;
    }
    socket.addEventListener("message", this);
    socket.addEventListener("close", this);
    socket.addEventListener("error", this);
    if (socket.readyState === WebSocket.CONNECTING) socket.addEventListener("open", this);
  }

  handleEvent(event) {
    const { data } = event;
    // What only messages have costs no look at the type.
    if (data !== undefined) return this.#message(data);
    switch (event.type) {
      case "close":
        answerClose(this.#socket, event.code, event.reason);
        return this.#pass(CLOSE, event.code, event.reason);
      case "error":
        return this.#pass(ERROR);
      default:
        return this.#pass(OPEN);
    }
  }

  lose() {
    this.#isLost = true;
    this.#end(this);
  }

  #message(data) {
    if (typeof data !== "string") return this.#pass(BINARY);
    const message = long(data);
    if (!message) return this.#pass(TEXT, 0, data);
    const { pipe, bytes } = message;
    if (pipe === undefined) this.#pass(TEXT, 0, "", bytes);
    else this.#pass(CHUNK, pipe, "", bytes);
  }

  #pass(kind, code = 0, text = "", bytes) {
    if (this.#isLost) return Connection.#fail(this);
    if (this.#isOver) return;
    if (kind === CLOSE || kind === ERROR) {
      this.#isOver = true;
      connections.delete(this);
    }
    try {
      this.#onEvent(this.#number, kind, code, text, bytes);
    } catch (error) {
      failed(error);
      Connection.#fail(this);
    }
  }

  static #fail(connection) {
    flush(connection.#socket);
    closeQuietly(() => connection.#socket.close(1011, "The server failed."));
  }
}

/** Whether the instance cannot go on. (An overflow of the stack is a RangeError.) */
function isTrap(error) {
  return error instanceof WebAssembly.RuntimeError || error instanceof RangeError;
}

/** Ends the closing handshake, where the runtime does not do that by itself. */
function answerClose(socket, code, reason) {
  const nothingSaid = code === 1005 || code === 1006;
  closeQuietly(() => (nothingSaid ? socket.close() : socket.close(code, reason)));
}

/** A socket that is closed already cannot be closed: that is what was wanted. */
function closeQuietly(close) {
  try {
    close();
  } catch {}
}
