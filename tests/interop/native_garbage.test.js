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
