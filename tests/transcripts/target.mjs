// The server's main object in every transcript: the calls, errors and capabilities of the conformance
// target. A Rust harness implements the same members, so what they return is fixed down to each value.

import { RpcStub, RpcTarget } from "capnweb";

export class Counter extends RpcTarget {
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

export class TestTarget extends RpcTarget {
  // Public on purpose: reading it over RPC is the error of an instance property.
  instanceProperty = "private to the server";

  #kept;
  #log = [];

  square(i) {
    return i * i;
  }

  add(a, b) {
    return a + b;
  }

  greet(name, punctuation = "!") {
    return `Hello, ${name}${punctuation}`;
  }

  returnUndefined() {
    return undefined;
  }

  returnNull() {
    return null;
  }

  generateFibonacci(n) {
    const numbers = [0, 1];
    while (numbers.length < n) numbers.push(numbers.at(-1) + numbers.at(-2));
    return numbers.slice(0, n);
  }

  echo(value) {
    return own(value);
  }

  range(n) {
    return Array.from({ length: n }, (_, i) => i);
  }

  throwError() {
    throw new RangeError("test error");
  }

  throwWithProps() {
    const error = new TypeError("with props", { cause: new Error("inner") });
    throw Object.assign(error, { code: "E_TEST", details: { at: 7 } });
  }

  makeCounter(i) {
    return new Counter(i);
  }

  incrementCounter(counter, amount = 1) {
    return counter.increment(amount);
  }

  // Not awaited: the promise itself becomes part of the result.
  callSquare(self, i) {
    return { result: self.square(i) };
  }

  async callFunction(f, i) {
    return { result: await f(i) };
  }

  callTwice(f, i) {
    return [f(i), f(i + 1)];
  }

  keep(capability) {
    this.dropKept();
    this.#kept = capability.dup();
  }

  callKept(...args) {
    if (!this.#kept) throw new Error("nothing is kept");
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
    return [
      { name: "ada", counter: new Counter(10) },
      { name: "ben", counter: new Counter(20) },
      { name: "cyd", counter: new Counter(30) },
    ];
  }

  log(entry) {
    this.#log.push(entry);
  }

  logged() {
    return [...this.#log];
  }

  countTo(n) {
    return streamOf(upTo(n));
  }

  failingStream(n) {
    return streamOf(upTo(n), new Error("stream boom"));
  }

  bytesOf(total, chunk) {
    return streamOf(chunked(total, chunk));
  }

  // Each chunk is a capability.
  countersOf(n) {
    return streamOf(Array.from({ length: n }, (_, i) => new Counter(i)));
  }

  async collect(readable) {
    return await Array.fromAsync(readable);
  }

  async collectAll(readables) {
    const all = [];
    for (const readable of readables) all.push(await Array.fromAsync(readable));
    return all;
  }

  // The first n chunks; what comes then is not wanted.
  async take(readable, n) {
    const reader = readable.getReader();
    const chunks = [];
    while (chunks.length < n) chunks.push((await reader.read()).value);
    reader.cancel(new RangeError("enough")).catch(() => {});
    return chunks;
  }

  async callChunks(readable, i) {
    const results = [];
    for await (const f of readable) {
      results.push(f(i));
      f[Symbol.dispose]();
    }
    return results;
  }

  sink() {
    return this.#sink(Infinity);
  }

  // Refuses its chunk number n, counted from 1.
  fullSink(n) {
    return this.#sink(n);
  }

  // What becomes of the stream is logged.
  #sink(refused) {
    let count = 0;
    return new WritableStream({
      write: (chunk) => {
        count += 1;
        if (count === refused) throw new RangeError("full");
        this.#log.push(chunk);
      },
      close: () => void this.#log.push("closed"),
      abort: (reason) => void this.#log.push(reason),
    });
  }

  async pump(writable, n) {
    const writer = writable.getWriter();
    for (let i = 1; i <= n; i++) await writer.write(i);
    await writer.close();
    return n;
  }

  async pumpAndAbort(writable, n) {
    const writer = writable.getWriter();
    for (let i = 1; i <= n; i++) await writer.write(i);
    await writer.abort(new RangeError("given up"));
    return n;
  }

  // Of a blob, a request or a response.
  async bodyText(of) {
    return await of.text();
  }

  makeBlob(text, type) {
    return new Blob([text], { type });
  }

  makeRequest(url, body) {
    return new Request(url, { method: "POST", body, headers: { "content-type": "x/y" } });
  }

  makeResponse(status, body) {
    return new Response(body, { status, headers: { "content-type": "x/y" } });
  }

  get nested() {
    return {
      square: (i) => i * i,
      counter: new Counter(5),
      list: [1, 2, 3],
      deep: { value: 42 },
    };
  }
}

/**
 * A stream of chunks, which then ends, or fails with an error. It is made by the constructor: what
 * `ReadableStream.from` gives in Node.js the package does not take.
 */
export function streamOf(chunks, error) {
  const rest = [...chunks];
  return new ReadableStream({
    pull(controller) {
      if (rest.length > 0) controller.enqueue(rest.shift());
      else if (error) controller.error(error);
      else controller.close();
    },
  });
}

export const upTo = (n) => Array.from({ length: n }, (_, i) => i + 1);

/** The bytes 0, 1, … in chunks. */
function chunked(total, chunk) {
  const chunks = [];
  for (let from = 0; from < total; from += chunk) {
    chunks.push(Uint8Array.from({ length: Math.min(chunk, total - from) }, (_, i) => from + i));
  }
  return chunks;
}

/** The value with every stub in it duplicated: the package disposes of the ones it gave to a method. */
function own(value) {
  if (value instanceof RpcStub) return value.dup();
  if (Array.isArray(value)) return value.map(own);
  if (!isPlainObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, own(member)]));
}

function isPlainObject(value) {
  return typeof value === "object" && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
