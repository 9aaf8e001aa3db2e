import { describe, expect, it } from "vitest";
import { connect, rawPost, SESSIONS } from "./connect.js";
import { rejection } from "./expectations.js";
import { shape } from "./shape.js";

const TEST_ERROR = shape(new RangeError("test error"));
const WITH_PROPS = shape(
  Object.assign(new TypeError("with props", { cause: new Error("inner") }), { code: "E_TEST", details: { at: 7 } }),
);

/** Rows of `[what, call, the error]`. */
const FAILURES = [
  ["throwError", (api) => api.throwError(), TEST_ERROR],
  ["throwWithProps", (api) => api.throwWithProps(), WITH_PROPS],
  ["fail", (api) => api.fail("no such room"), shape(new Error("no such room"))],
  ["fail with an empty message", (api) => api.fail(""), shape(new Error(""))],
  ["fail with text to escape", (api) => api.fail('a "b"\n😀'), shape(new Error('a "b"\n😀'))],
  ["a property of a failed call", (api) => api.throwError().some.property, TEST_ERROR],
  ["a call on a failed call", (api) => api.throwError().method(1), TEST_ERROR],
  ["a chain on a failed call", (api) => api.throwError().a(1).b.c(2), TEST_ERROR],
  ["a failed call as an argument", (api) => api.square(api.throwError()), TEST_ERROR],
  ["a failed call inside an argument", (api) => api.echo({ list: [1, api.throwWithProps()] }), WITH_PROPS],
  ["a failed call as an argument of an argument", (api) => api.square(api.add(1, api.throwError())), TEST_ERROR],
  ["the counter of a failed call", (api) => api.incrementCounter(api.throwError()), TEST_ERROR],
  ["a map over a failed call", (api) => api.throwError().map((x) => x), TEST_ERROR],
];

/** Rows of `[what, call]` that reject with a `TypeError` and a message that names what is missing. */
const MISSING = [
  ["noSuchMethod", (api) => api.noSuchMethod()],
  ["nothing", (api) => api.nested.deep.nothing()],
  ["value", (api) => api.nested.deep.value()],
  ["increment", (api) => api.square(2).increment()],
  ["square", (api) => api.echo("text").square(2)],
];

describe.each(SESSIONS)("errors over %s", (_, open) => {
  it.each(FAILURES)("%s", async (_what, call, error) => {
    using api = await open();
    const caught = await rejection(call(api));
    expect(shape(caught)).toStrictEqual(error);
  });

  it.each(MISSING)("%s is not a function", async (name, call) => {
    using api = await open();
    const caught = await rejection(call(api));
    expect(caught).toBeInstanceOf(TypeError);
    expect(caught.message).toContain(name);
  });

  it("a failed call leaves the others alone", async () => {
    using api = await open();
    const results = await Promise.allSettled([api.square(1), api.throwError(), api.square(2), api.fail("x")]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled", "rejected"]);
  });

  it("a property of undefined rejects, a property of null or of a number is undefined", async () => {
    using api = await open();
    const [ofUndefined, ofNull, ofNumber] = await Promise.allSettled([
      api.returnUndefined().property,
      api.returnNull().property,
      api.square(2).property,
    ]);
    expect(ofUndefined.status).toBe("rejected");
    expect(ofUndefined.reason).toBeInstanceOf(TypeError);
    expect(ofNull).toEqual({ status: "fulfilled", value: undefined });
    expect(ofNumber).toEqual({ status: "fulfilled", value: undefined });
  });
});

describe("errors on the wire", () => {
  it.each([
    ["fail", ["secret-free"], ["error", "Error", "secret-free"]],
    ["throwError", [], ["error", "RangeError", "test error"]],
  ])("%s says its class and message, and nothing else of the server", async (method, args, error) => {
    const body = [
      ["push", ["pipeline", 0, [method], args]],
      ["pull", 1],
    ].map((frame) => JSON.stringify(frame));
    expect((await rawPost(body.join("\n"))).frames).toEqual([["reject", 1, error]]);
  });

  it("throwWithProps has no stack, and its properties as expressions", async () => {
    const { frames } = await rawPost('["push",["pipeline",0,["throwWithProps"],[]]]\n["pull",1]');
    const props = { code: "E_TEST", details: { at: 7 }, cause: ["error", "Error", "inner"] };
    expect(frames).toEqual([["reject", 1, ["error", "TypeError", "with props", null, props]]]);
  });
});

describe("errors of callbacks", () => {
  it.each([
    ["a RangeError", new RangeError("from the client")],
    ["an error with properties", Object.assign(new TypeError("t", { cause: new Error("c") }), { code: 3 })],
    ["an AggregateError", new AggregateError([new Error("one")], "several")],
  ])("%s thrown by a callback comes back to the caller", async (_what, error) => {
    using api = await connect();
    const throwing = () => {
      throw error;
    };
    const rejecting = async () => {
      throw error;
    };
    for (const callback of [throwing, rejecting]) {
      const caught = await rejection(api.callFunction(callback, 1));
      expect(shape(caught)).toStrictEqual(shape(error));
    }
  });

  it("a value that is no error may be thrown", async () => {
    using api = await connect();
    const caught = await rejection(api.callFunction(() => Promise.reject("just text"), 1));
    expect(caught).toBe("just text");
  });
});
