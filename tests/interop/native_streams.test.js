/** How streams between clients and native objects end: the rows of `stream_ends.test.js`, as far as JavaScript has them. */
import { describe, expect, it } from "vitest";
import { connect } from "./connect.js";
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
