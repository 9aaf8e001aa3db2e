/**
 * How streams end, at every stage and in every place: what each of both ends does, and what it sees of the other.
 * The server's ends go by scripts as the client's do (`ends.js`).
 */
import { describe, expect, inject, it } from "vitest";
import { connect } from "./connect.js";
import { PLACES } from "./ends.js";
import { check, CLIENT_WRITABLE, DIRECTIONS, isLettingGo, isLosing, OF_RUST, ROWS, SERVER_WRITABLE } from "./stream_rows.js";

const isReference = inject("server") === "reference";
const endsOf = (api) => api.ends();

/**
 * npm `capnweb` leaves it to who gets a chunk to dispose of it: its servers' streams there are never let go. And one that
 * waits for such a chunk when the session is lost waits for ever.
 */
const isBeyondReference = (row, place) => isReference && place === "chunk" && (isLettingGo(row) || isLosing(row));

/** The rows of a direction and place. */
function rowsOf(direction, place) {
  const rows = isReference ? ROWS : [...ROWS, ...OF_RUST];
  return rows.filter((row) => row.only.includes(direction) && !isBeyondReference(row, place));
}

describe.each(DIRECTIONS)("$name", (direction) => {
  const isWritable = direction === SERVER_WRITABLE || direction === CLIENT_WRITABLE;
  const places = Object.keys(PLACES).filter((place) => !isWritable || !PLACES[place].isBody);

  describe.each(places)("in the place: %s", (place) => {
    it.each(rowsOf(direction, place))("$what", async (row) => {
      using api = await connect();
      // The server has all that was sent before.
      const lose = async () => {
        await api.square(1);
        api[Symbol.dispose]();
      };
      if (isLosing(row)) return await check(api, endsOf, direction, place, row, lose);
      await check(api, endsOf, direction, place, row);
      expect(await api.square(3)).toBe(9);
    });
  });

  it("all at once", async () => {
    using api = await connect();
    const checks = places.flatMap((place) => rowsOf(direction, place).map((row) => [place, row]));
    const lasting = checks.filter(([, row]) => !isLosing(row));
    await Promise.all(lasting.map(([place, row]) => check(api, endsOf, direction, place, row)));
    expect(await api.square(3)).toBe(9);
  });
});
