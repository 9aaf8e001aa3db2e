import { DurableObject, RpcTarget } from "cloudflare:workers";
import { Counter } from "./counter.js";
import { Ends } from "./js_ends.js";
import { make } from "./values.js";

/** Values with tracked targets in them, by name. */
const SHAPES = {
  pair: (track) => [track(), track()],
  twice: (track) => Array(2).fill(track()),
  behindNumber: (track) => [42, track()],
  inside: (track) => [{ tracked: track() }, track()],
  refused: (track) => [track(), new Float16Array([1])],
  forbidden: (track) => ({ toJSON: track(), tracked: track() }),
  inError: (track) => [track(), Object.assign(new Error("cut"), { list: [track(), new Float16Array([1])] })],
};

/** A native Durable Object, behind the binding `JS_ROOM`. */
export class JsRoom extends DurableObject {
  #value;
  #callback;
  #disposals = 0;

  setValue(value) {
    this.#value = value;
  }

  getValue() {
    return this.#value;
  }

  /** Keeps a duplicate of the callback in place of an earlier one: the argument itself ends with this call. */
  subscribe(callback) {
    this.#callback?.[Symbol.dispose]();
    this.#callback = callback.dup();
  }

  /** The kept callback's answer. */
  async notify(value) {
    if (!this.#callback) throw new Error("nobody has subscribed");
    return await this.#callback(value);
  }

  /** With V8's flag `--expose-gc`. */
  collectGarbage() {
    globalThis.gc();
  }

  async callCounter(counter) {
    return await counter.increment();
  }

  makeCounter(value) {
    return new Counter(value);
  }

  getMap() {
    return new Map([[1, "a"], [2, "b"]]);
  }

  getSet() {
    return new Set([1, 2, 3]);
  }

  /** The first moment of 2026. */
  getDate() {
    return new Date(Date.UTC(2026, 0, 1));
  }

  getBytes() {
    return new Uint8Array([1, 2, 3]);
  }

  fail() {
    throw new RangeError("js boom");
  }

  /** Errors with all that errors can have. */
  failWithProps() {
    throw Object.assign(new TypeError("js props", { cause: new Error("js inner") }), { code: "E_JS", details: { at: 7 } });
  }

  /** What is thrown is no error. */
  failPlainly() {
    throw { code: 7 };
  }

  /** What is thrown is no error, cannot be sent, and has no text. */
  failOddly() {
    throw { toString: 1, array: new Float16Array(1) };
  }

  /** One of the values of `values.js`. */
  make(name) {
    return make(name);
  }

  echo(value) {
    return value;
  }

  /** What a function answers to a value of `values.js`. */
  async giveMade(f, name) {
    return await f(make(name));
  }

  /** The class of what arrived, as JavaScript has it. */
  tagOf(value) {
    return Object.prototype.toString.call(value).slice(8, -1);
  }

  /** A target that counts among `disposals()` once nobody has it any more. */
  makeTracked() {
    return new Tracked(() => (this.#disposals += 1));
  }

  disposals() {
    return this.#disposals;
  }

  /** A list of tracked targets, made for each who reads it. */
  get trackedPair() {
    return SHAPES.pair(() => this.makeTracked());
  }

  /** Tracked targets in a value of `SHAPES`, after some milliseconds. */
  async makeShape(name, ms) {
    await scheduler.wait(ms);
    return SHAPES[name](() => this.makeTracked());
  }

  /** Gives a Rust object a tracked target beside what cannot be sent; gives why that rejects. */
  async giveRefused(name) {
    const rust = this.env.FACE.getByName(name);
    return await rust.echo(this.makeTracked(), new Float16Array([1])).catch(({ message }) => message);
  }

  /** A target whose getters give data and capabilities. */
  makeNested() {
    return new Nested();
  }

  unsubscribe() {
    this.#callback?.[Symbol.dispose]();
    this.#callback = undefined;
  }

  /** Calls a Rust object natively: the class it is bound as, and what of it. */
  async useRust(binding, name) {
    const rust = name === undefined ? this.env[binding] : this.env[binding].getByName(name);
    const counter = rust.makeCounter(3);
    const heard = [];
    await rust.subscribe((value) => heard.push(value));
    const notified = await rust.notify("news").catch(({ message }) => message);
    const error = await rust.fail().catch(({ name, message, code, cause }) => [name, message, code, cause.message]);
    return {
      greeting: await rust.greet("JS"),
      answer: await rust.answer,
      counted: await Promise.all([counter.increment(), counter.increment(2), counter.value]),
      own: await rust.callCounter(new Counter(9)),
      echoed: await rust.echo({ date: new Date(0), list: [1n, undefined] }),
      error,
      notified,
      heard,
    };
  }

  /** Ends of streams that go by scripts. */
  ends() {
    return new Ends();
  }

  /** All bytes of a stream, as a text. */
  async readAll(readable) {
    return await new Response(readable).text();
  }

  /** Writes texts into a stream, and closes it. */
  async writeAll(writable, texts) {
    const writer = writable.getWriter();
    for (const text of texts) await writer.write(new TextEncoder().encode(text));
    await writer.close();
  }

  /** What is written to it can be read from `collected`. */
  sink() {
    const { readable, writable } = new IdentityTransformStream();
    this.collected = new Response(readable).text();
    return writable;
  }

  async takeCollected() {
    return await this.collected;
  }

  /** A stream that fails after a chunk. */
  failingStream() {
    let isFirst = true;
    return new ReadableStream({
      type: "bytes",
      pull(controller) {
        if (!isFirst) throw new RangeError("stream boom");
        isFirst = false;
        controller.enqueue(new Uint8Array([1]));
      },
    });
  }

  /** Answers when the object ends: it rejects. */
  hang() {
    return new Promise(() => {});
  }

  /** Ends this object: whoever calls it from now on is rejected. */
  abort() {
    this.ctx.abort(new Error("js room aborted"));
  }

  /** `count` chunks of one byte each: 0, 1, 2, … */
  stream(count) {
    let next = 0;
    return new ReadableStream({
      type: "bytes",
      pull(controller) {
        if (next === count) {
          controller.close();
          controller.byobRequest?.respond(0);
        } else {
          controller.enqueue(new Uint8Array([next++]));
        }
      },
    });
  }
}

class Tracked extends RpcTarget {
  #onDispose;

  constructor(onDispose) {
    super();
    this.#onDispose = onDispose;
  }

  ping() {
    return "pong";
  }

  [Symbol.dispose]() {
    this.#onDispose();
  }
}

class Nested extends RpcTarget {
  get list() {
    return [1, 2, 3];
  }

  get deep() {
    return { value: 42, counter: new Counter(5) };
  }
}
