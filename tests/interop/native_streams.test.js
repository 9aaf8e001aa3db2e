/** How streams between clients and native objects end: the rows of `stream_ends.test.js`, as far as JavaScript has them. */
import { describe, expect, inject, it } from "vitest";
import { connect, rawSocket } from "./connect.js";
import { check, CLIENT_READABLE, DIRECTIONS, isLettingGo, isLosing, ROWS } from "./stream_rows.js";

const OBJECTS = [
  ["a Durable Object", (api) => api.getDurableObject("streams").ends()],
  ["a service", (api) => api.getGreeter().ends()],
];

/** The runtime does not say why a stream of its has failed, and its buffers may have taken the end before. */
const asNative = (seen) => (/^(closed|failed|cancelled)/.test(seen) ? seen : /^(closed|\w*Error: )/);

const rows = ROWS.filter((row) => !isLettingGo(row)).map(({ seen, ...row }) => ({
  ...row,
  seen: { writer: asNative(seen.writer), reader: asNative(seen.reader) },
}));

/**
 * The runtime ends a call with the session that has made it, and what the object does in it, perhaps without a word: so
 * with npm `capnweb` as the server too. That a reader of JavaScript gets the reason, `stream_ends.test.js` shows.
 */
const isSeen = (row, direction) => !isLosing(row) || direction !== CLIENT_READABLE;

describe.each(OBJECTS)("%s", (_, endsOf) => {
  describe.each(DIRECTIONS)("$name", (direction) => {
    it.each(rows.filter((row) => row.only.includes(direction) && isSeen(row, direction)))("$what", async (row) => {
      using api = await connect();
      const lose = async () => {
        await api.square(1);
        api[Symbol.dispose]();
      };
      if (isLosing(row)) return await check(api, endsOf, direction, "bytes", row, lose);
      await check(api, endsOf, direction, "bytes", row);
      expect(await api.square(3)).toBe(9);
    });
  });
});

/** Chunks that the protocol allows and JavaScript refuses. */
const REFUSED = [
  ["a URL", ["url", "http://["]],
  ["a request", ["request", "https://x/", { integrity: "x" }]],
];

describe.skipIf(inject("server") === "reference")("what JavaScript refuses fails alone", () => {
  it.each(REFUSED)("%s as a chunk for a native stream", async (_what, chunk) => {
    using bystander = await connect();
    using counter = await bystander.makeCounter(1);
    using socket = await rawSocket();
    socket.send(["push", ["pipeline", 0, ["getDurableObject"], ["refused"]]], ["push", ["pipeline", 1, ["sink"], []]], ["pull", 2]);
    const [, , [, id]] = await socket.answerTo(2);
    socket.send(["stream", ["pipeline", id, ["write"], [chunk]]]);
    expect(await socket.answerTo(3)).toEqual(["reject", 3, ["error", "TypeError", expect.any(String)]]);
    expect(await counter.increment()).toBe(2);
  });

  it("a reader and a writer of streams that are locked", async () => {
    using api = await connect();
    const errors = await api.useLockedStreams();
    expect(errors.map(({ name, message }) => `${name}: ${message}`)).toEqual([
      expect.stringMatching(/^TypeError: .*locked to a reader/),
      expect.stringMatching(/^TypeError: .*locked to a writer/),
    ]);
    expect(await api.square(3)).toBe(9);
  });
});
