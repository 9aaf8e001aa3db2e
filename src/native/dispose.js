// Giving back what values have: native stubs are disposed of, streams ended.
import { RpcStub, RpcTarget } from "cloudflare:workers";
import { rejecting, soon, tried } from "../instance.js";

// One object: wasm-bindgen 0.2.130 makes esbuild warn of a module that it imports from twice.
export const disposal = { dispose, giveUp };

export function dispose(value) {
  try {
    if (Object(value) === value) value[Symbol.dispose]?.();
  } catch {
    // It belongs to a request that is over.
  }
}

/** Disposes of the value of a promise when who waits for an element of it, by another reaction, has a duplicate. */
export function disposeLater(value) {
  soon(() => value[Symbol.dispose]?.()).catch(() => {});
}

/** Ends a capability that nobody has got. */
export function giveUp(cap, why) {
  if (cap instanceof RpcStub || cap instanceof RpcTarget) tried(() => cap[Symbol.dispose]?.(), () => {});
  else endStream(cap, why);
}

/** Ends a stream, unless somebody has it. */
export function endStream(cap, why) {
  if (cap instanceof ReadableStream && !cap.locked) rejecting(() => cap.cancel(why)).catch(() => {});
  if (cap instanceof WritableStream && !cap.locked) rejecting(() => cap.abort(why)).catch(() => {});
}
