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

  get nested() {
    return {
      square: (i) => i * i,
      counter: new Counter(5),
      list: [1, 2, 3],
      deep: { value: 42 },
    };
  }
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
