/** What of requests, responses and headers gets to native objects and back: frames, as clients' runtimes differ. */
import { describe, expect, inject, it } from "vitest";
import { rawSocket } from "./connect.js";
import { beyondReference } from "./expectations.js";

const URL = "https://a.test/b?c";
const headers = [["x-a", "1"], ["x-b", "2, 3"]];

/** What is sent, and what comes back where that is not the same. */
const VALUES = [
  ["a request", ["request", URL, {}]],
  ["a request with all that workerd keeps", [
    "request",
    URL,
    { method: "PUT", headers, redirect: "manual", cache: "no-store", cf: { cacheTtl: 5, list: [1, [2], {}], deep: { a: null } } },
  ]],
  ["a request with what workerd ignores", [
    "request",
    URL,
    { mode: "no-cors", credentials: "omit", referrer: "https://a.test/", referrerPolicy: "origin", keepalive: true },
  ], ["request", URL, {}]],
  ["a request with what is the default", [
    "request",
    URL,
    { method: "GET", headers: [], redirect: "follow", integrity: "", signal: null, body: null },
  ], ["request", URL, {}]],
  ["a request whose response is not to be decoded", ["request", URL, { encodeResponseBody: "manual" }], ["request", URL, {}]],
  ["a response", ["response", null, {}]],
  ["a response with all that workerd keeps", [
    "response",
    null,
    { status: 404, statusText: "Nowhere", headers, cf: { list: [[1]], a: "b" } },
  ]],
  ["a response that is encoded already", ["response", null, { status: 201, encodeBody: "manual" }], ["response", null, { status: 201 }]],
  ["headers", ["headers", [["set-cookie", "a=1"], ["set-cookie", "b=2"], ...headers]]],
  ["no headers", ["headers", []]],
];

describe("through a native object", () => {
  it.each(VALUES)("%s", async (_, sent, received = sent) => {
    using socket = await rawSocket();
    socket.send(["push", ["pipeline", 0, ["getDurableObject"], ["web"]]]);
    expect(await socket.ask(2, ["pipeline", 1, ["echo"], [sent]])).toEqual(["resolve", 2, received]);
  });

  it.skipIf(inject("server") === "reference")("a body beside what looks like capabilities", async () => {
    using socket = await rawSocket();
    socket.send(["push", ["pipeline", 0, ["getDurableObject"], ["web"]]], ["pipe"], ["stream", ["pipeline", 2, ["close"], []]]);
    const cf = { list: [7], deep: [[0]] };
    const request = ["request", URL, { method: "POST", body: ["readable", 2], duplex: "half", cf }];
    socket.send(["push", ["pipeline", 1, ["echo"], [request]]], ["pull", 4]);
    const [kind, , answer] = await socket.answerTo(4);
    expect([kind, answer[2]]).toEqual(["resolve", { method: "POST", duplex: "half", body: ["readable", expect.anything()], cf }]);
  });

  // npm `capnweb` ends the session over it.
  beyondReference("a request with an integrity is refused, as workerd has it", async () => {
    using socket = await rawSocket();
    socket.send(["push", ["pipeline", 0, ["getDurableObject"], ["web"]]]);
    const answer = await socket.ask(2, ["pipeline", 1, ["echo"], [["request", URL, { integrity: "sha256-AAAA" }]]]);
    expect(answer.slice(0, 2)).toEqual(["reject", 2]);
    expect(answer[2][2]).toContain("integrity");
  });
});
