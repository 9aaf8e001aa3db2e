// What happens around a Wasm instance that fails: it may not be entered any more, and what it
// served has to end. That takes JavaScript, which outlives the instance.

const TEXT = 0;
const BINARY = 1;
const CLOSE = 2;
const ERROR = 3;
const OPEN = 4;

/** From so many characters on, the runtime encodes a text faster than wasm-bindgen does one by one. */
const LONG = 500;
const encoder = new TextEncoder();

/** The sockets of the living instance. */
const connections = new Set();

/** The answers that it owes. */
const answers = new Set();

// One object: wasm-bindgen 0.2.130 makes esbuild warn of a module that it imports from twice.
export const instance = { attempt, encode, guard, later, listen, read, lost };

/** Calls back into the instance. False if that failed. */
function attempt(run) {
  try {
    run();
    return true;
  } catch (error) {
    if (isTrap(error)) lost();
    // Has it logged, and the instance replaced if it was a trap.
    reportError(error);
    return false;
  }
}

/** The promise of a response, and what settles it. */
function later() {
  return new Answer(respond);
}

/** What becomes of a promise of the instance; if that is lost, a response or a rejection. */
function guard(promise, isOfResponse) {
  const answer = new Answer(isOfResponse ? respond : reject);
  promise.then(
    (value) => answer.resolve(value),
    (error) => answer.resolve(Promise.reject(error)),
  );
  return answer.promise;
}

/** A long text in UTF-8. */
function encode(text) {
  if (typeof text === "string" && text.length >= LONG) return encoder.encode(text);
}

/** Has `onEvent(kind, code, text, bytes)` called for every event of the socket, up to the last. */
function listen(socket, onEvent) {
  const connection = new Connection(socket, onEvent);
  connections.add(connection);
  socket.addEventListener("message", ({ data }) => {
    if (typeof data === "string") connection.pass(TEXT, 0, data, encode(data));
    else connection.pass(BINARY);
  });
  socket.addEventListener("close", ({ code, reason }) => {
    answerClose(socket, code, reason);
    connection.pass(CLOSE, code, reason);
  });
  socket.addEventListener("error", () => connection.pass(ERROR));
  socket.addEventListener("open", () => connection.pass(OPEN));
}

/** Has `onBody(number, bytes, error)` called with the request's body, or with why there is none. */
function read(request, number, onBody) {
  request.arrayBuffer().then(
    (buffer) => onBody(number, new Uint8Array(buffer), undefined),
    (error) => onBody(number, undefined, error),
  );
}

/** The instance is lost: closes all its sockets, and answers everybody who waits. */
function lost() {
  for (const waiting of [connections, answers]) {
    for (const one of waiting) one.lose();
    waiting.clear();
  }
}

const LOST = Symbol("lost");

/** A promise that does not outlive the instance. */
class Answer {
  #settled = Promise.withResolvers();

  /** `fail` runs as the request or object that waits, as what it makes belongs to that. */
  constructor(fail) {
    answers.add(this);
    this.promise = this.#settled.promise.then((value) => (value === LOST ? fail() : value));
  }

  resolve(value) {
    answers.delete(this);
    this.#settled.resolve(value);
  }

  lose() {
    this.#settled.resolve(LOST);
  }
}

function respond() {
  return new Response("The server failed.", { status: 500 });
}

function reject() {
  throw new Error("The server failed.");
}

class Connection {
  #socket;
  #onEvent;
  #loss = Promise.withResolvers();
  #isOver = false;
  #isLost = false;

  constructor(socket, onEvent) {
    this.#socket = socket;
    this.#onEvent = onEvent;
    // A socket belongs to the request that it was opened in, and only there it can be closed. The
    // runtime runs what follows a promise where it was waited for.
    this.#loss.promise.then(() => this.#fail());
  }

  pass(kind, code = 0, text = "", bytes) {
    if (this.#isLost) return this.#fail();
    if (this.#isOver) return;
    if (kind === CLOSE || kind === ERROR) {
      this.#isOver = true;
      connections.delete(this);
    }
    if (!attempt(() => this.#onEvent(kind, code, bytes ? "" : text, bytes))) this.#fail();
  }

  lose() {
    this.#isLost = true;
    this.#loss.resolve();
  }

  #fail() {
    closeQuietly(() => this.#socket.close(1011, "The server failed."));
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
