import { describe, expect, it } from "vitest";
import { connect, SESSIONS } from "./connect.js";
import { rejection } from "./expectations.js";

const USER = {
  id: 7,
  name: "Ann",
  tags: ["a", "b", "c"],
  active: true,
  score: 1.5,
  joined: new Date(1_749_342_170_815),
};

/** Rows of `[what, properties that replace or join those of USER]`. */
const FITTING = [
  ["a user", {}],
  ["the smallest id", { id: 0 }],
  ["the largest id that can grow", { id: 2 ** 32 - 2 }],
  ["an empty name", { name: "" }],
  ["a name in many scripts", { name: 'Ζωή 🐢 \u0000 "' }],
  ["no tags", { tags: [] }],
  ["many tags", { tags: Array.from({ length: 300 }, (_, i) => `tag${i}`) }],
  ["an inactive user", { active: false }],
  ["an integer score", { score: 3 }],
  ["a negative score", { score: -0.25 }],
  ["an infinite score", { score: Infinity }],
  ["a score that is not a number", { score: NaN }],
  ["an early date", { joined: new Date(-62_135_596_800_000) }],
  ["an avatar", { avatar: Uint8Array.of(1, 2, 255) }],
  ["an empty avatar", { avatar: new Uint8Array(0) }],
  ["a nick", { nick: "annie" }],
  ["a null nick", { nick: null }],
  ["an avatar and a nick", { avatar: Uint8Array.of(0), nick: "" }],
];

const WITHOUT = (key) => Object.fromEntries(Object.entries(USER).filter(([name]) => name !== key));

/** Rows of `[what, the argument, the place as the message must show it]`. */
const MISFITS = [
  ["a number for the user", 5, ""],
  ["a string for the user", "Ann", ""],
  ["null for the user", null, ""],
  ["undefined for the user", undefined, ""],
  ["an array for the user", [USER], ""],
  ["a date for the user", new Date(1), ""],
  ["bytes for the user", Uint8Array.of(1), ""],
  ["an error for the user", new Error("e"), ""],
  ["a stub for the user", () => 1, ""],
  ["an empty object", {}, ""],
  ["a negative id", { ...USER, id: -1 }, "id"],
  ["a fractional id", { ...USER, id: 1.5 }, "id"],
  ["an id that is too large", { ...USER, id: 2 ** 32 }, "id"],
  ["an id that is not a number", { ...USER, id: NaN }, "id"],
  ["an infinite id", { ...USER, id: Infinity }, "id"],
  ["a string id", { ...USER, id: "7" }, "id"],
  ["a bigint id", { ...USER, id: 7n }, "id"],
  ["a null id", { ...USER, id: null }, "id"],
  ["no id", WITHOUT("id"), "id"],
  ["a number for a name", { ...USER, name: 7 }, "name"],
  ["null for a name", { ...USER, name: null }, "name"],
  ["a url for a name", { ...USER, name: new URL("https://example.com") }, "name"],
  ["no name", WITHOUT("name"), "name"],
  ["a string for tags", { ...USER, tags: "a" }, "tags"],
  ["an object for tags", { ...USER, tags: { 0: "a" } }, "tags"],
  ["null for tags", { ...USER, tags: null }, "tags"],
  ["no tags", WITHOUT("tags"), "tags"],
  ["a number for the first tag", { ...USER, tags: [1, "b"] }, "tags[0]"],
  ["a number for the third tag", { ...USER, tags: ["a", "b", 3] }, "tags[2]"],
  ["undefined for a tag", { ...USER, tags: ["a", undefined] }, "tags[1]"],
  ["an array for a tag", { ...USER, tags: [["a"]] }, "tags[0]"],
  ["a late tag", { ...USER, tags: [...Array(12).fill("a"), false] }, "tags[12]"],
  ["a number for active", { ...USER, active: 1 }, "active"],
  ["a string for active", { ...USER, active: "true" }, "active"],
  ["undefined for active", { ...USER, active: undefined }, "active"],
  ["a string for a score", { ...USER, score: "1.5" }, "score"],
  ["a bigint for a score", { ...USER, score: 1n }, "score"],
  ["a boolean for a score", { ...USER, score: true }, "score"],
  ["a number for a date", { ...USER, joined: 1_749_342_170_815 }, "joined"],
  ["a string for a date", { ...USER, joined: "2025-06-08T00:00:00Z" }, "joined"],
  ["no date", WITHOUT("joined"), "joined"],
  ["a string for an avatar", { ...USER, avatar: "AAEC" }, "avatar"],
  ["an array for an avatar", { ...USER, avatar: [1, 2] }, "avatar"],
  ["a number for a nick", { ...USER, nick: 5 }, "nick"],
  ["a stub for a nick", { ...USER, nick: () => 1 }, "nick"],
];

describe.each(SESSIONS)("typed arguments over %s", (_, open) => {
  it.each(FITTING)("%s comes back with the next id", async (_what, properties) => {
    const user = { ...USER, ...properties };
    using api = await open();
    const [updated, runs] = await Promise.all([api.updateUser(user), api.bodyRuns()]);
    expect(plain(updated)).toStrictEqual(plain({ ...user, id: user.id + 1 }));
    expect(runs).toBe(1);
  });

  it.each(MISFITS)("%s is refused before the body runs", async (_what, argument, place) => {
    using api = await open();
    const [error, runs] = await Promise.all([rejection(api.updateUser(argument)), api.bodyRuns()]);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(messageAbout(argument, place));
    expect(runs).toBe(0);
  });

  it("the message names the place, what was expected and what was found", async () => {
    using api = await open();
    const error = await rejection(api.updateUser({ ...USER, tags: ["a", "b", 3] }));
    expect(error.message).toBe("updateUser: argument 0: tags[2]: expected a string, found a number");
  });

  it("a missing argument is refused", async () => {
    using api = await open();
    const error = await rejection(api.updateUser());
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toMatch(/^updateUser: argument 0: /);
  });

  it("promises among the values are awaited before they are checked", async () => {
    using api = await open();
    const promised = { name: api.greet("Ann"), tags: ["a", api.greet("b")], id: api.square(3) };
    const [updated, error] = await Promise.all([
      api.updateUser({ ...USER, ...promised }),
      rejection(api.updateUser({ ...USER, tags: ["a", api.square(3)] })),
    ]);
    expect(updated).toMatchObject({ id: 10, name: "Hello, Ann!", tags: ["a", "Hello, b!"] });
    expect(error.message).toBe("updateUser: argument 0: tags[1]: expected a string, found a number");
  });

  it("a promise of the whole user is awaited", async () => {
    using api = await open();
    const [updated, twice] = await Promise.all([api.updateUser(api.echo(USER)), api.updateUser(api.updateUser(USER))]);
    expect(plain(updated)).toStrictEqual(plain({ ...USER, id: 8 }));
    expect(plain(twice)).toStrictEqual(plain({ ...USER, id: 9 }));
  });

  it("a map of users is checked one by one", async () => {
    using api = await open();
    const [users, updated] = await Promise.all([api.users(5), api.users(5).map((user) => api.updateUser(user))]);
    expect(updated).toEqual(users.map((user) => ({ ...user, id: user.id + 1 })));
  });
});

describe("bodyRuns", () => {
  it("counts the calls that fit, in their session", async () => {
    using api = await connect();
    using other = await connect();
    await api.updateUser(USER);
    await rejection(api.updateUser({ ...USER, id: "7" }));
    await api.updateUser(USER);
    expect(await api.bodyRuns()).toBe(2);
    expect(await other.bodyRuns()).toBe(0);
  });
});

/**
 * The contract fixes how a message starts and how it names the place of a value that is there; of one that is
 * missing it need only say the name.
 */
function messageAbout(argument, place) {
  const [field] = place.split("[");
  const escaped = place.replace(/[[\]]/g, "\\$&");
  const isThere = field !== "" && argument[field] !== undefined;
  return new RegExp(`^updateUser: argument 0: ${isThere ? `${escaped}: expected ` : `.*\\b${escaped}`}`);
}

/** Bytes arrive as a `Buffer` in Node: only what is in them counts here. */
function plain(user) {
  return "avatar" in user ? { ...user, avatar: [...user.avatar] } : { ...user };
}
