// Blobs, and requests and responses with bodies.

import assert from "node:assert/strict";
import { streamOf } from "../target.mjs";

const URL = "https://example.com/path?q=1";

async function blobArgument({ api, note }) {
  for (const [text, type] of [["", ""], ["hello", "text/plain"]]) {
    note(JSON.stringify(text));
    assert.equal(await api.bodyText(new Blob([text], { type })), text);
  }
}

async function blobResult({ api, note }) {
  for (const [text, type] of [["", ""], ["hello", "text/plain"]]) {
    note(JSON.stringify(text));
    const blob = await api.makeBlob(text, type);
    assert.deepEqual([await blob.text(), blob.type], [text, type]);
  }
}

async function blobNested({ api }) {
  assert.equal(await api.bodyText(new Response(new Blob(["in a response"]))), "in a response");
  const [one, two] = await Promise.all([api.makeBlob("one", "x/1"), api.makeBlob("two", "x/2")]);
  assert.deepEqual([await one.text(), await two.text()], ["one", "two"]);
}

/** Requests and responses of each kind of body, to the server. */
async function bodyArguments({ api, note }, make) {
  const bodies = [
    ["no body", null, ""],
    ["text", "text", "text"],
    ["bytes", new Uint8Array([98, 121]), "by"],
    ["a stream", streamOf(["one ", "two"].map((text) => new TextEncoder().encode(text))), "one two"],
  ];
  for (const [what, body, text] of bodies) {
    note(what);
    assert.equal(await api.bodyText(make(body)), text);
  }
}

const headers = { "content-type": "x/y" };
const request = (body) => new Request(URL, { method: "PUT", body, headers, duplex: "half" });
const response = (body) => new Response(body, { status: 201, headers });

async function requestResult({ api, note }) {
  note("with a body");
  const { method, url, ...rest } = await read(await api.makeRequest(URL, "a body"));
  assert.deepEqual([method, url, rest.type, rest.text], ["POST", URL, "x/y", "a body"]);
}

async function responseResult({ api, note }) {
  for (const body of [null, "a body"]) {
    note(body ?? "without a body");
    const { status, type, text } = await read(await api.makeResponse(203, body));
    assert.deepEqual([status, type, text], [203, "x/y", body ?? ""]);
  }
}

async function read(message) {
  const { method, url, status, headers } = message;
  return { method, url, status, type: headers.get("content-type"), text: await message.text() };
}

/** Frames the npm client never sends: its bodies are always streams. */
const literal = {
  name: "body_literal",
  about: "bodies that are null, strings and bytes",
  frames: `
> ["push",["pipeline",0,["bodyText"],[["request","https://example.com/",{"method":"POST","body":"text"}]]]]
> ["push",["pipeline",0,["bodyText"],[["request","https://example.com/",{"method":"POST","body":["bytes","Ynk"]}]]]]
> ["push",["pipeline",0,["bodyText"],[["request","https://example.com/",{"method":"POST","body":null}]]]]
> ["push",["pipeline",0,["bodyText"],[["response","text",{}]]]]
> ["push",["pipeline",0,["bodyText"],[["response",["bytes","Ynk"],{"status":201}]]]]
> ["push",["pipeline",0,["bodyText"],[["response",null,{"statusText":"x"}]]]]
> ["pull",1]
> ["pull",2]
> ["pull",3]
> ["pull",4]
> ["pull",5]
> ["pull",6]

> ["release",1,1]
> ["release",2,1]
> ["release",3,1]
> ["release",4,1]
> ["release",5,1]
> ["release",6,1]
`,
};

export const bodies = [
  { name: "blob_argument", about: "blobs of the client", script: blobArgument },
  { name: "blob_result", about: "blobs of the server", script: blobResult },
  { name: "blob_nested", about: "a blob as a body, and two at once", script: blobNested },
  { name: "body_request", about: "requests with bodies", script: (tools) => bodyArguments(tools, request) },
  { name: "body_response", about: "responses with bodies", script: (tools) => bodyArguments(tools, response) },
  { name: "body_request_result", about: "a request of the server with a body", script: requestResult },
  { name: "body_response_result", about: "responses of the server", script: responseResult },
  literal,
];
