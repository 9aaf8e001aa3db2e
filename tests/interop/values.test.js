import { describe, expect, it } from "vitest";
import { rawPost, rawSocket, SESSIONS } from "./connect.js";
import { shape } from "./shape.js";
import { OBJECTS, UNKNOWN_ERROR, VALUES } from "./values.js";

describe.each(SESSIONS)("values over %s", (_, open) => {
  it.each(VALUES)("echo gives back %s", async (_name, value) => {
    using api = await open();
    expect(shape(await api.echo(value))).toStrictEqual(shape(value));
  });

  it.each(VALUES)("echo gives back an object and an array with %s inside", async (_name, value) => {
    const holder = { a: value, list: [value, { value }] };
    using api = await open();
    expect(shape(await api.echo(holder))).toStrictEqual(shape(holder));
  });

  it.each(VALUES)("typeOf knows %s", async (_name, value, type) => {
    using api = await open();
    expect(await api.typeOf(value)).toBe(type);
  });

  it.each(OBJECTS)("countKeys of %s", async (_name, object, count) => {
    using api = await open();
    expect(await api.countKeys(object)).toBe(count);
  });

  it("typeOf knows stubs", async () => {
    using api = await open();
    const types = [api.typeOf(() => 1), api.typeOf(api.self()), api.typeOf(api.square), api.typeOf(api.nested.counter)];
    expect(await Promise.all(types)).toEqual(["stub", "stub", "stub", "stub"]);
  });

  it("an error of an unknown class arrives as an Error", async () => {
    using api = await open();
    const error = await api.echo(UNKNOWN_ERROR);
    expect(error).toBeInstanceOf(Error);
    expect(error.message).toBe("custom");
    expect(error.code).toBe(7);
  });

  it("what an error cannot carry is left out of it", async () => {
    using api = await open();
    const error = await api.echo(Object.assign(new Error("e"), { symbol: Symbol("s"), kept: 1 }));
    expect(shape(error)).toStrictEqual(shape(Object.assign(new Error("e"), { kept: 1 })));
  });
});

/** Expressions as they are written on the wire, and the expressions that echo must answer with. */
const EXPRESSIONS = [
  [[["a", [["b"]]]]],
  [[[]]],
  [["undefined"]],
  [["inf"]],
  [["-inf"]],
  [["nan"]],
  [["bigint", "-12345678901234567890"]],
  [["date", 1749342170815]],
  [["date", null]],
  [["bytes", "AAEC/w"]],
  [
    ["bytes", "AAEC/w=="],
    ["bytes", "AAEC/w"],
  ],
  [["bytes", ""]],
  [["bytes", "AAEC/w", "ArrayBuffer"]],
  [["bytes", "AACAPw", "Float32Array"]],
  [["error", "RangeError", "no"]],
  [["error", "RangeError", "no", null, { code: [["x"]] }]],
  [["error", "Error", "no", null, { cause: ["error", "TypeError", "inner"] }]],
  [
    ["error", "Error", "no", null, { toString: 1, toJSON: 2, message: "other", kept: 1 }],
    ["error", "Error", "no", null, { kept: 1 }],
  ],
  [["url", "https://example.com/path?q=1"]],
  [{ a: ["undefined"], b: [[["nan"]]] }],
  ["\ud83d\ude00"],
  [1e21],
  [1e-7],
];

describe("expressions on the wire", () => {
  it.each(EXPRESSIONS)("echo of %j", async (expression, answer = expression) => {
    const { frames } = await rawPost(lines(["push", ["pipeline", 0, ["echo"], [expression]]], ["pull", 1]));
    expect(frames).toEqual([["resolve", 1, answer]]);
  });

  it.each([
    ['{"__proto__": 1, "a": 2}', 1],
    ['{"__proto__": {"x": 1}, "__defineGetter__": 1, "toJSON": {}, "a": 2, "b": 3}', 2],
    ['{"constructor": ["undefined"], "isPrototypeOf": [[]], "toLocaleString": 0}', 0],
  ])("names of Object.prototype are dropped from %s", async (object, count) => {
    using socket = await rawSocket();
    socket.send(`["push", ["pipeline", 0, ["countKeys"], [${object}]]]`, ["pull", 1]);
    expect(await socket.next()).toEqual(["resolve", 1, count]);
  });

  it("whitespace between tokens and escaped text mean the same", async () => {
    using socket = await rawSocket();
    socket.send(' [ "p\\u0075sh" , [ "pipeline" , 0 , [ "ech\\u006f" ] , [ "\\u0041\\/" ] ] ] ', '\t["pull",\r\n1]');
    expect(await socket.next()).toEqual(["resolve", 1, "A/"]);
  });
});

function lines(...frames) {
  return frames.map((frame) => JSON.stringify(frame)).join("\n");
}
