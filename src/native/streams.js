// Streams of JavaScript around streams of the wire, and the other way round.
import { decode } from "./decode.js";
import { encode, encodeError, plainBytes } from "./encode.js";
import { rejecting, tried } from "../instance.js";

export const streams = { readable, writable, reader, writer, cancel, write, writeBytes, abort };

/** What is done with a writer. */
const WRITE = 0;
const CLOSE = 1;
const ABORT = 2;

/**
 * A stream of what `take()` gives, each in a list, until it gives `undefined`; `take(why)` gives it up. It is not one
 * of bytes by its type: the runtime sends those of bytes all the same, and here chunks may be anything. (Of one that
 * `isSent` the runtime would leave others out without a word.)
 */
function readable(take, isSent) {
  const pull = async (controller) => {
    const taken = await take();
    if (taken === undefined) return controller.close();
    if (isSent && !isSendable(taken[0])) throw refused(take);
    controller.enqueue(taken[0]);
  };
  // Nothing is taken before it is wanted.
  return new ReadableStream({ pull, cancel: (reason) => void take(why(reason)) }, { highWaterMark: 0 });
}

function isSendable(chunk) {
  return ArrayBuffer.isView(chunk) || chunk instanceof ArrayBuffer || typeof chunk === "string";
}

function refused(take) {
  const error = new TypeError("Workers RPC has streams of bytes only");
  take(why(error));
  return error;
}

/** A stream whose writer's doings `give(operation, text, caps)` answers. */
function writable(give, rules) {
  const write = (chunk) => {
    const caps = [];
    // The runtime passes what it has received over RPC on as buffers.
    const value = chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : chunk;
    const bytes = plainBytes(value);
    return bytes ? give(WRITE, "", undefined, bytes) : give(WRITE, encode(value, caps, rules, true), caps);
  };
  return new WritableStream({ write, close: () => give(CLOSE, ""), abort: (reason) => give(ABORT, why(reason)) });
}

/** A reason as the text of an error. */
function why(reason) {
  return encodeError(reason ?? new Error("the stream was given up"));
}

/** A reader; of a stream that somebody else has locked, one whose reading fails. */
function reader(stream) {
  return tried(() => stream.getReader(), broken);
}

function writer(stream) {
  return tried(() => stream.getWriter(), broken);
}

function cancel(reader, reason) {
  rejecting(() => reader.cancel(reason)).catch(() => {});
}

function write(writer, text, caps) {
  return rejecting(() => (text === undefined ? writer.close() : writer.write(decode(text, caps))));
}

/** The bytes stand in memory that will be used again. */
function writeBytes(writer, bytes) {
  return rejecting(() => writer.write(bytes.slice()));
}

function abort(writer, reason) {
  rejecting(() => writer.abort(reason)).catch(() => {});
}

/** In place of a reader or writer: fails with an error whatever is done with it. */
function broken(error) {
  const fail = () => Promise.reject(error);
  return { read: fail, cancel: fail, write: fail, close: fail, abort: fail };
}
