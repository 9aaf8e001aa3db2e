import { afterEach, describe, expect, inject, it, vi } from "vitest";
import { batch, connect, rawPost } from "./connect.js";
import { rejection } from "./expectations.js";
import { trackedFunction } from "./targets.js";

afterEach(() => {
  vi.restoreAllMocks();
});

describe("an HTTP batch", () => {
  it("takes one round trip, however many calls it has", async () => {
    const posts = vi.spyOn(globalThis, "fetch");
    using api = batch();
    const counter = api.makeCounter(1);
    const calls = [api.square(2), counter.increment(), counter.increment(), api.add(api.square(3), 1)];
    expect(await Promise.all(calls)).toEqual([4, 2, 3, 10]);
    expect(posts).toHaveBeenCalledTimes(1);
  });

  it("waits for slow calls", async () => {
    using api = batch();
    expect(await Promise.all([api.sleep(20), api.square(2), api.sleep(10)])).toEqual([20, 4, 10]);
  });

  it.skipIf(inject("server") === "reference")("is answered before calls end that nobody waits for, and they go on", async () => {
    using api = await connect();
    const name = crypto.randomUUID();
    const callback = trackedFunction(() => {});
    await api.getDurableObject(name).subscribe(callback);
    // The object lets go of the callback in the call's second step.
    const call = ["push", ["pipeline", 0, ["useDurableObject"], [name]]];
    expect((await rawPost(JSON.stringify(call))).frames).toEqual([]);
    await callback.whenReleased;
  });

  it("ends with its answer: later calls reject", async () => {
    using api = batch();
    expect(await api.square(2)).toBe(4);
    expect(await rejection(Promise.resolve().then(() => api.square(3)))).toBeInstanceOf(Error);
  });

  it("is a session of its own", async () => {
    using first = batch();
    using second = batch();
    const [, logged, elsewhere] = await Promise.all([first.log("x"), first.logged(), second.logged()]);
    expect(logged).toEqual(["x"]);
    expect(elsewhere).toEqual([]);
  });

  it("carries a thousand calls", async () => {
    using api = batch();
    const calls = Array.from({ length: 1000 }, (_, i) => api.square(i));
    expect(await Promise.all(calls)).toEqual(calls.map((_, i) => i * i));
  });
});

const PUSH_SQUARE = ["push", ["pipeline", 0, ["square"], [5]]];
const PUSH_LOG = ["push", ["pipeline", 0, ["log"], ["x"]]];
const PUSH_LOGGED = ["push", ["pipeline", 0, ["logged"], []]];

/** Rows of `[what, the frames, the answers, in any order]`. */
const BATCHES = [
  ["no frames", [], []],
  ["one call", [PUSH_SQUARE, ["pull", 1]], [["resolve", 1, 25]]],
  ["a call that is not pulled", [PUSH_SQUARE], []],
  ["two calls, one pulled", [PUSH_SQUARE, PUSH_SQUARE, ["pull", 2]], [["resolve", 2, 25]]],
  ["a call that is not pulled and runs", [PUSH_LOG, PUSH_LOGGED, ["pull", 2]], [["resolve", 2, [["x"]]]]],
  [
    "calls pulled in another order",
    [PUSH_SQUARE, PUSH_LOGGED, ["pull", 2], ["pull", 1]],
    [
      ["resolve", 1, 25],
      ["resolve", 2, [[]]],
    ],
  ],
  ["a pull that is repeated", [PUSH_SQUARE, ["pull", 1], ["pull", 1]], [["resolve", 1, 25]]],
  ["a pull after a release", [PUSH_SQUARE, PUSH_SQUARE, ["release", 1, 1], ["pull", 2]], [["resolve", 2, 25]]],
  [
    "a push that is no call",
    [
      ["push", { a: [[1]] }],
      ["pull", 1],
    ],
    [["resolve", 1, { a: [[1]] }]],
  ],
  [
    "a value that is pushed once and used twice",
    [
      ["push", 4],
      [
        "push",
        [
          "pipeline",
          0,
          ["add"],
          [
            ["pipeline", 1],
            ["pipeline", 1],
          ],
        ],
      ],
      ["pull", 2],
    ],
    [["resolve", 2, 8]],
  ],
  [
    "a failure",
    [
      ["push", ["pipeline", 0, ["fail"], ["m"]]],
      ["pull", 1],
    ],
    [["reject", 1, ["error", "Error", "m"]]],
  ],
];

describe("a batch on the wire", () => {
  it.each(BATCHES)("%s", async (_what, frames, answers) => {
    const { status, cors, frames: found } = await rawPost(frames.map((frame) => JSON.stringify(frame)).join("\n"));
    expect(status).toBe(200);
    expect(cors).toBe("*");
    expect(found.toSorted(byId)).toEqual(answers);
  });

  it("an empty body has an empty answer", async () => {
    expect(await rawPost("")).toMatchObject({ status: 200, text: "" });
  });

  it("capabilities in the answer are numbered from -1 down", async () => {
    const { frames } = await rawPost('["push",["pipeline",0,["makeCounter"],[1]]]\n["pull",1]');
    expect(frames).toEqual([["resolve", 1, ["export", -1]]]);
  });
});

function byId(a, b) {
  return a[1] - b[1];
}
