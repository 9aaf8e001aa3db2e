/** Paths into native values that are not there yet, and of what native stubs have of their own. */
import { describe, expect, inject, it } from "vitest";
import { connect, rawSocket, SESSIONS } from "./connect.js";
import { rejection } from "./expectations.js";

// The reference has no paths into arrays: it takes an index, which a client sends as a text, for a name.
const isReference = inject("server") === "reference";

const newName = () => `paths-${crypto.randomUUID()}`;

/** Rows of `[what, read, the value]`. */
const IN_ARRAYS = [
  ["a property of an object", (array) => array[1].data, { k: ["x"] }],
  ["a property of a property", (array) => array[1].data.k, ["x"]],
  ["a missing property", (array) => array[1].nothing, undefined],
  ["a property of a number", (array) => array[0].toFixed, undefined],
  ["the call of a capability", (array) => array[2].increment(2), 3],
  ["a getter of a capability", (array) => array[2].value, 1],
  ["the call of a capability of an object", (array) => array[1].c.increment(2), 5],
  ["the call of a function", (array) => array[3](4), 16],
];

/** Rows of `[what, read, the message]`. */
const NOT_IN_ARRAYS = [
  ["a call of what is missing", (array) => array[1].nothing(1), "'nothing' is not a function."],
  ["a call of a number", (array) => array[0](1), "'0' is not a function."],
  ["a property of what is missing", (array) => array[7].k, "Cannot read properties of undefined (reading 'k')"],
];

describe.skipIf(isReference).each(SESSIONS)("lists of native objects over %s", (_, open) => {
  it.each(IN_ARRAYS)("%s in an array is reached before it is there", async (_what, read, value) => {
    using api = await open();
    const array = [5, { c: api.makeCounter(3), data: { k: ["x"] } }, api.makeCounter(1), api.square];
    const echoed = api.getDurableObject(newName()).echo(array);
    expect(await Promise.all([echoed[0], read(echoed)])).toEqual([5, value]);
  });

  it.each(NOT_IN_ARRAYS)("%s in an array is refused by name", async (_what, read, message) => {
    using api = await open();
    const error = await rejection(read(api.getDurableObject(newName()).echo([5, { k: 3 }])));
    expect([error.constructor, error.message]).toEqual([TypeError, message]);
  });
});

const ROOM = ["pipeline", 1, []];
const RESULT = ["pipeline", 1, ["echo"], [[[5]]]];

/** Rows of `[of what, its expression, a path]`: what is the runtime's own and no application's. */
const OWN = [
  ["a Durable Object", ROOM, ["name"]],
  ["a Durable Object", ROOM, ["id"]],
  ["a Durable Object", ROOM, ["then"]],
  ["a result", RESULT, ["then"]],
  ["a result", RESULT, ["finally"]],
  ["an element of a result", RESULT, [0, "then"]],
  ["an element of a result", RESULT, [0, "catch"]],
];

/** Rows of `[of what, its expression, the name of a method]`. */
const OWN_METHODS = [
  ["a Durable Object", ROOM, "fetch"],
  ["a target that is there", ["pipeline", 1, ["makeCounter"], [1]], "dup"],
];

describe.skipIf(isReference)("what a native stub has of its own", () => {
  it.each(OWN)("%s, %j, has no %j", async (_what, expression, path) => {
    using socket = await rawSocket();
    socket.send(["push", ["pipeline", 0, ["getDurableObject"], [newName()]]], ["push", expression]);
    expect(await socket.ask(3, ["pipeline", 2, path])).toEqual(["resolve", 3, ["undefined"]]);
    const refused = ["error", "TypeError", `'${path.at(-1)}' is not a function.`];
    expect(await socket.ask(4, ["pipeline", 2, path, [1]])).toEqual(["reject", 4, refused]);
  });

  it.each(OWN_METHODS)("%s, %j, shows nothing of %s", async (_what, expression, name) => {
    using socket = await rawSocket();
    socket.send(["push", ["pipeline", 0, ["getDurableObject"], [newName()]]]);
    await socket.ask(2, expression);
    expect(await socket.ask(3, ["pipeline", 2, [name]])).toEqual(["resolve", 3, ["undefined"]]);
    const [kind, , [, , message]] = await socket.ask(4, ["pipeline", 2, [name, "bind"], [1]]);
    expect([kind, message]).toEqual(["reject", "Cannot read properties of undefined (reading 'bind')"]);
  });

  it("a property of what it has not is none", async () => {
    using socket = await rawSocket();
    socket.send(["push", ["pipeline", 0, ["getDurableObject"], [newName()]]]);
    const [kind, , [, , message]] = await socket.ask(2, ["pipeline", 1, ["then", "name"]]);
    expect([kind, message]).toEqual(["reject", "Cannot read properties of undefined (reading 'name')"]);
  });
});

/** Rows of `[what, a value]`: no lists, though JavaScript has an element of them. */
const NO_LISTS = [
  ["a text", "abc"],
  ["bytes", Uint8Array.of(7)],
  ["null", null],
];

describe.skipIf(isReference).each(NO_LISTS)("%s of a native object", (_what, value) => {
  it("has no elements before it is there, as after", async () => {
    using api = await connect();
    const echoed = api.getDurableObject(newName()).echo(value);
    const before = await echoed[0];
    const after = await api.echo(value)[0];
    expect([before, after]).toEqual([undefined, undefined]);
  });
});
