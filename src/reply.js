// Responses as JavaScript makes them: one call for each, where going through the types of `worker` takes ten.

const TEXT = "text/plain;charset=UTF-8";

/** The headers of the answer to most batches. A response copies them. */
const FOR_ANY = { headers: new Headers({ "Content-Type": TEXT, "Access-Control-Allow-Origin": "*" }) };

export const replies = { batch, batchForAny, socket, text };

/** The bytes stand in Wasm's memory: the response gets a copy. */
function batchForAny(bytes) {
  return new Response(bytes.slice(), FOR_ANY);
}

function batch(bytes, origin) {
  const headers = { "Content-Type": TEXT };
  if (origin !== undefined) Object.assign(headers, { Vary: "Origin", "Access-Control-Allow-Origin": origin });
  return new Response(bytes.slice(), { headers });
}

function socket(webSocket) {
  return new Response(null, { status: 101, webSocket });
}

function text(status, text, name, value) {
  return new Response(text, { status, headers: name === undefined ? {} : { [name]: value } });
}
