import { newHttpBatchRpcSession, newWebSocketRpcSession } from "capnweb";
import { describe, expect, inject, it } from "vitest";
import { connect, openSocket, ORIGIN } from "./connect.js";
import { rejection } from "./expectations.js";

const newName = () => `rust-${crypto.randomUUID()}`;

const [MAP, SET, REGEXP] = ["a Map cannot be sent", "a Set cannot be sent", "a RegExp cannot be sent"];

/** Sessions whose native values are converted by rules. */
const WITH_RULES = [
  ["websocket", async (rules) => newWebSocketRpcSession(await openSocket(`/api/rules/${rules}`))],
  ["batch", (rules) => newHttpBatchRpcSession(`${ORIGIN}/api/rules/${rules}`)],
];

describe.skipIf(inject("server") === "reference")("Rust and native objects", () => {
  it("Rust calls one by its types, and learns that it breaks", async () => {
    using api = await connect();
    const { error, broken, ...used } = await api.useDurableObject(newName());
    expect(used).toEqual({ value: 7, date: new Date(Date.UTC(2026, 0, 1)), counted: 2, notified: 42 });
    expect([error.constructor, error.message]).toEqual([RangeError, "js boom"]);
    expect(broken).toHaveLength(2);
    expect(broken[0]).toMatch(/^room: Error: .*js room aborted/);
    expect(broken[1]).toMatch(/^counter: Error: .*js room aborted/);
  });

  it("a stub breaks while a call is in flight, without another call", async () => {
    const name = newName();
    using watcher = await connect();
    const broken = watcher.watchDurableObject(name);
    broken.catch(() => {});
    using other = await connect();
    await expect.poll(() => other.getDurableObject(name).getValue()).toBe("watched");
    await rejection(other.getDurableObject(name).abort());
    const reports = await broken;
    expect(reports).toHaveLength(2);
    expect(reports[0]).toMatch(/^room: Error: .*js room aborted/);
    expect(reports[1]).toMatch(/^counter: Error: .*js room aborted/);
  });

  it("an object that Rust exposes is a native one", async () => {
    using api = await connect();
    using counter = await api.makeNativeCounter(3);
    expect([await counter.increment(), await counter.increment(2), await counter.value]).toEqual([4, 6, 6]);
    expect(await api.getDurableObject(newName()).callCounter(counter)).toBe(7);
    expect((await rejection(counter.nope())).message).toBe("'nope' is not a function.");
  });

  describe.each(WITH_RULES)("rules of a session over %s", (_, open) => {
    it.each([
      ["object", "mapOfStrings", { a: 1, b: [2] }],
      ["object", "set", ["a", 1]],
    ])("%s: %s is converted", async (rules, name, expected) => {
      expect(await (await open(rules)).getDurableObject(newName()).make(name)).toEqual(expected);
    });

    it.each([
      ["refuse", "map", MAP],
      ["refuse", "set", SET],
      ["refuse", "regexp", REGEXP],
    ])("%s: %s is refused", async (rules, name, message) => {
      const error = await rejection((await open(rules)).getDurableObject(newName()).make(name));
      expect([error.constructor, error.message]).toEqual([TypeError, message]);
    });

    it("a stub's own rules come first", async () => {
      const api = await open("refuse");
      expect(await api.getDurableObjectBy(newName(), "object").make("mapOfStrings")).toEqual({ a: 1, b: [2] });
    });

    it("each session has its own", async () => {
      const name = newName();
      const sessions = await Promise.all(["refuse", "object", "refuse", "object"].map(open));
      const made = sessions.map((api) => api.getDurableObject(name).make("mapOfStrings"));
      const results = await Promise.all(made.map((promise) => promise.then((value) => value, ({ message }) => message)));
      expect(results).toEqual([MAP, { a: 1, b: [2] }, MAP, { a: 1, b: [2] }]);
    });
  });

  it.each([
    ["object", "mapOfStrings", { a: 1, b: [2] }],
    ["object", "set", ["a", 1]],
  ])("by the rule %s, %s is converted", async (rules, name, expected) => {
    using api = await connect();
    expect(await api.getDurableObjectBy(newName(), rules).make(name)).toEqual(expected);
  });

  it.each([
    ["object", "map", "a Map whose keys are not all strings cannot be sent as an object"],
    ["refuse", "map", MAP],
    ["refuse", "set", SET],
    ["refuse", "regexp", REGEXP],
  ])("by the rule %s, %s is refused", async (rules, name, message) => {
    using api = await connect();
    const error = await rejection(api.getDurableObjectBy(newName(), rules).make(name));
    expect([error.constructor, error.message]).toEqual([TypeError, message]);
  });
});
