import { describe, expect, it } from "vitest";
import { connect, SESSIONS } from "./connect.js";

/** Rows of `[method, arguments, result]`. */
const CALLS = [
  ["square", [5], 25],
  ["square", [-1.5], 2.25],
  ["square", [0], 0],
  ["square", [3, "extra", {}], 9],
  ["add", [2, 3], 5],
  ["add", [0.1, 0.2], 0.1 + 0.2],
  ["add", [-7, 7], 0],
  ["greet", ["World"], "Hello, World!"],
  ["greet", ["World", "?"], "Hello, World?"],
  ["greet", ["World", ""], "Hello, World"],
  ["greet", ["World", undefined], "Hello, World!"],
  ["greet", ["Zoë 🐢"], "Hello, Zoë 🐢!"],
  ["returnNumber", [7.25], 7.25],
  ["returnNull", [], null],
  ["returnUndefined", [], undefined],
  ["returnTrue", [], true],
  ["generateFibonacci", [0], []],
  ["generateFibonacci", [1], [0]],
  ["generateFibonacci", [2], [0, 1]],
  ["generateFibonacci", [10], [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]],
  ["echo", ["hi"], "hi"],
  ["typeOf", [true], "boolean"],
  ["countKeys", [{ a: 1, b: 2 }], 2],
  ["range", [0], []],
  ["range", [5], [0, 1, 2, 3, 4]],
  ["users", [0], []],
  ["bodyRuns", [], 0],
  ["disposed", [], 0],
  ["logged", [], []],
  ["sleep", [0], 0],
  ["sleep", [5], 5],
];

describe.each(SESSIONS)("plain calls over %s", (_, open) => {
  it.each(CALLS)("%s(...%j)", async (method, args, result) => {
    using api = await open();
    expect(await api[method](...args)).toStrictEqual(result);
  });

  it("users are objects of the promised kind, the same each time", async () => {
    using api = await open();
    const [users, again] = await Promise.all([api.users(20), api.users(20)]);
    expect(users).toHaveLength(20);
    for (const user of users) {
      expect(user).toStrictEqual({
        id: expect.any(Number),
        name: expect.any(String),
        tags: [expect.any(String), expect.any(String), expect.any(String)],
        active: expect.any(Boolean),
        score: expect.any(Number),
        joined: expect.any(Date),
      });
    }
    expect(again).toEqual(users);
  });

  it("nested gives functions, targets and data at once", async () => {
    using api = await open();
    using nested = await api.nested;
    expect(nested.list).toEqual([1, 2, 3]);
    expect(nested.deep).toEqual({ value: 42 });
    expect(typeof nested.square).toBe("function");
    expect(typeof nested.counter.increment).toBe("function");
  });

  it("answers 200 calls in flight at once", async () => {
    using api = await open();
    const squares = Array.from({ length: 200 }, (_unused, i) => api.square(i));
    expect(await Promise.all(squares)).toEqual(squares.map((_unused, i) => i * i));
  });

  it("carries a result of a megabyte", async () => {
    using api = await open();
    const text = "0123456789abcdef".repeat(65_536);
    expect(await api.echo(text)).toBe(text);
  });
});

describe("slow calls", () => {
  it("do not hold up the calls behind them", async () => {
    using api = await connect();
    const { promise: gate, resolve: release } = Promise.withResolvers();
    const slow = api.callFunction(() => gate, 1);
    expect(await api.square(4)).toBe(16);
    release("done");
    expect(await slow).toEqual({ result: "done" });
  });
});
