import { describe, expect, inject, it } from "vitest";
import { connect } from "./connect.js";
import { rejection } from "./expectations.js";

const newName = () => `rust-${crypto.randomUUID()}`;

const [MAP, SET, REGEXP] = ["a Map cannot be sent", "a Set cannot be sent", "a RegExp cannot be sent"];

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

  it("an object that Rust exposes is a native one", async () => {
    using api = await connect();
    using counter = await api.makeNativeCounter(3);
    expect([await counter.increment(), await counter.increment(2), await counter.value]).toEqual([4, 6, 6]);
    expect(await api.getDurableObject(newName()).callCounter(counter)).toBe(7);
    expect((await rejection(counter.nope())).message).toBe("'nope' is not a function.");
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
