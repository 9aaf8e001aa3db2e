// Chunks of bytes of streams. The runtime does base64 with vectors, which Wasm has none of.

/** Shorter messages are not worth it. */
const LONG = 500;
const HEAD = '["stream",["pipeline",';
const METHOD = ',["write"],[["bytes","';
const TAIL = '"]]]]';
const ID = /^(?:0|[1-9]\d{0,8})$/;

/** The last digits that spell no bits beyond the bytes, by how many digits there are beyond groups of four. */
const LAST_DIGITS = [undefined, "", "AQgw", "AEIMQUYcgkosw048"];

/** Chunks of so many bytes are decoded into memory that is kept. */
const KEPT_BYTES = 256 << 10;
let kept = new Uint8Array(0);

/**
 * The pipe and the bytes of a message that writes bytes into a pipe, in the form that npm `capnweb` has; nothing of
 * any other message. The bytes stay what they are until the next call.
 */
export function readChunk(message) {
  if (message.length < LONG || !message.startsWith(HEAD) || !message.endsWith(TAIL)) return;
  const at = message.indexOf(",", HEAD.length);
  const pipe = message.slice(HEAD.length, at);
  if (!ID.test(pipe) || !message.startsWith(METHOD, at)) return;
  const bytes = decode(message.slice(at + METHOD.length, -TAIL.length));
  return bytes && { pipe: Number(pipe), bytes };
}

/** The bytes of a text that is nothing but the digits of base64. */
function decode(text) {
  const last = LAST_DIGITS[text.length % 4];
  if (last !== undefined && !last.includes(text.at(-1))) return;
  const length = Math.floor((text.length * 3) / 4);
  const memory = memoryOf(length);
  if (!memory.setFromBase64) return;
  try {
    // Of white space and padding, which it skips, come no bytes.
    if (memory.setFromBase64(text).written === length) return memory.subarray(0, length);
  } catch {}
}

function memoryOf(length) {
  if (length > KEPT_BYTES) return new Uint8Array(length);
  if (length > kept.length) kept = new Uint8Array(length);
  return kept;
}

/** Sends a chunk of bytes between the halves of its frame. Not if the runtime has no base64. */
export function sendChunk(outlet, head, bytes, tail) {
  if (!bytes.toBase64) return false;
  outlet.sendFrame(head + bytes.toBase64({ omitPadding: true }) + tail);
  return true;
}
