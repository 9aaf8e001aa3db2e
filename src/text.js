// Texts in Wasm's memory, by place and length. The runtime's decoder, of which wasm-bindgen makes its strings, takes
// microseconds where it is called once for a request; a short text is put together in less.

const SHORT = 64;
const ASCII = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code));
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

let memory;
let bytes = new Uint8Array();

// One object: wasm-bindgen 0.2.130 makes esbuild warn of a module that it imports from twice.
export const texts = { readFrom };

function readFrom(instanceMemory) {
  memory = instanceMemory;
  bytes = new Uint8Array(memory.buffer);
}

export function textAt(place, length) {
  // A memory that has grown has another buffer, and no bytes are left in the one before.
  if (bytes.length === 0) bytes = new Uint8Array(memory.buffer);
  const end = place + length;
  return (length <= SHORT ? ascii(place, end) : undefined) ?? decoder.decode(bytes.subarray(place, end));
}

function ascii(place, end) {
  let text = "";
  for (let i = place; i < end; i++) {
    const code = bytes[i];
    if (code >= ASCII.length) return undefined;
    text += ASCII[code];
  }
  return text;
}
