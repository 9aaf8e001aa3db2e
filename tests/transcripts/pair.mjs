// Two ends joined in memory and stepped by hand, so that a run always gives the same frames.

import { RpcSession } from "capnweb";
import { TestTarget } from "./target.mjs";

/** One end of a connection: keeps what its session sends until somebody carries it over. */
class End {
  sent = [];
  closed = false;
  #arrived = [];
  #reader;

  send(frame) {
    this.sent.push(frame);
  }

  receive() {
    if (this.#arrived.length > 0) return Promise.resolve(this.#arrived.shift());
    return new Promise((resolve) => {
      this.#reader = resolve;
    });
  }

  /** Called by the session when it has ended, for whichever reason. */
  abort() {
    this.closed = true;
  }

  deliver(frame) {
    const reader = this.#reader;
    this.#reader = undefined;
    if (reader) reader(frame);
    else this.#arrived.push(frame);
  }
}

/** An npm server with a new TestTarget, to be fed frames. */
export function startServer() {
  const end = new End();
  const session = new RpcSession(end, new TestTarget());
  return { end, session };
}

/** An npm client. */
export function startClient(options) {
  const end = new End();
  const session = new RpcSession(end, undefined, options);
  return { end, session, main: session.getRemoteMain() };
}

/**
 * Hands the frames to an end, one at a time: each is dealt with completely before the next, so that what
 * comes out does not hang on how many microtasks a frame takes.
 */
export async function deliver(frames, end) {
  for (const frame of frames) {
    end.deliver(frame);
    await idle();
  }
}

/**
 * Until nothing is left to run. No scenario waits for a clock or for input, so an empty microtask queue
 * means idle; the further rounds are for web streams, which hop through the event loop.
 */
export async function idle() {
  for (let round = 0; round < 4; round++) await new Promise((done) => setImmediate(done));
}
