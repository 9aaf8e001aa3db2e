// Where sessions are saved: in the attachment of their socket or, where that has no room, in the
// object's storage.

const PREFIX = "topsail:session:";

/** Two MiB is the most that a value of the storage takes, its key included. */
const CHUNK_BYTES = 1 << 20;

function attach(socket, bytes) {
  socket.serializeAttachment(bytes);
}

/** What was attached, if it was bytes. */
function attached(socket) {
  const value = socket.deserializeAttachment();
  return value instanceof Uint8Array ? value : undefined;
}

/** Writes bytes in chunks over those that were there; gives how many there are now. */
function spill(state, key, bytes, before) {
  const kv = synchronous(state);
  const count = Math.ceil(bytes.length / CHUNK_BYTES);
  for (let i = 0; i < count; i += 1) {
    kv.put(name(key, i), bytes.slice(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES));
  }
  for (let i = count; i < before; i += 1) kv.delete(name(key, i));
  return count;
}

/** What was spilled. Throws if a part is missing. */
function unspill(state, key, count) {
  const kv = synchronous(state);
  const chunks = [];
  for (let i = 0; i < count; i += 1) {
    const chunk = kv.get(name(key, i));
    if (!(chunk instanceof Uint8Array)) throw new Error(`part ${i} of ${count} is missing`);
    chunks.push(chunk);
  }
  const bytes = new Uint8Array(chunks.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function forget(state, key, count) {
  const kv = synchronous(state);
  for (let i = 0; i < count; i += 1) kv.delete(name(key, i));
}

/** Deletes what sessions left behind that are none of these. */
function sweep(state, keys) {
  const kv = state.storage.kv;
  if (kv === undefined) return;
  const living = new Set(keys);
  const gone = [];
  for (const [entry] of kv.list({ prefix: PREFIX })) {
    if (!living.has(entry.slice(PREFIX.length).split(":")[0])) gone.push(entry);
  }
  for (const entry of gone) kv.delete(entry);
}

function synchronous(state) {
  const { kv } = state.storage;
  if (kv === undefined) {
    throw new Error("a session of more than 16 KB can only be saved in a class under `new_sqlite_classes`");
  }
  return kv;
}

function name(key, chunk) {
  return `${PREFIX}${key}:${chunk}`;
}

/** Which session a socket has. A new instance of the object starts with an empty one. */
class Sockets {
  #keys = new WeakMap();

  get(socket) {
    return this.#keys.get(socket);
  }

  set(socket, key) {
    this.#keys.set(socket, key);
  }
}

/** An event that is not finished: it keeps its object awake. */
class Hold {
  #settled = Promise.withResolvers();

  promise() {
    return this.#settled.promise;
  }

  release() {
    try {
      this.#settled.resolve();
    } catch {
      // It belongs to another object of the instance, which the runtime does not let us touch.
    }
  }
}

// Last, as its classes must exist. One object: wasm-bindgen 0.2.130 makes esbuild warn of a module
// that it imports from twice.
export const storage = { attach, attached, spill, unspill, forget, sweep, Sockets, Hold };
