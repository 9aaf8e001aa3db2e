/** What a panic in one Durable Object does to another one of the same instance. */
import { newHttpBatchRpcSession, newWebSocketRpcSession } from "capnweb";
import { describe, expect, inject, it } from "vitest";
import { KEEPS_OBJECTS_APART, openSocket, ORIGIN } from "./connect.js";
import { rejection } from "./expectations.js";

const unwinds = inject("panic") === "unwind";
const onTopsail = describe.skipIf(inject("server") === "reference");

let rooms = 0;
const newRoom = () => `/room/panic-${Date.now()}-${(rooms += 1)}`;
const connect = async (path) => newWebSocketRpcSession(await openSocket(path));

async function panicElsewhere() {
  using api = await connect(newRoom());
  await rejection(api.panic());
}

onTopsail("a panic in another room", () => {
  it.runIf(unwinds)("leaves calls that run", async () => {
    using api = await connect(newRoom());
    const running = api.sleep(100);
    await panicElsewhere();
    expect(await running).toBe(100);
  });

  it("leaves what is durable", async () => {
    using api = await connect(newRoom());
    using ann = await api.login("Ann");
    await ann.increment(2);
    const before = await api.bootId();
    await panicElsewhere();
    expect(await ann.increment()).toBe(3);
    expect((await api.bootId()) === before).toBe(unwinds);
  });

  it("leaves subscribers subscribed", async () => {
    const path = newRoom();
    using api = await connect(path);
    const { promise, resolve } = Promise.withResolvers();
    using subscription = await api.subscribe(resolve);
    await panicElsewhere();
    await newHttpBatchRpcSession(ORIGIN + path).post("after");
    expect(await promise).toEqual({ id: 1, text: "after" });
    expect(await subscription.delivered).toBe(1);
  });

  it.runIf(KEEPS_OBJECTS_APART && !unwinds)("rejects the calls that run, at once", async () => {
    using api = await connect(newRoom());
    const running = rejection(api.sleep(60_000));
    expect(await api.echo(1)).toBe(1);
    await panicElsewhere();
    expect(await running).toMatchObject({ message: "The call failed: the server panicked." });
    expect(await api.echo(2)).toBe(2);
  });

  it.runIf(KEEPS_OBJECTS_APART && !unwinds)("answers the batches that run, at once", async () => {
    const running = rejection(newHttpBatchRpcSession(ORIGIN + newRoom()).sleep(60_000));
    const alsoRunning = rejection(newHttpBatchRpcSession(`${ORIGIN}/api`).sleep(60_000));
    using api = await connect(newRoom());
    await api.echo(1);
    await panicElsewhere();
    for (const error of [await running, await alsoRunning]) {
      expect(error.message).toBe("RPC request failed: 500 Internal Server Error");
    }
  });

  it.runIf(KEEPS_OBJECTS_APART && !unwinds).each([3, 20_000])("leaves what is durable in one that is busy, of %i bytes", async (length) => {
    using api = await connect(newRoom());
    using ann = await api.login("A".repeat(length));
    await ann.increment(2);
    const running = rejection(api.sleep(60_000));
    expect(await api.echo(1)).toBe(1);
    await panicElsewhere();
    await running;
    expect(await ann.increment()).toBe(3);
    expect(await ann.whoami()).toHaveLength(length);
  });
});

describe.runIf(KEEPS_OBJECTS_APART && inject("server") !== "reference")("a panic in a batch of a room", () => {
  it("rejects the batch and leaves what is durable", async () => {
    const path = newRoom();
    using api = await connect(path);
    using ann = await api.login("Ann");
    await ann.increment();
    expect(await rejection(newHttpBatchRpcSession(ORIGIN + path).panic())).toBeInstanceOf(Error);
    expect(await ann.increment()).toBe(2);
  });
});
