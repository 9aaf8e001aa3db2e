// Streams of JavaScript around streams of the wire, and the other way round.
import { decode } from "./decode.js";
import { encode } from "./encode.js";

export const streams = { readable, writable, reader, writer, cancel, write };

/** What is done with a writer. */
const WRITE = 0;
const CLOSE = 1;
const ABORT = 2;

/** A stream of the bytes that `take(false)` gives until it gives `undefined`; `take(true)` gives it up. */
function readable(take) {
  const pull = async (controller) => {
    const chunk = await take(false);
    if (chunk?.byteLength === 0) return pull(controller);
    if (chunk instanceof Uint8Array) return controller.enqueue(chunk);
    if (chunk !== undefined) throw new TypeError("Workers RPC takes streams of bytes only");
    controller.close();
    controller.byobRequest?.respond(0);
  };
  // The runtime sends streams of bytes only.
  return new ReadableStream({ type: "bytes", pull, cancel: () => void take(true) });
}

/** A stream whose writer's doings `give(operation, text, caps)` answers. */
function writable(give, rules) {
  const write = (chunk) => {
    const caps = [];
    // The runtime passes what it has received over RPC on as buffers.
    const bytes = chunk instanceof ArrayBuffer ? new Uint8Array(chunk) : chunk;
    return give(WRITE, encode(bytes, caps, rules, true), caps);
  };
  return new WritableStream({ write, close: () => give(CLOSE, ""), abort: () => give(ABORT, "") });
}

function reader(stream) {
  return stream.getReader();
}

function writer(stream) {
  return stream.getWriter();
}

function cancel(reader) {
  reader.cancel().catch(() => {});
}

function write(writer, operation, text, caps) {
  if (operation === WRITE) return writer.write(decode(text, caps));
  if (operation === CLOSE) return writer.close();
  writer.abort(new Error("the stream was aborted")).catch(() => {});
}
