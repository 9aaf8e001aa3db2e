import { RpcStub } from "capnweb";
import { describe, expect, it } from "vitest";
import { connect, rawPost, rawSocket, SESSIONS } from "./connect.js";
import { rejection } from "./expectations.js";
import { shape } from "./shape.js";

/** Rows of `[what, map, result]`. */
const MAPS = [
  ["calls on each element", (api) => api.range(5).map((i) => api.square(i)), [0, 1, 4, 9, 16]],
  ["the elements themselves", (api) => api.range(3).map((i) => i), [0, 1, 2]],
  ["a constant", (api) => api.range(3).map(() => "x"), ["x", "x", "x"]],
  ["undefined for each", (api) => api.range(2).map(() => undefined), [undefined, undefined]],
  ["an empty array", (api) => api.range(0).map((i) => api.square(i)), []],
  ["null", (api) => api.returnNull().map((i) => api.square(i)), null],
  ["undefined", (api) => api.returnUndefined().map((i) => api.square(i)), undefined],
  ["a single number", (api) => api.square(3).map((i) => api.add(i, 1)), 10],
  ["a single string", (api) => api.echo("Ann").map((name) => api.greet(name)), "Hello, Ann!"],
  ["a single object", (api) => api.echo({ a: 5 }).map((o) => api.square(o.a)), 25],
  ["false and zero", (api) => api.echo([false, 0, ""]).map((x) => api.typeOf(x)), ["boolean", "number", "string"]],
  ["elements that are null", (api) => api.echo([null, undefined]).map((x) => api.typeOf(x)), ["null", "undefined"]],
  [
    "an object made of each",
    (api) => api.range(2).map((i) => ({ i, square: api.square(i) })),
    [
      { i: 0, square: 0 },
      { i: 1, square: 1 },
    ],
  ],
  [
    "an array made of each",
    (api) => api.range(2).map((i) => [i, [i]]),
    [
      [0, [0]],
      [1, [1]],
    ],
  ],
  ["two calls in a row", (api) => api.range(4).map((i) => api.square(api.add(i, 1))), [1, 4, 9, 16]],
  ["a call whose result is dropped", (api) => api.range(2).map((i) => (api.log(i), api.square(i))), [0, 1]],
  ["properties of elements", (api) => api.echo([{ a: { b: 1 } }, { a: { b: 2 } }]).map((o) => o.a.b), [1, 2]],
  ["a property that is missing", (api) => api.echo([{ a: 1 }, {}]).map((o) => o.a), [1, undefined]],
  [
    "calls on elements",
    (api) =>
      api
        .friends()
        .map((friend) => friend.counter.increment(0))
        .map((n) => api.typeOf(n)),
    ["number", "number", "number"],
  ],
  [
    "getters of elements",
    (api) => api.friends().map((f) => api.typeOf(f.counter.value)),
    ["number", "number", "number"],
  ],
  ["targets made for each", (api) => api.range(3).map((i) => api.makeCounter(i).increment(10)), [10, 11, 12]],
  [
    "values that are not JSON",
    (api) => api.echo([1n, new Date(5)]).map((x) => ({ x, nan: NaN })),
    [
      { x: 1n, nan: NaN },
      { x: new Date(5), nan: NaN },
    ],
  ],
  ["nested maps", (api) => api.echo([[1, 2], [], [3]]).map((row) => row.map((i) => api.square(i))), [[1, 4], [], [9]]],
  [
    "maps nested thrice",
    (api) => api.echo([[[1]], [[2, 3]]]).map((a) => a.map((b) => b.map((c) => api.add(c, c)))),
    [[[2]], [[4, 6]]],
  ],
  [
    "a nested map that uses the outer element",
    (api) => api.range(3).map((n) => api.range(n).map((i) => api.add(n, i))),
    [[], [1], [2, 3]],
  ],
  [
    "a map over a map",
    (api) =>
      api
        .range(3)
        .map((i) => api.square(i))
        .map((i) => api.add(i, 1)),
    [1, 2, 5],
  ],
  ["a map over a property of a result", (api) => api.nested.list.map((i) => api.square(i)), [1, 4, 9]],
  [
    "a map over a result of a pipelined call",
    (api) =>
      api
        .self()
        .range(3)
        .map((i) => api.add(i, 1)),
    [1, 2, 3],
  ],
  ["a map as an argument", (api) => api.echo({ list: api.range(3).map((i) => api.square(i)) }), { list: [0, 1, 4] }],
  [
    "a call on the result of a map of one value",
    (api) =>
      api
        .square(2)
        .map((i) => api.makeCounter(i))
        .increment(),
    5,
  ],
  [
    "a captured promise",
    (api) => withValue(api.square(10), (hundred) => api.range(3).map((i) => api.add(hundred, i))),
    [100, 101, 102],
  ],
  [
    "a captured counter",
    (api) => withValue(api.makeCounter(0), (counter) => api.range(3).map(() => counter.increment())),
    [1, 2, 3],
  ],
  [
    "two captured counters",
    (api) =>
      withValue([api.makeCounter(0), api.makeCounter(10)], ([a, b]) =>
        api.range(2).map((i) => [a.increment(i), b.increment(i)]),
      ),
    [
      [0, 10],
      [1, 11],
    ],
  ],
  [
    "a captured counter in a nested map",
    (api) => withValue(api.makeCounter(0), (c) => api.echo([[1], [2]]).map((row) => row.map((i) => c.increment(i)))),
    [[1], [3]],
  ],
  [
    "captured data",
    (api) => withValue({ by: [7] }, (data) => api.range(2).map((i) => api.echo({ i, data }))),
    [
      { i: 0, data: { by: [7] } },
      { i: 1, data: { by: [7] } },
    ],
  ],
  [
    "the Fibonacci numbers",
    (api) => api.generateFibonacci(6).map((i) => api.generateFibonacci(i)),
    [[], [0], [0], [0, 1], [0, 1, 1], [0, 1, 1, 2, 3]],
  ],
];

describe.each(SESSIONS)("map over %s", (_, open) => {
  it.each(MAPS)("%s", async (_what, map, result) => {
    using api = await open();
    expect(await map(api)).toStrictEqual(result);
  });

  it("a thousand elements", async () => {
    using api = await open();
    const squares = await api.range(1000).map((i) => api.square(i));
    expect(squares).toEqual(Array.from({ length: 1000 }, (_unused, i) => i * i));
  });

  it.each([
    ["a call that fails", (api) => api.range(3).map(() => api.throwError())],
    ["a call that fails for one element", (api) => api.echo([api.square, api.throwError]).map((f) => f(2))],
    ["a call that fails in a nested map", (api) => api.echo([[1], [2]]).map((row) => row.map(() => api.throwError()))],
    [
      "a captured failure",
      (api) => withValue(api.throwError(), (failure) => api.range(2).map((i) => api.add(failure, i))),
    ],
  ])("rejects with the error of %s", async (_what, map) => {
    using api = await open();
    expect(shape(await rejection(map(api)))).toStrictEqual(shape(new RangeError("test error")));
  });

  it("an error inside is left alone when its result is not used", async () => {
    using api = await open();
    expect(await api.range(2).map((i) => (api.throwError(), api.square(i)))).toEqual([0, 1]);
  });

  it("rejects when an element lacks the method", async () => {
    using api = await open();
    expect(await rejection(api.range(2).map((i) => i.method()))).toBeInstanceOf(TypeError);
  });
});

describe("map and capabilities", () => {
  it("gives targets for each element", async () => {
    using api = await connect();
    using counters = await api.range(3).map((i) => api.makeCounter(i));
    expect(await Promise.all(counters.map((counter) => counter.increment(10)))).toEqual([10, 11, 12]);
  });

  it("calls a captured callback of the client for each element", async () => {
    using api = await connect();
    const seen = [];
    using callback = new RpcStub((i) => {
      seen.push(i);
      return i * 2;
    });
    expect(await api.range(4).map((i) => callback(i))).toEqual([0, 2, 4, 6]);
    expect(seen).toEqual([0, 1, 2, 3]);
  });

  it("passes a captured callback on to the server", async () => {
    using api = await connect();
    using callback = new RpcStub((i) => i + 100);
    expect(await api.range(2).map((i) => api.callFunction(callback, i))).toEqual([{ result: 100 }, { result: 101 }]);
  });

  it("maps over targets of the client", async () => {
    using api = await connect();
    const functions = [(i) => i + 1, (i) => i * 10];
    expect(await api.echo(functions).map((f) => f(5))).toEqual([6, 50]);
  });

  it("maps over the answer of a callback", async () => {
    using api = await connect();
    expect(await api.callFunction(() => [1, 2, 3], 0).result.map((i) => api.square(i))).toEqual([1, 4, 9]);
  });

  it("calls are made in the order of the elements", async () => {
    using api = await connect();
    await api.range(20).map((i) => api.log(i));
    expect(await api.logged()).toEqual(Array.from({ length: 20 }, (_unused, i) => i));
  });
});

describe("mapOnServer", () => {
  it.each([
    ["an array", () => [1, 2, 3], [10, 20, 30]],
    ["an empty array", () => [], []],
    ["null", () => null, null],
    ["a single value", () => 4, 40],
    ["a promise of an array", async () => [5], [50]],
  ])("maps %s of the client", async (_what, list, result) => {
    using api = await connect();
    expect(await api.mapOnServer(list, (i) => i * 10)).toEqual(result);
  });

  it("maps with a function of the server", async () => {
    using api = await connect();
    expect(await api.mapOnServer(() => [1, 2, 3], api.square)).toEqual([1, 4, 9]);
  });

  it("rejects with the error of the list or of the function", async () => {
    using api = await connect();
    const fail = () => {
      throw new URIError("from the client");
    };
    for (const [list, callback] of [
      [fail, (i) => i],
      [() => [1], fail],
    ]) {
      const error = await rejection(api.mapOnServer(list, callback));
      expect(shape(error)).toStrictEqual(shape(new URIError("from the client")));
    }
  });
});

describe("map on the wire", () => {
  it("mapOnServer records its map before the list is there", async () => {
    using socket = await rawSocket();
    socket.send(
      [
        "push",
        [
          "pipeline",
          0,
          ["mapOnServer"],
          [
            ["export", -1],
            ["export", -2],
          ],
        ],
      ],
      ["pull", 1],
    );
    const [list, map] = [await nextOf(socket, "push"), await nextOf(socket, "push")];
    expect(list[1]).toEqual(["pipeline", -1, [], []]);
    expect(map[1].slice(0, 4)).toEqual(["remap", 1, [], [["import", -2]]]);
    expect(await nextOf(socket, "pull")).toEqual(["pull", 2]);
    socket.send(["resolve", 2, [[10, 20]]]);
    expect(await nextOf(socket, "resolve")).toEqual(["resolve", 1, [[10, 20]]]);
  });

  it.each([
    ["an empty list of instructions", ["remap", 1, [], [], []]],
    ["an export in the instructions", ["remap", 1, [], [], [["export", -1]]]],
    ["an unknown variable", ["remap", 1, [], [], [["pipeline", 7, ["x"]]]]],
    ["an unknown capture", ["remap", 1, [], [], [["pipeline", -1, ["x"]]]]],
    [
      "a variable of a later instruction",
      [
        "remap",
        1,
        [],
        [["import", 0]],
        [
          ["pipeline", 2, ["x"]],
          ["pipeline", 0, []],
        ],
      ],
    ],
    ["an unknown expression", ["remap", 1, [], [], [["nonsense"]]]],
  ])("%s rejects the map alone, or ends the session", async (_what, remap) => {
    const frames = [
      ["push", ["pipeline", 0, ["range"], [2]]],
      ["push", remap],
      ["pull", 2],
    ];
    const { status, frames: answer } = await rawPost(frames.map((frame) => JSON.stringify(frame)).join("\n"));
    if (status < 400) {
      expect([answer.at(-1)[0], answer.at(-1)[1]]).toEqual(["reject", 2]);
    }
    expect((await rawPost('["push",["pipeline",0,["square"],[3]]]\n["pull",1]')).frames).toEqual([["resolve", 1, 9]]);
  });
});

async function nextOf(socket, verb) {
  for (;;) {
    const frame = await socket.next();
    if (frame[0] === verb) {
      return frame;
    }
  }
}

function withValue(value, use) {
  return use(value);
}
