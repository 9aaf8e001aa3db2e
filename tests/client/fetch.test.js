import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { rejection } from "../interop/expectations.js";
import { client } from "./peers.js";

const API = `${inject("conformance")}/api`;
const BATCH = ['["push",["pipeline",0,["square"],[5]]]', '["pull",1]'];

/** Chunks of bytes, short and long, and what only looks like some. */
const CHUNKS = [
  ...[1, 400, 65_536, 300_000].map((size) => Buffer.from(Uint8Array.from({ length: size }, (_, i) => i * 7))),
  Buffer.from([]),
  Uint16Array.of(1, 65_535),
  { bytes: Buffer.from([6]) },
];

let rust;
beforeAll(() => {
  rust = client();
});
afterAll(() => rust[Symbol.dispose]());

describe("a request of a client, forwarded", () => {
  it.each([
    ["a text", () => BATCH.join("\n")],
    ["a stream", () => ReadableStream.from([`${BATCH[0]}\n`, BATCH[1]].map((text) => new TextEncoder().encode(text)))],
  ])("with %s", async (_, body) => {
    const response = await rust.forward(new Request(API, { method: "POST", body: body(), duplex: "half" }));
    expect(response).toBeInstanceOf(Response);
    expect([response.status, await response.text()]).toEqual([200, '["resolve",1,25]']);
  });

  it("without a body", async () => {
    const response = await rust.forward(new Request(API));
    expect([response.status, await response.text()]).toEqual([426, expect.stringMatching(/POST/)]);
  });

  it("to nobody", async () => {
    expect(await rejection(rust.forward(new Request("http://127.0.0.1:1/")))).toBeInstanceOf(Error);
  });
});

describe("through JavaScript and back", () => {
  it.each([
    ["data", { list: [[1], []], at: new Date(5), big: 7n, none: undefined, text: "é" }],
    ["bytes", { bytes: Buffer.from([0, 255]) }],
  ])("%s", async (_, value) => {
    expect(await rust.throughJs(value)).toEqual(value);
  });

  it("a stream", async () => {
    const chunks = ["one", "two"].map((text) => new TextEncoder().encode(text));
    const stream = await rust.throughJs(ReadableStream.from(chunks));
    expect(await new Response(stream).text()).toBe("onetwo");
  });

  it("a stream of values", async () => {
    const chunks = [1, undefined, { a: [null, 2n] }, Buffer.from([])];
    expect(await Array.fromAsync(await rust.throughJs(ReadableStream.from(chunks)))).toEqual(chunks);
  });

  it("a stream of bytes, which stay what they are", async () => {
    expect(await Array.fromAsync(await rust.throughJs(ReadableStream.from(CHUNKS)))).toEqual(CHUNKS);
  });

  it("a stream of bytes to be written to", async () => {
    const written = [];
    const writable = await rust.throughJs(new WritableStream({ write: (chunk) => void written.push(chunk) }));
    const writer = writable.getWriter();
    for (const chunk of CHUNKS) await writer.write(chunk);
    await writer.close();
    expect(written).toEqual(CHUNKS);
  });

  it("headers, as those of worker", async () => {
    const pairs = [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-a", "1, 2"]];
    const headers = await rust.throughWorker(new Headers(pairs));
    expect(headers).toBeInstanceOf(Headers);
    expect([...headers]).toEqual(pairs);
  });

  it("a function", async () => {
    const double = await rust.throughJs((i) => i * 2);
    expect(await double(4)).toBe(8);
  });

  it("a blob", async () => {
    const blob = await rust.throughJs(new Blob(["text"], { type: "text/plain" }));
    expect([blob.type, await blob.text()]).toEqual(["text/plain", "text"]);
  });
});
