// Where sessions are saved: in the attachment of their socket or, where that has no room, in the
// object's storage.

const PREFIX = "topsail:session:";

/** The runtime takes 16,384, of which the form of a typed array takes some. */
const MAX_ATTACHED_BYTES = 16_320;

/** Two MiB is the most that a value of the storage takes, its key included. */
const CHUNK_BYTES = 1 << 20;

/**
 * The first byte of an attachment that only says that the session was spilled, and into how many
 * chunks. No saved session begins with it.
 */
const SPILLED = 0;

/** The attachment where a session has ended, which `storage.rs` knows. */
const ENDED = new Uint8Array([SPILLED]);

/**
 * The last place made for a socket, which is the one that saves: what an instance leaves behind must not
 * overwrite what the next one has saved since.
 */
const current = new WeakMap();

/** Where one session is saved. */
class Place {
  #state;
  #socket;
  #key;
  /** How many chunks there are in the storage. */
  #chunks = 0;

  constructor(state, socket, key) {
    this.#state = state;
    this.#socket = socket;
    this.#key = key;
    current.set(socket, this);
  }

  get isCurrent() {
    return current.get(this.#socket) === this;
  }

  /** What was saved there; nothing if nothing was. Throws if a part of it is missing. */
  load() {
    const attached = this.#socket.deserializeAttachment();
    if (!(attached instanceof Uint8Array)) return undefined;
    if (attached[0] !== SPILLED || attached.length !== 5) return attached;
    this.#chunks = new DataView(attached.buffer, attached.byteOffset).getUint32(1, true);
    return this.#unspill();
  }

  save(bytes) {
    if (bytes.length <= MAX_ATTACHED_BYTES) {
      this.#socket.serializeAttachment(bytes);
      this.#forget();
    } else {
      this.#spill(bytes);
      this.#socket.serializeAttachment(spilled(this.#chunks));
    }
  }

  /** The session has ended: what arrives on its socket from now on finds none. */
  end() {
    this.#forget();
    try {
      this.#socket.serializeAttachment(ENDED);
    } catch {
      // Nothing arrives any more.
    }
  }

  /** Deletes what is in the storage. */
  #forget() {
    const count = this.#chunks;
    this.#chunks = 0;
    try {
      for (let i = 0; i < count; i += 1) this.#kv.delete(this.#name(i));
    } catch {
      // Then it is swept when the object wakes.
    }
  }

  send(message) {
    this.#socket.send(message);
  }

  /** Writes bytes in chunks over those that were there: all or, where that throws, none. */
  #spill(bytes) {
    const kv = this.#kv;
    const count = Math.ceil(bytes.length / CHUNK_BYTES);
    this.#state.storage.transactionSync(() => {
      for (let i = 0; i < count; i += 1) {
        kv.put(this.#name(i), bytes.slice(i * CHUNK_BYTES, (i + 1) * CHUNK_BYTES));
      }
      for (let i = count; i < this.#chunks; i += 1) kv.delete(this.#name(i));
    });
    this.#chunks = count;
  }

  #unspill() {
    const kv = this.#kv;
    const chunks = [];
    for (let i = 0; i < this.#chunks; i += 1) {
      const chunk = kv.get(this.#name(i));
      if (!(chunk instanceof Uint8Array)) throw new Error(`part ${i} of ${this.#chunks} is missing`);
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

  get #kv() {
    const { kv } = this.#state.storage;
    if (kv === undefined) {
      throw new Error("a session of more than 16 KB can only be saved in a class under `new_sqlite_classes`");
    }
    return kv;
  }

  #name(chunk) {
    return `${PREFIX}${this.#key}:${chunk}`;
  }
}

function spilled(chunks) {
  const bytes = new Uint8Array(5);
  bytes[0] = SPILLED;
  new DataView(bytes.buffer).setUint32(1, chunks, true);
  return bytes;
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

/** Any time does: nothing is done when it is over. */
const TIMER_MS = 60_000;

/** An event that is not finished: it keeps its object awake. */
class Hold {
  #settled = Promise.withResolvers();
  #last = [];

  /** One without an event: an object does not sleep while it waits for a timer. */
  static ofTimer() {
    const hold = new Hold();
    const timer = setInterval(() => {}, TIMER_MS);
    hold.promise().then(() => clearInterval(timer));
    return hold;
  }

  /**
   * What follows a promise runs as the object that waits for it, whoever releases it: no object of
   * the instance may touch the sockets and the storage of another one.
   */
  promise() {
    return this.#settled.promise.then(() => this.#last.forEach((run) => run()));
  }

  /** Has messages sent and a session saved before the event ends, unless it has been revived by then. */
  last(place, messages, bytes) {
    this.#last.push(() => {
      if (!place.isCurrent) return;
      try {
        for (const message of messages) place.send(message);
        if (bytes !== undefined) place.save(bytes);
      } catch (error) {
        // The session remains as it was saved before: what ran then is rejected when it wakes.
        console.error(error);
      }
    });
  }

  release() {
    this.#settled.resolve();
  }
}

/** Calls a function when all events that have arrived are dealt with. */
class Timer {
  #isCancelled = false;

  start(run) {
    setTimeout(() => {
      if (!this.#isCancelled) run();
    });
  }

  /** For good. The function may be gone: what was started is not called either. */
  cancel() {
    this.#isCancelled = true;
  }
}

// Last, as its classes must exist. One object: wasm-bindgen 0.2.130 makes esbuild warn of a module
// that it imports from twice.
export const storage = { sweep, Place, Sockets, Hold, Timer };
