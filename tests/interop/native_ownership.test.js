/** Who has the capabilities that go between Workers RPC and Cap'n Web: each is given back, by itself. */
import { describe, expect, inject, it } from "vitest";
import { connect, rawPost, rawSocket } from "./connect.js";
import { rejection } from "./expectations.js";

const newName = () => `ownership-${crypto.randomUUID()}`;

/** A session that stays open, with a room. */
async function open() {
  const api = await connect();
  const room = await api.getDurableObject(newName());
  return { api, room, [Symbol.dispose]: () => api[Symbol.dispose]() };
}

const TYPE_ERROR = "a Float16Array cannot be sent";

describe.skipIf(inject("server") === "reference")("targets of native objects", () => {
  it.each([
    ["pair", 2],
    ["twice", 1],
    ["behindNumber", 1],
    ["inside", 2],
    ["forbidden", 2],
    ["inError", 2],
  ])("%s: go with their result", async (shape, count) => {
    using session = await open();
    const value = await session.room.makeShape(shape, 0);
    expect(await session.room.disposals()).toBe(shape === "forbidden" || shape === "inError" ? 1 : 0);
    value[Symbol.dispose]();
    await expect.poll(() => session.room.disposals()).toBe(count);
  });

  it("go with a result that is refused", async () => {
    using session = await open();
    expect((await rejection(session.room.makeShape("refused", 0))).message).toBe(`[1]: ${TYPE_ERROR}`);
    await expect.poll(() => session.room.disposals()).toBe(1);
  });

  it("stand twice in a result, of which one is disposed of", async () => {
    using session = await open();
    const [one, other] = await session.room.makeShape("twice", 0);
    one[Symbol.dispose]();
    await session.room.disposals();
    expect(await other.ping()).toBe("pong");
    other[Symbol.dispose]();
    await expect.poll(() => session.room.disposals()).toBe(1);
  });

  it.each([0, 50])("stay in a list of which an element is read, %i ms before it is there", async (ms) => {
    using session = await open();
    const list = session.room.makeShape("behindNumber", ms);
    const [number, tracked, all] = await Promise.all([list[0], list[1], list]);
    expect([number, await all[1].ping()]).toEqual([42, "pong"]);
    tracked[Symbol.dispose]();
    expect([await session.room.disposals(), await all[1].ping()]).toEqual([0, "pong"]);
    all[Symbol.dispose]();
    await expect.poll(() => session.room.disposals()).toBe(1);
  });

  it.each([
    ["behindNumber", 0, 1],
    ["pair", 0, 2],
    ["inside", 0, 2],
  ])("%s: go with a list of which only an element was read", async (shape, index, count) => {
    using session = await open();
    const list = session.room.makeShape(shape, 50);
    const element = await list[index];
    list[Symbol.dispose]();
    element[Symbol.dispose]?.();
    await expect.poll(() => session.room.disposals()).toBe(count);
  });

  it("go with the list of a getter of which an element was read", async () => {
    using session = await open();
    const tracked = await session.room.trackedPair[1];
    expect([await tracked.ping(), await session.room.disposals()]).toEqual(["pong", 1]);
    tracked[Symbol.dispose]();
    await expect.poll(() => session.room.disposals()).toBe(2);
  });

  it.each(["refused", "inError"])("are read in a list that is disposed of at once: %s", async (shape) => {
    using session = await open();
    const list = session.room.makeShape(shape, 50);
    const whole = list.then((value) => value[Symbol.dispose](), () => {});
    const tracked = await list[0];
    await whole;
    expect(await tracked.ping()).toBe("pong");
    tracked[Symbol.dispose]();
    await expect.poll(() => session.room.disposals()).toBe(shape === "refused" ? 1 : 2);
  });

  it.each([0, 50])("are called in a list, %i ms before it is there", async (ms) => {
    using session = await open();
    const list = session.room.makeShape("inside", ms);
    expect(await Promise.all([list[0].tracked.ping(), list[1].ping()])).toEqual(["pong", "pong"]);
  });

  it("go with the arguments that are refused", async () => {
    using session = await open();
    expect(await session.room.giveRefused(newName())).toBe(`[1]: ${TYPE_ERROR}`);
    await expect.poll(() => session.room.disposals()).toBe(1);
  });

  it("go with an answer that a batch waits for no more", async () => {
    const name = newName();
    const made = ["pipeline", 1, ["makeShape"], ["pair", 100]];
    const messages = [
      ["push", ["pipeline", 0, ["getDurableObject"], [name]]],
      ["push", made],
      ["pull", 2],
      ["release", 2, 1],
      ["push", ["pipeline", 0, ["sleep"], [300]]],
      ["pull", 3],
    ];
    await rawPost(messages.map((message) => JSON.stringify(message)).join("\n"));
    using api = await connect();
    await expect.poll(() => api.getDurableObject(name).disposals()).toBe(2);
  });
});

/** Rows of `[what, messages]`: import 2 is wanted, and no result is waited for. */
const ENDS = [
  ["another call waits for it", ["push", ["pipeline", 0, ["echo"], [["pipeline", 2]]]]],
  ["the client breaks off", ["pull", 2], ["abort", "enough"]],
];

describe.skipIf(inject("server") === "reference")("a batch ends before a native call of it", () => {
  it.each(ENDS)("that runs on: %s", async (_what, ...wanted) => {
    const name = newName();
    const made = [
      ["push", ["pipeline", 0, ["getDurableObject"], [name]]],
      ["push", ["pipeline", 1, ["makeShape"], ["pair", 100]]],
    ];
    await rawPost([...made, ...wanted].map((message) => JSON.stringify(message)).join("\n"));
    using api = await connect();
    await expect.poll(() => api.getDurableObject(name).disposals()).toBe(2);
  });
});

describe.skipIf(inject("server") === "reference")("what a client has given", () => {
  it("is released when its value is none of JavaScript's", async () => {
    using socket = await rawSocket();
    socket.send(["push", ["pipeline", 0, ["getDurableObject"], [newName()]]]);
    socket.send(["push", ["pipeline", 1, ["subscribe"], [["export", -1]]]], ["pull", 2]);
    await socket.answerTo(2);
    socket.send(["push", ["pipeline", 1, ["notify"], [5]]], ["pull", 3]);
    let asked;
    do asked = await socket.next();
    while (asked[0] !== "pull");
    // workerd refuses the request.
    const request = ["request", "https://a.test/", { integrity: "sha256-x" }];
    socket.send(["resolve", asked[1], [[["export", -2], request]]]);
    const frames = [await socket.next(), await socket.next(), await socket.next()];
    expect(frames).toContainEqual(["release", -2, 1]);
    expect(frames.find(([kind]) => kind === "reject")[2][1]).toBe("TypeError");
  });

  it("streams end with a call that cannot be sent", async () => {
    using session = await open();
    const [readable, writable] = [Promise.withResolvers(), Promise.withResolvers()];
    const pull = (controller) => controller.enqueue(new Uint8Array(10));
    const source = new ReadableStream({ pull, cancel: readable.resolve }, { highWaterMark: 0 });
    const sink = new WritableStream({ abort: writable.resolve });
    const error = await rejection(session.room.echo(new URL("https://a.test/"), source, sink));
    expect(error.message).toContain("URL");
    await Promise.all([readable.promise, writable.promise]);
  });
});
