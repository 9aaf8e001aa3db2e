// Streams of JavaScript around streams of the wire, and the other way round.
import { decode } from "./decode.js";
import { encode, encodeError, plainBytes } from "./encode.js";

export const streams = { readable, writable, reader, writer, cancel, write, writeBytes, abort };

/** What is done with a writer. */
const WRITE = 0;
const CLOSE = 1;
const ABORT = 2;

/**
 * A stream of what `take()` gives, each in a list, until it gives `undefined`; `take(why)` gives it up. It is not one
 * of bytes by its type: the runtime sends those of bytes all the same, and here chunks may be anything.
 */
function readable(take) {
  const pull = async (controller) => {
    const taken = await take();
    if (taken === undefined) return controller.close();
    controller.enqueue(taken[0]);
  };
  // Nothing is taken before it is wanted.
  return new ReadableStream({ pull, cancel: (reason) => void take(why(reason)) }, { highWaterMark: 0 });
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

function reader(stream) {
  return stream.getReader();
}

function writer(stream) {
  return stream.getWriter();
}

function cancel(reader, reason) {
  reader.cancel(reason).catch(() => {});
}

function write(writer, text, caps) {
  return text === undefined ? writer.close() : writer.write(decode(text, caps));
}

/** The bytes stand in memory that will be used again. */
function writeBytes(writer, bytes) {
  return writer.write(bytes.slice());
}

function abort(writer, reason) {
  writer.abort(reason).catch(() => {});
}
