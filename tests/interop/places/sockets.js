/** The tests' place in Node: the Worker under test is a server behind real sockets (see `serve.js`). */
import { inject } from "vitest";

export const ORIGIN = inject("origin");

/** Whether a response shows the hop-by-hop header `Upgrade`: HTTP servers between the Worker and us take it off. */
export const SHOWS_UPGRADE = false;

/** Whether what follows a promise runs as the object that waits for it, whoever settles it. */
export const KEEPS_OBJECTS_APART = true;

/** An open WebSocket to the server's `path`. */
export async function openSocket(path) {
  const socket = new WebSocket(ORIGIN.replace(/^http/, "ws") + path);
  await new Promise((resolve, reject) => {
    socket.addEventListener("open", resolve);
    socket.addEventListener("error", () => reject(new Error(`no WebSocket at ${path}`)));
  });
  return socket;
}
