import { expect, inject, it } from "vitest";
import { connect, KEEPS_OBJECTS_APART } from "./connect.js";
import { trackedFunction } from "./targets.js";

const isSkipped = inject("server") === "reference" || !KEEPS_OBJECTS_APART;

it.skipIf(isSkipped)("a native function of Rust that nobody has disposed of is released when it is garbage", async () => {
  using api = await connect();
  using room = await api.getDurableObject(crypto.randomUUID());
  const callback = trackedFunction(() => {});
  await api.exposeAndForget(callback);
  const isReleased = async () => {
    await room.collectGarbage();
    return callback.released;
  };
  await expect.poll(isReleased).toBe(true);
});

/** So many answers that wait are not watched. */
const UNWATCHED = 8;

it.skipIf(isSkipped)("native calls that the runtime cancels with their request are given up, but for a few", async () => {
  using api = await connect();
  using room = await api.getDurableObject(crypto.randomUUID());
  const waiting = async () => {
    await room.collectGarbage();
    return await api.getRustGreeter().waiting();
  };
  for (let round = 0; round < 2; round += 1) {
    using leaving = await connect();
    const greeter = leaving.getRustGreeter();
    for (let i = 0; i < 20; i += 1) greeter.wait().catch(() => {});
    await expect.poll(waiting).toBeGreaterThanOrEqual(20);
    leaving[Symbol.dispose]();
    await expect.poll(waiting).toBeLessThanOrEqual(UNWATCHED);
  }
});
