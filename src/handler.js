// The Worker's handler as a plain object. Of a class the runtime makes an instance for every request, and
// worker-build puts proxies around that and its functions.
import { failed } from "./instance.js";

/** `isPlain`: what the handler throws is caught here. */
export const handlers = { plain, isPlain: false };

/** An object that answers events as instances of worker-build's class do; the class, if that is not as expected. */
function plain(Class) {
  const state = globalThis.__worker_init_state;
  const fetch = Class.prototype?.fetch;
  if (state === undefined || fetch === undefined) return Class;
  handlers.isPlain = true;
  const handler = others(Class);
  handler.fetch = (request, env, ctx) => {
    // To make one replaces an instance of Wasm that is lost.
    if (state.criticalError) new Class(ctx, env);
    try {
      return fetch.call({ env, ctx }, request);
    } catch (error) {
      failed(error);
      return new Response("The server failed.", { status: 500 });
    }
  };
  return handler;
}

/** The handlers of events that come seldom: each makes an instance for it. */
function others(Class) {
  const names = EVENTS.filter((name) => Class.prototype[name] !== undefined);
  return Object.fromEntries(names.map((name) => [name, (event, env, ctx) => new Class(ctx, env)[name](event)]));
}

/** Of those that worker-build has in its class. */
const EVENTS = ["connect", "email", "queue", "scheduled"];
