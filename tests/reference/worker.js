/**
 * The conformance contract's `TestTarget`, served by the npm package `capnweb`.
 *
 * It is the yardstick of the interop suite (what passes here is what the reference does) and the
 * `capnweb` side of the comparison benchmarks, so it is written the way a user of that package writes.
 */
import { newWebSocketRpcSession, newWorkersRpcResponse, RpcStub, RpcTarget } from "capnweb";
import { Ends } from "../worker/js_ends.js";
import { typeOf, updatedUser, user } from "./values.js";

export { Greeter } from "../worker/greeter.js";
export { JsRoom } from "../worker/js_room.js";
export { Room } from "./room.js";

export default {
  async fetch(request, env) {
    if (/^\/room/.test(new URL(request.url).pathname)) {
      return env.ROOM.getByName("room").fetch(request);
    }
    if (new URL(request.url).pathname !== "/api") {
      return new Response("Not found", { status: 404 });
    }
    const upgrade = request.headers.get("Upgrade")?.toLowerCase() === "websocket";
    if (request.method === "GET" && !upgrade) {
      return new Response("Expected a WebSocket", { status: 426, headers: { Upgrade: "websocket" } });
    }
    if (request.method !== "GET" && request.method !== "POST") {
      return new Response("Method not allowed", { status: 405, headers: { Allow: "GET, POST" } });
    }
    try {
      return await newWorkersRpcResponse(request, new TestTarget(env));
    } catch (error) {
      return new Response(`Bad batch: ${error.message}`, { status: 400 });
    }
  },
};

class TestTarget extends RpcTarget {
  #env;
  #bodyRuns = 0;
  #disposed = 0;
  #kept;
  #log = [];
  #tracked = 0;

  constructor(env) {
    super();
    this.#env = env;
  }

  getDurableObject(name) {
    return this.#env.JS_ROOM.getByName(name);
  }

  getNativeRoom(name) {
    return this.#env.ROOM.getByName(name);
  }

  async getRoom(name) {
    const request = new Request("https://room.test/", { headers: { Upgrade: "websocket" } });
    const { webSocket } = await this.#env.ROOM.getByName(name).fetch(request);
    webSocket.accept();
    return newWebSocketRpcSession(webSocket);
  }

  getGreeter() {
    return this.#env.GREETER;
  }

  square(i) {
    return i * i;
  }

  add(a, b) {
    return a + b;
  }

  greet(name, punctuation = "!") {
    return `Hello, ${name}${punctuation}`;
  }

  returnNumber(i) {
    return i;
  }

  returnNull() {
    return null;
  }

  returnUndefined() {}

  returnTrue() {
    return true;
  }

  generateFibonacci(n) {
    const numbers = [0, 1];
    while (numbers.length < n) {
      numbers.push(numbers.at(-1) + numbers.at(-2));
    }
    return numbers.slice(0, n);
  }

  echo(value) {
    return keepStubs(value);
  }

  typeOf(value) {
    return typeOf(value);
  }

  countKeys(object) {
    return Object.keys(object).length;
  }

  range(n) {
    return Array.from({ length: n }, (_, i) => i);
  }

  users(n) {
    return Array.from({ length: n }, (_, i) => user(i));
  }

  updateUser(value) {
    const updated = updatedUser(value);
    this.#bodyRuns += 1;
    return updated;
  }

  bodyRuns() {
    return this.#bodyRuns;
  }

  throwError() {
    throw new RangeError("test error");
  }

  throwWithProps() {
    const error = new TypeError("with props", { cause: new Error("inner") });
    throw Object.assign(error, { code: "E_TEST", details: { at: 7 } });
  }

  fail(message) {
    throw new Error(message);
  }

  panic() {
    throw new Error("panic");
  }

  makeCounter(i) {
    return new Counter(i);
  }

  incrementCounter(counter, amount = 1) {
    return counter.increment(amount);
  }

  callSquare(self, i) {
    return { result: self.square(i) };
  }

  async callFunction(callback, i) {
    return { result: await callback(i) };
  }

  callTwice(callback, i) {
    return [callback(i), callback(i + 1)];
  }

  keep(capability) {
    this.dropKept();
    this.#kept = capability.dup();
  }

  callKept(...args) {
    return this.#kept(...args);
  }

  dropKept() {
    this.#kept?.[Symbol.dispose]();
    this.#kept = undefined;
  }

  self() {
    return this;
  }

  friends() {
    return ["alice", "bob", "carol"].map((name, i) => ({ name, counter: new Counter(i) }));
  }

  async sleep(ms) {
    await new Promise((resolve) => setTimeout(resolve, ms));
    return ms;
  }

  tracked() {
    this.#tracked += 1;
    return new Tracked(this.#tracked, () => (this.#disposed += 1));
  }

  disposed() {
    return this.#disposed;
  }

  log(entry) {
    this.#log.push(entry);
  }

  logged() {
    return this.#log;
  }

  get nested() {
    return {
      square: (i) => i * i,
      counter: new Counter(0),
      list: [1, 2, 3],
      deep: { value: 42 },
    };
  }

  countTo(n) {
    return numbers(n);
  }

  bytesOf(total, chunk) {
    let from = 0;
    const pattern = Uint8Array.from({ length: PATTERN + chunk }, (_, i) => i % PATTERN);
    return new ReadableStream({
      pull(controller) {
        if (from >= total) {
          return controller.close();
        }
        const start = from % PATTERN;
        controller.enqueue(pattern.slice(start, start + Math.min(chunk, total - from)));
        from += chunk;
      },
    });
  }

  async collect(readable) {
    return Array.fromAsync(readable, keepStubs);
  }

  async sumBytes(readable) {
    let [length, sum] = [0, 0];
    for await (const chunk of readable) {
      length += chunk.length;
      sum += sumOf(chunk);
    }
    return { length, sum };
  }

  sink() {
    const { readable, writable } = new TransformStream();
    return { writable, result: this.collect(readable) };
  }

  async pump(writable, n) {
    await numbers(n).pipeTo(writable);
    return n;
  }

  slowSink(ms) {
    return new WritableStream({
      write: () => new Promise((resolve) => setTimeout(resolve, ms)),
    });
  }

  failingStream(n) {
    return numbers(n, new Error("stream boom"));
  }

  async echoBlob(blob) {
    return new Blob([await blob.bytes()], { type: blob.type });
  }

  async describeRequest(request) {
    const { method, url, headers } = request;
    return { method, url, headers: [...headers], body: await request.text() };
  }

  makeResponse(status, body) {
    return new Response(body, { status, headers: { "x-test": "topsail" } });
  }

  echoHeaders(headers) {
    return headers;
  }

  echoUrl(url) {
    return url;
  }

  ends() {
    return new Ends();
  }

  mapOnServer(list, callback) {
    return list().map((item) => callback(item));
  }
}

/** In a function of its own, which V8 optimizes as it does not a loop in an asynchronous one. */
function sumOf(bytes) {
  let sum = 0;
  for (let i = 0; i < bytes.length; i += 1) {
    sum += bytes[i];
  }
  return sum;
}

/** After so many bytes, `bytesOf` begins again. */
const PATTERN = 251;

/** A stream of 1 to n, which then ends, or fails with an error. */
function numbers(n, error) {
  let i = 0;
  return new ReadableStream({
    pull(controller) {
      if (i < n) {
        controller.enqueue((i += 1));
      } else if (error) {
        controller.error(error);
      } else {
        controller.close();
      }
    },
  });
}

class Counter extends RpcTarget {
  #value;

  constructor(value) {
    super();
    this.#value = value;
  }

  increment(amount = 1) {
    this.#value += amount;
    return this.#value;
  }

  get value() {
    return this.#value;
  }
}

class Tracked extends RpcTarget {
  #id;
  #onDispose;

  constructor(id, onDispose) {
    super();
    this.#id = id;
    this.#onDispose = onDispose;
  }

  id() {
    return this.#id;
  }

  [Symbol.dispose]() {
    this.#onDispose();
  }
}

/** Arguments are disposed of when a call ends, so stubs among them are duplicated to be given back. */
function keepStubs(value) {
  if (value instanceof RpcStub) {
    return value.dup();
  }
  if (Array.isArray(value)) {
    return value.map(keepStubs);
  }
  if (value !== null && typeof value === "object" && Object.getPrototypeOf(value) === Object.prototype) {
    for (const key in value) {
      value[key] = keepStubs(value[key]);
    }
  }
  return value;
}
