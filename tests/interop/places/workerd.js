/** The tests' place inside workerd: the Worker under test is this Worker's own default export. */
import { exports } from "cloudflare:workers";

export const ORIGIN = "http://topsail.test";

/** Whether a response shows the hop-by-hop header `Upgrade`. */
export const SHOWS_UPGRADE = true;

/**
 * Whether what follows a promise runs as the object that waits for it, whoever settles it. The test runner sets
 * `no_handle_cross_request_promise_resolution`.
 */
export const KEEPS_OBJECTS_APART = false;

const outside = globalThis.fetch;

// The npm client's batch session posts with the global `fetch`.
globalThis.fetch = (input, init) =>
  String(input.url ?? input).startsWith(ORIGIN) ? exports.default.fetch(input, init) : outside(input, init);

/** An open WebSocket to the Worker's `path`. */
export async function openSocket(path) {
  const response = await exports.default.fetch(ORIGIN + path, { headers: { Upgrade: "websocket" } });
  if (!response.webSocket) {
    throw new Error(`no WebSocket at ${path}: status ${response.status}`);
  }
  response.webSocket.accept();
  return response.webSocket;
}
