// Chunks of bytes, whose base64 the runtime does: whatever is not exactly of the form that it is done for, and what it
// is more lenient with than the protocol, has the effect that it has without.
import { describe, expect, inject, it } from "vitest";
import { readChunk } from "../../src/socket/chunk.js";
import { rawSocket } from "./connect.js";

const DECODES = "setFromBase64" in Uint8Array.prototype;

function base64(length) {
  const bytes = Array.from({ length }, (_, i) => String.fromCharCode((i * 7) % 256));
  return btoa(bytes.join("")).replace(/=+$/, "");
}

const LONG = base64(600);

function write(text, pipe = "1") {
  return `["stream",["pipeline",${pipe},["write"],[["bytes","${text}"]]]]`;
}

/** Messages that are decoded, with the number of their bytes. */
const DECODED = [
  ["bytes in groups of three", 600, write(LONG)],
  ["one byte more", 601, write(base64(601))],
  ["two bytes more", 602, write(base64(602))],
  ["many bytes", 300_001, write(base64(300_001))],
  ["the largest digits", 600, write("/".repeat(800))],
  ["to an unknown id", 600, write(LONG, "99")],
  ["to what is no pipe", 600, write(LONG, "2")],
  ["to the main object", 600, write(LONG, "0")],
];

/** Messages that are not. */
const OTHERS = [
  ["few bytes", write(base64(30))],
  ["no bytes", write("")],
  ["padding", write(`${base64(601)}==`)],
  ["half of the padding", write(`${base64(601)}=`)],
  ["padding of nothing", write(`${LONG}==`)],
  ["padding inside", write(`${base64(601)}==${LONG}`)],
  ["the alphabet of URLs", write(LONG.replace(/[A-M]/, "-"))],
  ["a space", write(LONG.replace("A", " "))],
  ["a space more", write(`${LONG.slice(0, 400)} ${LONG.slice(400)}`)],
  ["four spaces more", write(`${LONG.slice(0, 400)}    ${LONG.slice(400)}`)],
  ["spaces in front", write(`    ${LONG}`)],
  ["a space behind", write(`${LONG} `)],
  ["a space for a digit", write(`${base64(601).slice(0, -2)} ${base64(601).slice(-2)}`)],
  ["bits left over of one byte", write(`${LONG}QR`)],
  ["bits left over of two bytes", write(`${LONG}QUJ`)],
  ["a digit too many", write(`${LONG}Q`)],
  ["an escaped digit", write(`${LONG}\\u0041AAA`)],
  ["an escaped slash", write(`${LONG}\\/AAA`)],
  ["an escaped newline", write(`${LONG}\\n`)],
  ["a newline", write(`${LONG}\n`)],
  ["a letter that is no digit", write(`${LONG}é123`)],
  ["half a letter", write(`${LONG}\\ud800123`)],
  ["a quote", write(`${LONG}","${LONG}`)],
  ["the end of the message twice", write(`${LONG}"]]]]${LONG}`)],
  ["an id with a zero in front", write(LONG, "01")],
  ["an id with a fraction", write(LONG, "1.0")],
  ["an id with an exponent", write(LONG, "1e0")],
  ["a negative id", write(LONG, "-1")],
  ["a string for an id", write(LONG, '"1"')],
  ["a huge id", write(LONG, "4294967297")],
  ["no id", write(LONG, "")],
  ["a space before the id", write(LONG, " 1")],
  ["a comma in the id", write(LONG, "1,1")],
  ["a container", write(`${LONG}","Uint8Array`)],
  ["another container", write(`${LONG}","Uint16Array`)],
  ["two arguments", write(LONG).replace('"]]]]', '"],1]]]')],
  ["two chunks", write(LONG).replace('"]]]]', `"],["bytes","${LONG}"]]]]`)],
  ["another method", write(LONG).replace('"write"', '"wrote"')],
  ["a longer path", write(LONG).replace('"write"', '"write","x"')],
  ["a push", write(LONG).replace('"stream"', '"push"')],
  ["what is no bytes", write(LONG).replace('"bytes"', '"bites"')],
  ["a bracket too many", `${write(LONG)}]`],
  ["a space in front", ` ${write(LONG)}`],
];

/** The same, where white space behind them would be where an error is found. */
const CUT_OFF = [
  ["a bracket too few", write(LONG).slice(0, -1)],
  ["no end of the text", `["stream",["pipeline",1,["write"],[["bytes","${LONG}]]]]`],
];

describe("what is decoded", () => {
  it.each(DECODED)("%s", (_what, length, message) => {
    const chunk = readChunk(message);
    expect(chunk?.bytes.length).toBe(DECODES ? length : undefined);
    if (!DECODES) return;
    const binary = Array.from(chunk.bytes, (byte) => String.fromCharCode(byte)).join("");
    expect(write(btoa(binary).replace(/=+$/, ""), chunk.pipe)).toBe(message);
  });

  it.each([...OTHERS, ...CUT_OFF])("not %s", (_what, message) => {
    expect(readChunk(message)).toBeUndefined();
  });
});

/** What a server sends to a client that writes a chunk into a stream that it collects, and that it closes then. */
async function answers(message) {
  using socket = await rawSocket();
  const collect = ["push", ["pipeline", 0, ["collect"], [["readable", 1]]]];
  socket.send(["pipe"], collect, ["pull", 2], message, ["stream", ["pipeline", 1, ["close"], []]]);
  const frames = [];
  while (frames.at(-1)?.[1] !== 2 && frames.at(-1)?.[0] !== "abort") frames.push(await socket.next());
  return frames;
}

describe("what follows is what follows from the text", () => {
  const rows = [...DECODED.map(([what, , message]) => [what, message]), ...OTHERS];
  it.each(rows)("of %s", async (_what, message) => {
    // White space behind a message keeps it from being decoded.
    const [decoded, text] = [await answers(message), await answers(`${message} `)];
    expect(decoded).toEqual(text);
  });
});

// The reference sends nothing as a chunk of no bytes.
it.skipIf(inject("server") === "reference").each([0, 1, 2, 3, 64, 65, 66, 1000, 70_001])("chunks of %i bytes are sent without padding", async (size) => {
  using socket = await rawSocket();
  socket.send(["push", ["pipeline", 0, ["bytesOf"], [2 * size, size]]], ["pull", 1]);
  const bytes = Array.from({ length: 2 * size }, (_, i) => String.fromCharCode(i % 251)).join("");
  const parts = size === 0 ? [] : [bytes.slice(0, size), bytes.slice(size)];
  const chunks = parts.map((part) => ["write", [["bytes", btoa(part).replace(/=+$/, "")]]]);
  const frames = [];
  while (frames.length < chunks.length + 3) frames.push(await socket.next());
  expect(frames.slice(0, 2)).toEqual([["pipe"], ["resolve", 1, ["readable", 1]]]);
  const streamed = [...chunks, ["close", []]];
  expect(frames.slice(2)).toEqual(streamed.map(([method, list]) => ["stream", ["pipeline", 1, [method], list]]));
});
