import { describe, expect, inject, it } from "vitest";
import { rejection } from "./expectations.js";
import { connect } from "./connect.js";

const onTopsail = it.skipIf(inject("server") === "reference");

/** A stream of bytes in some chunks. */
const stream = (...chunks) => ReadableStream.from(chunks.map((chunk) => new TextEncoder().encode(chunk)));

const bytes = (length) => Uint8Array.from({ length }, (_, i) => i % 251);

describe("a Blob", () => {
  it.each([
    ["empty", new Blob([])],
    ["of text", new Blob(["hello"], { type: "text/plain" })],
    ["without a type", new Blob([bytes(300)])],
    ["of 10 MB", new Blob([bytes(10 << 20)], { type: "application/octet-stream" })],
  ])("%s goes there and back", async (_, blob) => {
    using api = await connect();
    for (const echoed of [await api.echoBlob(blob), await api.echo(blob)]) {
      expect(echoed).toBeInstanceOf(Blob);
      expect(echoed.type).toBe(blob.type);
      expect(Buffer.from(await echoed.arrayBuffer()).equals(Buffer.from(await blob.arrayBuffer()))).toBe(true);
    }
    expect(await api.typeOf(blob)).toBe("blob");
  });

  it("stands anywhere in a value", async () => {
    using api = await connect();
    const { list } = await api.echo({ list: [new Blob(["a"]), 1, new Blob(["b"], { type: "x/y" })] });
    expect([await list[0].text(), list[1], await list[2].text(), list[2].type]).toEqual(["a", 1, "b", "x/y"]);
  });
});

describe("Headers", () => {
  it("go there and back", async () => {
    using api = await connect();
    const headers = new Headers([["x-a", "1"], ["Content-Type", "text/plain"], ["set-cookie", "a=1"], ["set-cookie", "b=2"]]);
    for (const echoed of [await api.echoHeaders(headers), await api.echo(headers), (await api.echo([headers]))[0]]) {
      expect(echoed).toBeInstanceOf(Headers);
      expect([...echoed]).toEqual([...headers]);
    }
    expect(await api.typeOf(headers)).toBe("headers");
  });
});

describe("a URL", () => {
  it("goes there and back", async () => {
    using api = await connect();
    const url = new URL("https://user@example.com:8443/a b?q=ü#x");
    expect(await api.echoUrl(url)).toEqual(url);
    expect(await api.typeOf(url)).toBe("url");
  });
});

describe("a Request", () => {
  it.each([
    ["a GET", () => new Request("https://example.com/a?b=c", { headers: { "x-test": "1" } }), "GET", ""],
    ["a text", () => new Request("https://example.com/", { method: "POST", body: "hello" }), "POST", "hello"],
    ["bytes", () => new Request("https://example.com/", { method: "PUT", body: new Uint8Array([104, 105]) }), "PUT", "hi"],
    ["a stream", () => new Request("https://example.com/", { method: "POST", body: stream("a", "b", "c"), duplex: "half" }), "POST", "abc"],
  ])("with %s is described", async (_, make, method, body) => {
    using api = await connect();
    const described = await api.describeRequest(make());
    expect(described).toMatchObject({ method, body, url: make().url });
    for (const pair of make().headers) expect(described.headers).toContainEqual(pair);
    expect(await api.typeOf(make())).toBe("request");
  });

  onTopsail("with a stream goes there and back", async () => {
    using api = await connect();
    const request = new Request("https://example.com/x", { method: "POST", body: stream("there ", "and ", "back"), duplex: "half" });
    const echoed = await api.echo(request);
    expect(echoed).toBeInstanceOf(Request);
    expect([echoed.method, echoed.url, await echoed.text()]).toEqual(["POST", request.url, "there and back"]);
  });
});

describe("a Response", () => {
  it("is made", async () => {
    using api = await connect();
    const response = await api.makeResponse(404, "nothing here");
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.headers.get("x-test"), await response.text()]).toEqual([404, "topsail", "nothing here"]);
  });

  onTopsail("of no status that there is rejects", async () => {
    using api = await connect();
    expect(await rejection(api.makeResponse(99, ""))).toBeInstanceOf(RangeError);
  });

  onTopsail.each([
    ["no body", () => new Response(null, { status: 204 }), ""],
    ["a text", () => new Response("text", { status: 201, statusText: "Made", headers: { "x-a": "b" } }), "text"],
    ["a stream", () => new Response(stream("one", "two")), "onetwo"],
  ])("with %s goes there and back", async (_, make, body) => {
    using api = await connect();
    const [echoed] = await api.echo([make()]);
    expect(echoed).toBeInstanceOf(Response);
    expect([echoed.status, echoed.statusText, await echoed.text()]).toEqual([make().status, make().statusText, body]);
    for (const [name, value] of make().headers) expect(echoed.headers.get(name)).toBe(value);
    expect(await api.typeOf(make())).toBe("response");
  });
});
