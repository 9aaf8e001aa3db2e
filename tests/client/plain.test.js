/** The handler as a plain object, around a class as `worker-build` makes one. */
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { handlers } from "../../src/handler.js";

let state, reported, made;

beforeEach(() => {
  [state, reported, made] = [{ criticalError: false }, [], 0];
  vi.stubGlobal("__worker_init_state", state);
  vi.stubGlobal("reportError", (error) => reported.push(error));
});
afterEach(() => vi.unstubAllGlobals());

/** As `worker-build` has it: to make an instance replaces the Wasm instance that is lost. */
function classWith(methods) {
  class Entrypoint {
    constructor(ctx, env) {
      [this.ctx, this.env] = [ctx, env];
      made += 1;
      state.criticalError = false;
    }
  }
  Object.assign(Entrypoint.prototype, methods);
  return Entrypoint;
}

const echo = function (event) {
  return [event, this.env, this.ctx, state.criticalError];
};

it("has the events of the class, and nothing else of it", () => {
  const handler = handlers.plain(classWith({ fetch: echo, queue: echo, scheduled: echo, secret: echo }));
  expect(Object.keys(handler).sort()).toEqual(["fetch", "queue", "scheduled"]);
  expect(handler.fetch("request", "env", "ctx")).toEqual(["request", "env", "ctx", false]);
  expect(made).toBe(0);
  expect(handler.queue("batch", "env", "ctx")).toEqual(["batch", "env", "ctx", false]);
  expect(made).toBe(1);
});

it("replaces a lost instance before it answers", () => {
  const handler = handlers.plain(classWith({ fetch: echo }));
  state.criticalError = true;
  expect(handler.fetch("request", "env", "ctx")).toEqual(["request", "env", "ctx", false]);
});

it("answers 500 where the class throws, and reports that", async () => {
  const error = new Error("broken");
  const fetch = () => {
    throw error;
  };
  const response = handlers.plain(classWith({ fetch })).fetch("request", "env", "ctx");
  expect([response.status, await response.text()]).toEqual([500, "The server failed."]);
  expect(reported).toEqual([error]);
});

it("is the class where that is not as expected", () => {
  const [withoutFetch, other] = [classWith({ queue: echo }), classWith({ fetch: echo })];
  expect(handlers.plain(withoutFetch)).toBe(withoutFetch);
  vi.stubGlobal("__worker_init_state", undefined);
  expect(handlers.plain(other)).toBe(other);
});
