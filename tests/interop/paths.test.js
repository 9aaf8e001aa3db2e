import { describe, expect, it } from "vitest";
import { connect, rawSocket, SESSIONS } from "./connect.js";
import { beyondReference } from "./expectations.js";

/** Rows of `[path as a client writes it, read, the value]`. */
const PROPERTIES = [
  ["nested.deep", (api) => api.nested.deep, { value: 42 }],
  ["nested.deep.value", (api) => api.nested.deep.value, 42],
  ["nested.list", (api) => api.nested.list, [1, 2, 3]],
  ["nested.counter.value", (api) => api.nested.counter.value, 0],
  ["a getter of a result", (api) => api.makeCounter(6).value, 6],
  ["a property of a result", (api) => api.callSquare(api.self(), 3).result, 9],
  ["a property of a nested result", (api) => api.echo({ a: { b: { c: [7] } } }).a.b.c, [7]],
  ["an unknown member of a target", (api) => api.noSuchMember, undefined],
  ["an unknown property of an object", (api) => api.nested.deep.nothing, undefined],
  ["an unknown member of a counter", (api) => api.makeCounter(1).nothing, undefined],
  ["the length of an array", (api) => api.nested.list.length, undefined],
  ["a property of a number", (api) => api.nested.deep.value.more, undefined],
  ["a property of a string", (api) => api.echo("text").length, undefined],
  ["a property of a date", (api) => api.echo(new Date(1)).getTime, undefined],
  ["a property of an error", (api) => api.echo(new Error("e")).message, undefined],
  ["a property of bytes", (api) => api.echo(Uint8Array.of(1)).length, undefined],
];

describe.each(SESSIONS)("property paths over %s", (_, open) => {
  it.each(PROPERTIES)("%s", async (_what, read, value) => {
    using api = await open();
    expect(await read(api)).toStrictEqual(value);
  });

  it("methods anywhere on a path are called with their own this", async () => {
    using api = await open();
    const calls = [api.nested.square(7), api.nested.counter.increment(2), api.self().self().add(1, 2)];
    expect(await Promise.all(calls)).toEqual([49, 2, 3]);
  });

  it("methods and functions are values", async () => {
    using api = await open();
    const calls = [
      api.callFunction(api.square, 4),
      api.callFunction(api.nested.square, 6),
      api.callTwice(api.range, 1),
    ];
    expect(await Promise.all(calls)).toEqual([{ result: 16 }, { result: 36 }, [[0], [0, 1]]]);
  });
});

describe("methods as values over websocket", () => {
  it("a method taken off its target still works", async () => {
    using api = await connect();
    using square = await api.square;
    expect(await square(5)).toBe(25);
    expect(await square(6)).toBe(36);
  });

  beyondReference("a method taken off its target keeps its this", async () => {
    using api = await connect();
    using increment = await api.makeCounter(1).increment;
    expect(await increment(2)).toBe(3);
    expect(await increment()).toBe(4);
  });

  it("getters show the state of their target at the time", async () => {
    using api = await connect();
    using counter = await api.makeCounter(3);
    expect(await counter.value).toBe(3);
    await counter.increment(4);
    expect(await counter.value).toBe(7);
  });
});

/** Rows of `[path on the wire, its answer]`, of a `get` of the main object. */
const RAW_GETS = [
  [["nested", "list", 0], 1],
  [["nested", "list", 2], 3],
  [["nested", "list", 3], ["undefined"]],
  [["nested", "list", -1], ["undefined"]],
  [["nested", "list", 0.5], ["undefined"]],
  [["nested", "list", "1"], ["undefined"]],
  [["nested", "list", "length"], ["undefined"]],
  [["nested", "list", "map"], ["undefined"]],
  [["nested", "deep", 0], ["undefined"]],
  [["nested", "deep", "value"], 42],
  [["nested", "deep", "value", "toFixed"], ["undefined"]],
  [["constructor"], ["undefined"]],
  [["toString"], ["undefined"]],
  [["hasOwnProperty"], ["undefined"]],
  [["__proto__"], ["undefined"]],
  [["__defineGetter__"], ["undefined"]],
  [["nested", "constructor"], ["undefined"]],
  [["nested", "deep", "__proto__"], ["undefined"]],
  [["nested", "deep", "valueOf"], ["undefined"]],
  [["nested", "list", "constructor"], ["undefined"]],
  [["nested", "square", "constructor"], ["undefined"]],
  [["nested", "square", "call"], ["undefined"]],
  [["nested", "counter", "isPrototypeOf"], ["undefined"]],
  [[0], ["undefined"]],
  [[""], ["undefined"]],
];

/** Paths on the wire whose call must fail without harm. */
const RAW_CALLS = [
  ["constructor"],
  ["toString"],
  ["hasOwnProperty"],
  ["__proto__"],
  ["__defineGetter__"],
  ["constructor", "constructor"],
  ["__proto__", "square"],
  ["nested", "list", "push"],
  ["nested", "list", 0],
  ["nested", "deep", "constructor"],
  ["nested", "square", "apply"],
  ["nested", "square", "bind"],
  ["nested"],
  ["Square"],
  ["then"],
  ["", "square"],
  [0],
];

describe("paths on the wire", () => {
  it.each(RAW_GETS)("get %j", async (path, answer) => {
    using socket = await rawSocket();
    expect(await socket.ask(1, ["pipeline", 0, path])).toEqual(["resolve", 1, answer]);
  });

  it.each(RAW_CALLS.map((path) => [path]))("call %j rejects with a TypeError", async (path) => {
    using socket = await rawSocket();
    const [verb, id, error] = await socket.ask(1, ["pipeline", 0, path, [1]]);
    expect([verb, id, error.slice(0, 2)]).toEqual(["reject", 1, ["error", "TypeError"]]);
    expect(await socket.ask(2, ["pipeline", 0, ["square"], [3]])).toEqual(["resolve", 2, 9]);
  });

  it("an empty path gives the main object itself", async () => {
    using socket = await rawSocket();
    const [verb, id, expression] = await socket.ask(1, ["pipeline", 0, []]);
    expect([verb, id, expression[0]]).toEqual(["resolve", 1, "export"]);
    expect(expression[1]).toBeLessThan(0);
  });

  it("an import expression is answered like a pipeline expression", async () => {
    using socket = await rawSocket();
    expect(await socket.ask(1, ["import", 0, ["square"], [4]])).toEqual(["resolve", 1, 16]);
  });
});
