// Classes that the runtime serves over Workers RPC, around classes of the Wasm instance.
import { DurableObject, WorkerEntrypoint } from "cloudflare:workers";
import { serve } from "./native.js";

export const face = { durableObject, entrypoint };

function durableObject(Inner) {
  return around(DurableObject, Inner);
}

function entrypoint(Inner) {
  return around(WorkerEntrypoint, Inner);
}

/** A class whose instances answer events as `Inner` does, and native calls by `Inner.rpc`. */
function around(Base, Inner) {
  class Native extends Base {
    constructor(ctx, env) {
      super(ctx, env);
      const inner = new Inner(ctx, env);
      return new Proxy(this, new Face(inner, serve((...operation) => inner.rpc(...operation))));
    }
  }
  // Who looks into the prototype finds every member there: only Rust knows which there are.
  const members = new Proxy(Object.create(Base.prototype), { has: (_target, name) => typeof name === "string" });
  Object.setPrototypeOf(Native.prototype, members);
  return Native;
}

class Face {
  #inner;
  #served;

  constructor(inner, served) {
    this.#inner = inner;
    this.#served = served;
  }

  get(target, name) {
    if (typeof name === "symbol" || name === "then" || name in Object.prototype) return Reflect.get(target, name);
    const handler = HANDLERS.has(name) ? this.#inner[name] : undefined;
    return typeof handler === "function" ? handler.bind(this.#inner) : this.#served[name];
  }

  has() {
    return true;
  }
}

/** What the runtime calls by itself. */
const HANDLERS = new Set(["fetch", "alarm", "webSocketMessage", "webSocketClose", "webSocketError", "connect", "queue", "scheduled", "tail", "trace", "email", "test"]);
