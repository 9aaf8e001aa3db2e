/** Expectations that Vitest lacks. */
import { inject, it } from "vitest";

/**
 * What `promise` rejects with. (Vitest's own `expect(…).rejects` calls what it is given when that is
 * callable, and an `RpcPromise` is.)
 */
export async function rejection(promise) {
  let value;
  try {
    value = await promise;
  } catch (error) {
    return error;
  }
  throw new Error(`expected a rejection, got ${JSON.stringify(value)}`);
}

/** A test of what the contract asks for and npm `capnweb` 0.12.0, as a server, gets wrong. */
export const beyondReference = inject("server") === "reference" ? it.fails : it;
