/** How streams end: what both ends do, and what each sees of the other. */
import { expect } from "vitest";
import { connect } from "./connect.js";
import { PLACES, read, sink, source, write } from "./ends.js";

/** The directions. `run` has the server run its end, and runs the client's; it gives what that sees. */
const SERVER_READABLE = {
  name: "the server's readable stream",
  client: "reader",
  run: async (ends, place, { writer, reader }) => {
    const value = await ends.readable(writer, place);
    const stream = await PLACES[place].take(value);
    const seen = await read(stream, reader);
    if (reader.end === "drop") (place === "chunk" ? stream : value)[Symbol.dispose]();
    return seen;
  },
};

export const CLIENT_READABLE = {
  name: "the client's readable stream",
  client: "writer",
  run: async (ends, place, { writer, reader }) => {
    const { readable, outcome } = source(writer, PLACES[place].isBody);
    ends.read(PLACES[place].put(readable), reader, place).catch(() => {});
    return await outcome;
  },
};

export const SERVER_WRITABLE = {
  name: "the server's writable stream",
  client: "writer",
  run: async (ends, place, { writer, reader }) => {
    const value = await ends.writable(reader, place);
    const stream = await PLACES[place].take(value);
    const seen = await write(stream, writer, PLACES[place].isBody);
    if (writer.end === "drop") (place === "chunk" ? stream : value)[Symbol.dispose]();
    return seen;
  },
};

export const CLIENT_WRITABLE = {
  name: "the client's writable stream",
  client: "reader",
  run: async (ends, place, { writer, reader }) => {
    const { writable, outcome } = sink(reader);
    ends.write(PLACES[place].put(writable), writer, place).catch(() => {});
    return await outcome;
  },
};

export const DIRECTIONS = [SERVER_READABLE, CLIENT_READABLE, SERVER_WRITABLE, CLIENT_WRITABLE];

/** What is seen, where Topsail and npm `capnweb` have words of their own. */
const GIVEN_UP = /^Error: (the reader of the stream has given it up|the stream was given up|ReadableStream RPC stub was disposed without being consumed)$/;
const RELEASED = /^Error: (a writable stream was released before it was closed|the stream was aborted|WritableStream RPC stub was disposed without calling close\(\))$/;
const LOST = /^Error: (RPC session was shut down|Peer closed WebSocket|Writable|a writable stream was released)/;
/** The end may be there before the reader says that it wants no more, or cross it: the runtime refuses it then. */
const CLOSED_OR = (error) => new RegExp(`^closed|${error}|^TypeError: .*WritableStream`);

/** What both do: so many chunks, and what then. What each sees. Which directions it is for, where not for all. */
export const ROWS = [
  ["nothing is written", [0, "close"], [0, "all"], "closed", "closed after 0"],
  ["all is written", [3, "close"], [0, "all"], "closed", "closed after 3"],

  ["the writer fails before the first chunk", [0, "fail"], [0, "all"], "failed", "RangeError: given up"],
  ["the writer fails in the middle", [2, "fail"], [0, "all"], "failed", "RangeError: given up"],
  ["the writer fails behind the last chunk", [3, "fail"], [0, "all"], "failed", "RangeError: given up"],

  ["the reader gives up before the first chunk", [0, "more"], [0, "cancel"], "RangeError: enough", "cancelled"],
  ["the reader gives up in the middle", [3, "more"], [2, "cancel"], "RangeError: enough", "cancelled"],
  ["the reader gives up at the last chunk", [3, "close"], [2, "cancel"], CLOSED_OR("RangeError: enough"), "cancelled"],
  ["the reader refuses the end", [3, "close"], [3, "refuse"], "RangeError: enough", "cancelled", [SERVER_WRITABLE, CLIENT_WRITABLE]],

  ["the reader lets go before the first chunk", [0, "more"], [0, "drop"], GIVEN_UP, "dropped", [SERVER_READABLE, CLIENT_READABLE]],
  ["the reader lets go in the middle", [3, "more"], [2, "drop"], GIVEN_UP, "dropped", [SERVER_READABLE, CLIENT_READABLE]],
  ["the reader lets go behind the last chunk", [3, "close"], [3, "drop"], CLOSED_OR(GIVEN_UP.source), "dropped", [SERVER_READABLE, CLIENT_READABLE]],

  ["the writer lets go before the first chunk", [0, "drop"], [0, "all"], "dropped", RELEASED, [SERVER_WRITABLE, CLIENT_WRITABLE]],
  ["the writer lets go in the middle", [2, "drop"], [0, "all"], "dropped", RELEASED, [SERVER_WRITABLE, CLIENT_WRITABLE]],

  ["the session is lost before the first chunk", [0, "more"], [0, "lose"], LOST, LOST, [SERVER_READABLE, CLIENT_WRITABLE]],
  ["the session is lost in the middle", [3, "more"], [2, "lose"], LOST, LOST, [SERVER_READABLE, CLIENT_WRITABLE]],
  ["the session is lost before the first chunk", [0, "lose"], [0, "all"], LOST, LOST, [CLIENT_READABLE, SERVER_WRITABLE]],
  ["the session is lost in the middle", [2, "lose"], [0, "all"], LOST, LOST, [CLIENT_READABLE, SERVER_WRITABLE]],
].map(([what, writes, reads, writer, reader, only = DIRECTIONS]) => ({ what, writes, reads, seen: { writer, reader }, only }));

/** What only a stream of Rust does: in JavaScript, neither end of one that is not sent is let go. */
export const OF_RUST = [
  ["the writer lets go before the first chunk", [0, "drop"], [0, "all"], "dropped", RELEASED, SERVER_READABLE],
  ["the writer lets go in the middle", [2, "drop"], [0, "all"], "dropped", RELEASED, SERVER_READABLE],
  ["the reader lets go before the first chunk", [0, "more"], [0, "drop"], GIVEN_UP, "dropped", SERVER_WRITABLE],
  ["the reader lets go in the middle", [3, "more"], [2, "drop"], GIVEN_UP, "dropped", SERVER_WRITABLE],
  ["the reader lets go behind the last chunk", [3, "close"], [3, "drop"], GIVEN_UP, "dropped", SERVER_WRITABLE],
].map(([what, writes, reads, writer, reader, only]) => ({ what, writes, reads, seen: { writer, reader }, only: [only] }));

export const isLosing = ({ writes, reads }) => [writes[1], reads[1]].includes("lose");
export const isLettingGo = ({ writes, reads }) => [writes[1], reads[1]].includes("drop");

let lastName = 0;

/**
 * Runs one row in a session, and compares what both ends see. `endsOf` gives the server's ends in a session; `lose`
 * ends it, and `again` opens another one.
 */
export async function check(api, endsOf, direction, place, { writes, reads, seen }, lose, again = connect) {
  const name = `${Date.now()}.${(lastName += 1)}`;
  const scripts = { writer: { name, chunks: writes[0], end: writes[1] }, reader: { name, chunks: reads[0], end: reads[1] } };
  const { client } = direction;
  const server = client === "reader" ? "writer" : "reader";
  if (lose) scripts[client].lose = lose;
  const outcome = await direction.run(endsOf(api), place, scripts);
  expect.soft(outcome, "the client's end").toMatch(exactly(seen[client]));
  // A session that is lost cannot be asked.
  const asked = lose ? await again() : api;
  const polled = expect.poll(() => endsOf(asked).outcome(name), { interval: 5, timeout: 10_000, message: "the server's end" });
  await polled.toMatch(exactly(seen[server]));
  if (lose) asked[Symbol.dispose]();
}

function exactly(text) {
  return typeof text === "string" ? new RegExp(`^${text}$`) : text;
}
