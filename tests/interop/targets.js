/** Targets that live on the client. */
import { RpcTarget } from "capnweb";

export class ClientCounter extends RpcTarget {
  #value;

  constructor(value) {
    super();
    this.#value = value;
  }

  increment(amount = 1) {
    this.#value += amount;
    return this.#value;
  }

  get value() {
    return this.#value;
  }
}

/**
 * A function for the server to call, that knows when the last reference to it is gone: `released` turns true
 * then, and `whenReleased` settles.
 */
export function trackedFunction(callback) {
  const { promise, resolve } = Promise.withResolvers();
  const tracked = (...args) => callback(...args);
  tracked.released = false;
  tracked.whenReleased = promise;
  tracked[Symbol.dispose] = () => {
    tracked.released = true;
    resolve();
  };
  return tracked;
}
