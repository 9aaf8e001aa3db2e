import { RpcStub } from "capnweb";
import { describe, expect, it } from "vitest";
import { connect, SESSIONS } from "./connect.js";
import { beyondReference } from "./expectations.js";

/** Rows of `[what, call, result]`. */
const PIPELINES = [
  ["a call on a result", (api) => api.makeCounter(4).increment(3), 7],
  ["a getter of a result", (api) => api.makeCounter(4).value, 4],
  ["a call on a property of a result", (api) => api.nested.counter.increment(5), 5],
  ["a result as an argument", (api) => api.square(api.square(3)), 81],
  ["two results as arguments", (api) => api.add(api.square(2), api.square(3)), 13],
  ["a property of a result as an argument", (api) => api.square(api.nested.deep.value), 1764],
  ["a result inside an array", (api) => api.echo([1, api.square(2), [api.square(3)]]), [1, 4, [9]]],
  [
    "a result inside an object",
    (api) => api.echo({ a: api.square(2), b: { c: api.nested.list } }),
    { a: 4, b: { c: [1, 2, 3] } },
  ],
  ["a result inside an array inside an object", (api) => api.echo({ a: [{ b: api.add(1, 2) }] }), { a: [{ b: 3 }] }],
  ["the same result twice", (api) => api.callSquare(api.self(), 2).result.then((r) => [r, r]), [4, 4]],
  ["the type of a result", (api) => api.typeOf(api.range(2)), "array"],
  ["the keys of a result", (api) => api.countKeys(api.echo({ a: 1, b: api.square(2) })), 2],
  ["undefined as an argument", (api) => api.typeOf(api.returnUndefined()), "undefined"],
  ["null as an argument", (api) => api.typeOf(api.returnNull()), "null"],
  ["a target as an argument", (api) => api.incrementCounter(api.makeCounter(1), 9), 10],
  ["a target as an argument, and its default", (api) => api.incrementCounter(api.makeCounter(1)), 2],
  ["a target of a property as an argument", (api) => api.incrementCounter(api.nested.counter, 3), 3],
  ["the main object as an argument", (api) => api.callSquare(api.self(), 5), { result: 25 }],
  ["a promise inside a result", (api) => api.callSquare(api.self(), 6).result, 36],
  ["a function of a result", (api) => api.callFunction(api.nested.square, 7).result, 49],
  ["two promises inside a result", (api) => api.callTwice(api.square, 3), [9, 16]],
  ["a call on an echoed target", (api) => api.echo(api.makeCounter(2)).increment(), 3],
  ["a call on a target inside an echoed object", (api) => api.echo({ c: api.makeCounter(2) }).c.increment(2), 4],
  ["a call on a function inside an echoed object", (api) => api.echo({ f: api.square }).f(8), 64],
];

describe.each(SESSIONS)("pipelining over %s", (_, open) => {
  it.each(PIPELINES)("%s", async (_what, call, result) => {
    using api = await open();
    expect(await call(api)).toStrictEqual(result);
  });

  it("one result serves many calls", async () => {
    using api = await open();
    const counter = api.makeCounter(0);
    const calls = Array.from({ length: 20 }, () => counter.increment());
    expect(await Promise.all(calls)).toEqual(calls.map((_unused, i) => i + 1));
  });

  it("a result is shared by arguments of several calls", async () => {
    using api = await open();
    const nine = api.square(3);
    expect(await Promise.all([api.add(nine, 1), api.add(nine, nine), api.echo([nine, nine]), nine])).toEqual([
      10,
      18,
      [9, 9],
      9,
    ]);
  });

  it("a chain of 200 arguments", async () => {
    using api = await open();
    let sum = api.square(0);
    for (let i = 1; i <= 200; i += 1) {
      sum = api.add(sum, i);
    }
    expect(await sum).toBe(20_100);
  });

  it("a chain of 200 targets", async () => {
    using api = await open();
    let self = api.self();
    for (let i = 1; i < 200; i += 1) {
      self = self.self();
    }
    expect(await self.square(9)).toBe(81);
  });

  it("promises that nobody awaits are calls all the same", async () => {
    using api = await open();
    api.log("never awaited");
    api.self().log("never awaited, on a promise");
    api.makeCounter(api.square(2)).increment(1);
    expect(await api.logged()).toEqual(["never awaited", "never awaited, on a promise"]);
  });

  it("a failure that nobody awaits disturbs nothing", async () => {
    using api = await open();
    api.throwError();
    api.throwError().foo(api.fail("unseen"));
    expect(await api.square(2)).toBe(4);
  });
});

describe.each(SESSIONS)("order of calls over %s", (_, open) => {
  it("calls arrive in the order they were made", async () => {
    using api = await open();
    const entries = Array.from({ length: 100 }, (_unused, i) => i);
    const calls = entries.map((entry) => api.log(entry));
    const [logged] = await Promise.all([api.logged(), ...calls]);
    expect(logged).toEqual(entries);
  });

  it("calls on one promise arrive in the order they were made", async () => {
    using api = await open();
    const self = api.self();
    const entries = Array.from({ length: 20 }, (_unused, i) => i);
    entries.forEach((entry) => self.log(entry));
    expect(await self.logged()).toEqual(entries);
  });
});

describe("order across a resolution", () => {
  it("calls on a promise come before calls on what it became", async () => {
    using api = await connect();
    const promise = api.self();
    promise.log(1);
    promise.log(2);
    using self = await promise;
    self.log(3);
    self.log(4);
    expect(await self.logged()).toEqual([1, 2, 3, 4]);
  });

  it("calls wait in order for a promise that resolves late", async () => {
    using api = await connect();
    using self = await api.self();
    const { promise: gate, resolve: release } = Promise.withResolvers();
    const late = api.callFunction(() => gate, 0).result.self;
    late.log("a");
    late.log("b");
    await api.log("before");
    release({ self });
    await late.log("c");
    expect(await api.logged()).toEqual(["before", "a", "b", "c"]);
  });

  beyondReference("calls wait in order for a promise that becomes a stub late", async () => {
    using api = await connect();
    using self = await api.self();
    const { promise: gate, resolve: release } = Promise.withResolvers();
    const late = api.callFunction(() => gate, 0);
    late.result.log("a");
    late.result.log("b");
    await api.log("before");
    release(self.dup());
    using resolved = await late;
    resolved.result.log("c");
    await resolved.result.log("d");
    expect(await api.logged()).toEqual(["before", "a", "b", "c", "d"]);
  });

  it("callbacks are called in the order of the calls that call them", async () => {
    using api = await connect();
    const seen = [];
    using callback = new RpcStub((i) => {
      seen.push(i);
    });
    await Promise.all(Array.from({ length: 20 }, (_unused, i) => api.callFunction(callback, i)));
    expect(seen).toEqual(Array.from({ length: 20 }, (_unused, i) => i));
  });
});
