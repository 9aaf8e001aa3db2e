import { describe, expect, inject, it } from "vitest";
import { batch, connect, KEEPS_OBJECTS_APART, rawPost, SESSIONS } from "./connect.js";
import { rejection } from "./expectations.js";

describe.each(SESSIONS)("a panic over %s", (_, open) => {
  it("rejects the call", async () => {
    using api = await open();
    expectAnswer(await rejection(api.panic()));
  });

  it("leaves the next session working", async () => {
    using api = await open();
    await rejection(api.panic());
    using next = await open();
    expect(await next.square(7)).toBe(49);
  });

  it("rejects the calls that build on it", async () => {
    using api = await open();
    expectAnswer(await rejection(api.square(api.panic())));
    using next = await open();
    expect(await next.square(7)).toBe(49);
  });

  it("behind a native result rejects the call", async () => {
    using api = await open();
    expectAnswer(await rejection(api.panic(api.getGreeter().greet("World"))));
    using next = await open();
    expect(await next.getGreeter().greet("World")).toBe("Hello, World!");
  });

  it("over and over does no lasting harm", async () => {
    for (let i = 0; i < 5; i += 1) {
      using api = await open();
      await rejection(api.panic());
    }
    using next = await open();
    expect(await next.add(1, 2)).toBe(3);
  });
});

describe("a panic", () => {
  it("leaves another open connection working, or ends it: nothing hangs", async () => {
    using bystander = await connect();
    using counter = await bystander.makeCounter(1);
    await panic();
    const outcome = await counter.increment().then(
      (value) => value,
      (error) => error,
    );
    expect(outcome === 2 || outcome instanceof Error).toBe(true);
  });

  it.runIf(inject("panic") === "unwind")("leaves everything else working", async () => {
    using bystander = await connect();
    using counter = await bystander.makeCounter(1);
    const running = bystander.callFunction(() => panic().then(() => 5), 1);
    expect(await running).toEqual({ result: 5 });
    expect(await counter.increment()).toBe(2);
  });

  it("leaves a connection that is opened after it working", async () => {
    await panic();
    using later = await connect();
    expect(await later.callFunction((i) => i + 1, 1)).toEqual({ result: 2 });
  });

  it("inside a batch is an answer or a status of at least 400", async () => {
    const { status, frames } = await rawPost('["push",["pipeline",0,["panic"],[]]]\n["pull",1]');
    if (status < 400) {
      expect(frames.at(-1).slice(0, 2)).toEqual(["reject", 1]);
    }
    expect((await rawPost('["push",["pipeline",0,["square"],[3]]]\n["pull",1]')).frames).toEqual([["resolve", 1, 9]]);
  });

  it("tells the client nothing of the server", async () => {
    const { text } = await rawPost('["push",["pipeline",0,["panic"],[]]]\n["pull",1]');
    expect(text).not.toMatch(/\.rs:|wasm|\bat .*:\d+:\d+/);
  });
});

const isEnded = KEEPS_OBJECTS_APART && inject("server") !== "reference" && inject("panic") !== "unwind";

describe.runIf(isEnded)("an exception of JavaScript that passes through Rust", () => {
  it.each(SESSIONS)("over %s ends all that runs, and leaves the next session working", async (_, open) => {
    using bystander = await connect();
    const { running } = await runningBatch(bystander);
    using api = await open();
    expectAnswer(await rejection(api.throwForeign()));
    expect((await rejection(running)).message).toBe("RPC request failed: 500 Internal Server Error");
    expectAnswer(await rejection(bystander.square(2)));
    using next = await open();
    expect(await next.square(7)).toBe(49);
  });
});

/** The server has answered: it is not the runtime that gave up a request that nobody answers. */
function expectAnswer(error) {
  expect(error).toBeInstanceOf(Error);
  expect(error.message).not.toContain("hung");
}

/** A call that a batch of its own waits for: it has reached the server, which another connection can tell. */
async function runningBatch(other) {
  const name = crypto.randomUUID();
  const api = batch();
  const told = api.getDurableObject(name).setValue("running");
  const running = api.sleep(60_000);
  told.catch(() => {});
  running.catch(() => {});
  while ((await other.getDurableObject(name).getValue()) !== "running");
  return { running };
}

async function panic() {
  using api = await connect();
  await rejection(api.panic());
}
