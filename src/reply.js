// Responses as JavaScript makes them: one call for each, where going through the types of `worker` takes ten.

import { textAt } from "./text.js";

const TEXT = "text/plain;charset=UTF-8";

/** The headers of the answer to most batches. A response copies them. */
const FOR_ANY = { headers: new Headers({ "Access-Control-Allow-Origin": "*" }) };
const BYTES_FOR_ANY = { headers: new Headers({ "Content-Type": TEXT, "Access-Control-Allow-Origin": "*" }) };

export const replies = { batch, batchForAny, shortBatchForAny, socket, text };

/** The bytes stand in Wasm's memory: the response gets a copy. */
function batchForAny(bytes) {
  return new Response(bytes.slice(), BYTES_FOR_ANY);
}

/** A response of a text has its type from that, and no buffer. */
function shortBatchForAny(place, length) {
  return new Response(textAt(place, length), FOR_ANY);
}

function batch(bytes, origin, hasCredentials) {
  return new Response(bytes.slice(), { headers: { "Content-Type": TEXT, ...readableBy(origin, hasCredentials) } });
}

function socket(webSocket) {
  return new Response(null, { status: 101, webSocket });
}

function text(status, text, name, value, origin, hasCredentials) {
  const headers = readableBy(origin, hasCredentials);
  if (name !== undefined) headers[name] = value;
  return new Response(text, { status, headers });
}

/** The headers by which pages of an origin may read an answer. */
function readableBy(origin, hasCredentials) {
  if (origin === undefined) return {};
  const headers = { "Access-Control-Allow-Origin": origin };
  if (hasCredentials) headers["Access-Control-Allow-Credentials"] = "true";
  return origin === "*" ? headers : { Vary: "Origin", ...headers };
}
