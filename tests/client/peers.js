/** The Worker under test, and the servers it is sent to. */
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { newWebSocketRpcSession } from "capnweb";
import { inject } from "vitest";
import { ServerSocket } from "./websocket.js";

export const SOCKETS = ["websocket", "fetched", "accepted"];
export const KINDS = ["batch", ...SOCKETS];

/** A stub of a `Client` in the Worker under test. */
export function client() {
  return open("/api");
}

/** A session with the Worker under test. */
export function open(path) {
  return newWebSocketRpcSession(inject("client").replace(/^http/, "ws") + path);
}

/** The conformance Worker, to be called by a session of that kind. */
export function conformance(kind) {
  return address(kind, `${inject("conformance")}/api`);
}

/** An address for the methods of `Client`. */
export function address(kind, url) {
  return { kind, url: kind === "batch" ? url : url.replace(/^http/, "ws") };
}

/**
 * A server on a free port that does as it is told: `onRequest(body, response)` answers, and
 * `onSocket(socket)` has the WebSocket. Without it, upgrades are answered as other requests are.
 */
export async function listen({ onRequest = (_body, response) => response.end(), onSocket }) {
  const bodies = [];
  const upgraded = [];
  const server = createServer(async (request, response) => {
    const body = await text(request);
    bodies.push(body);
    await onRequest(body, response);
  });
  if (onSocket) {
    server.on("upgrade", (request, connection) => {
      upgraded.push(connection);
      onSocket(new ServerSocket(request, connection));
    });
  }
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${server.address().port}/`;
  return {
    /** Of every request that was no upgrade. */
    bodies,
    at: (kind) => address(kind, url),
    [Symbol.asyncDispose]: () => close(server, upgraded),
  };
}

function close(server, upgraded) {
  server.closeAllConnections();
  upgraded.forEach((connection) => connection.destroy());
  return new Promise((resolve) => server.close(resolve));
}

/** An address where nobody listens. */
export async function nobody(kind) {
  const server = await listen({});
  await server[Symbol.asyncDispose]();
  return server.at(kind);
}
