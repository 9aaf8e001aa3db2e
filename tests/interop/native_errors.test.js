/** Errors of the far side on the wire, where a stack would stand between the message and the properties. */
import { describe, expect, inject, it } from "vitest";
import { rawSocket } from "./connect.js";

const newName = () => `errors-${crypto.randomUUID()}`;

const JS_PROPS = { code: "E_JS", details: { at: 7 }, cause: ["error", "Error", "js inner"] };
const RUST_PROPS = { code: "E_TEST", details: { at: 7 }, cause: ["error", "Error", "inner"] };

/** What is failed: the method that gives the object, and that of it which fails. */
const ERRORS = [
  ["a JavaScript object's", "getDurableObject", "fail", ["error", "RangeError", "js boom"]],
  ["a JavaScript object's with all it can have", "getDurableObject", "failWithProps", ["error", "TypeError", "js props", null, JS_PROPS]],
  ["a JavaScript object's that is none", "getDurableObject", "failPlainly", { code: 7 }],
  ["a JavaScript object's that has no text", "getDurableObject", "failOddly", ["error", "Error", "what was thrown has no text"]],
  ["a Rust object's by native RPC", "getFace", "fail", ["error", "TypeError", "with props", null, RUST_PROPS]],
  ["a Rust object's in a session", "getRoom", "nope", ["error", "TypeError", "'nope' is not a function."]],
];

describe.skipIf(inject("server") === "reference")("errors of the far side", () => {
  it.each(ERRORS)("%s", async (_what, get, fail, error) => {
    using socket = await rawSocket();
    socket.send(["push", ["pipeline", 0, [get], [newName()]]], ["push", ["pipeline", 1, [fail], []]], ["pull", 2]);
    expect(await socket.answerTo(2)).toEqual(["reject", 2, error]);
  });

  it.each(["getDurableObject", "getFace"])("what a client's callback throws, kept by an object of %s", async (get) => {
    using socket = await rawSocket();
    const subscribe = ["pipeline", 1, ["subscribe"], [["export", -1]]];
    socket.send(["push", ["pipeline", 0, [get], [newName()]]], ["push", subscribe], ["pull", 2]);
    await socket.answerTo(2);
    socket.send(["push", ["pipeline", 1, ["notify"], [5]]], ["pull", 3]);
    const stack = "at secret";
    // The marks of the runtime's own errors are not the client's to set.
    const marks = { remote: true, durableObjectReset: true, durableObjectId: "x" };
    const thrown = ["error", "RangeError", "client boom", stack, { code: 7, cause: ["error", "Error", "x", stack], ...marks }];
    let asked;
    do asked = await socket.next();
    while (asked[0] !== "pull");
    socket.send(["reject", asked[1], thrown]);
    const props = { code: 7, cause: ["error", "Error", "x"] };
    expect(await socket.answerTo(3)).toEqual(["reject", 3, ["error", "RangeError", "client boom", null, props]]);
  });
});
