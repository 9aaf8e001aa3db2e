// A module of its own: what it imports is there in workerd alone.
import * as workers from "cloudflare:workers";

/** Has the runtime go on with the request, for as long as it may, until the function is called that is given back. */
export function hold() {
  const { promise, resolve } = Promise.withResolvers();
  workers.waitUntil?.(promise);
  return resolve;
}
