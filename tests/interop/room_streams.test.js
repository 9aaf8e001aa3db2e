/** How streams end on the sockets of a Durable Object, which may sleep: the rows of `stream_ends.test.js`. */
import { newWebSocketRpcSession } from "capnweb";
import { describe, expect, inject, it } from "vitest";
import { openSocket } from "./connect.js";
import { PLACES } from "./ends.js";
import { check, CLIENT_WRITABLE, DIRECTIONS, isLosing, OF_RUST, ROWS, SERVER_WRITABLE } from "./stream_rows.js";

const isReference = inject("server") === "reference";
const rows = isReference ? ROWS : [...ROWS, ...OF_RUST];
const endsOf = (api) => api.ends();

/** Bytes go another way than values. */
const ALL = ["plain", "bytes"];

let rooms = 0;
const newRoom = () => `/room/streams-${Date.now()}-${(rooms += 1)}`;
const connect = async (path) => newWebSocketRpcSession(await openSocket(path));

describe.each(DIRECTIONS)("$name", (direction) => {
  const isWritable = direction === SERVER_WRITABLE || direction === CLIENT_WRITABLE;
  const places = ALL.filter((place) => !isWritable || !PLACES[place].isBody);

  describe.each(places)("in the place: %s", (place) => {
    it.each(rows.filter((row) => row.only.includes(direction)))("$what", async (row) => {
      const path = newRoom();
      using api = await connect(path);
      const lose = async () => {
        await api.echo(1);
        api[Symbol.dispose]();
      };
      if (isLosing(row)) return await check(api, endsOf, direction, place, row, lose, () => connect(path));
      await check(api, endsOf, direction, place, row);
      // Nothing of it keeps the object awake.
      if (!isReference) await expect.poll(async () => (await api.stats()).pinnedBy).not.toContain("a stream is open");
    });
  });
});

it.skipIf(isReference)("long chunks of bytes, there and back", async () => {
  using api = await connect(newRoom());
  const chunks = [1, 500, 65_536, 300_000].map((size) => Uint8Array.from({ length: size }, (_, i) => i * 7));
  const echoed = await api.echo(ReadableStream.from(chunks));
  const received = await Array.fromAsync(echoed);
  expect(received.map((chunk) => [...chunk.subarray(0, 100), chunk.length])).toEqual(
    chunks.map((chunk) => [...chunk.subarray(0, 100), chunk.length]),
  );
});
