import { expect, it } from "vitest";
import { newRoom } from "./room.js";

const CHUNKS = ["one", "two", "three"];

/** Chunks, of which the last comes when it is let go. */
function slowStream() {
  const last = Promise.withResolvers();
  const stream = new ReadableStream({
    async start(controller) {
      CHUNKS.slice(0, 2).forEach((chunk) => controller.enqueue(chunk));
      await last.promise;
      controller.enqueue(CHUNKS[2]);
      controller.close();
    },
  });
  return { stream, finish: last.resolve };
}

it("an open stream keeps its object awake, and a finished one does not", async () => {
  const room = newRoom();
  using api = await room.connect();
  const before = await api.bootId();
  const { stream, finish } = slowStream();
  const echoed = await api.echo(stream);
  const { hibernatable, pinnedBy } = await api.stats();
  expect(hibernatable).toBe(false);
  expect(pinnedBy).toContain("a stream is open");
  finish();
  const received = [];
  for await (const chunk of echoed) received.push(chunk);
  expect(received).toEqual(CHUNKS);
  await expect.poll(async () => (await api.stats()).pinnedBy).toEqual([]);
  await room.evict();
  expect(await api.bootId()).not.toBe(before);
});
