/** The places in which sessions are saved, on an object's own storage. */
import { runInDurableObject } from "cloudflare:test";
import { expect, it } from "vitest";
import { storage } from "../../src/durable/storage.js";
import { newRoom } from "./room.js";

const SPILLED_BYTES = 3 << 20;

class Socket {
  sent = [];
  #attached;

  serializeAttachment(attached) {
    this.#attached = structuredClone(attached);
  }

  deserializeAttachment() {
    return structuredClone(this.#attached);
  }

  send(message) {
    this.sent.push(message);
  }
}

const inObject = (run) => runInDurableObject(newRoom().object(), (_, state) => run(state));

/** An object's state whose storage throws at the nth write. */
function failing({ storage }, nth) {
  let writes = 0;
  const put = (name, value) => {
    writes += 1;
    if (writes === nth) throw new Error("no room");
    storage.kv.put(name, value);
  };
  const kv = { put, get: (name) => storage.kv.get(name), delete: (name) => storage.kv.delete(name) };
  return { storage: { kv, transactionSync: (run) => storage.transactionSync(run) } };
}

const filled = (value, length = SPILLED_BYTES) => new Uint8Array(length).fill(value);

it.each([1, 2, 3])("keeps what was saved when write %d of a larger one throws", (nth) =>
  inObject((state) => {
    const socket = new Socket();
    new storage.Place(state, socket, "key").save(filled(1));
    const place = new storage.Place(failing(state, nth), socket, "key");
    place.load();
    expect(() => place.save(filled(2))).toThrow("no room");
    const kept = new storage.Place(state, socket, "key").load();
    expect([kept.length, kept.every((byte) => byte === 1)]).toEqual([SPILLED_BYTES, true]);
  }));

it("leaves alone what the next instance has saved", () =>
  inObject(async (state) => {
    const socket = new Socket();
    const lost = new storage.Place(state, socket, "key");
    const hold = new storage.Hold();
    hold.last(lost, ["late"], filled(1, 3));
    const next = new storage.Place(state, socket, "key");
    next.save(filled(2, 3));
    hold.release();
    await hold.promise();
    expect(next.load()).toEqual(filled(2, 3));
    expect(socket.sent).toEqual([]);
  }));

it("has the last words where nobody came after", () =>
  inObject(async (state) => {
    const socket = new Socket();
    const place = new storage.Place(state, socket, "key");
    const hold = new storage.Hold();
    hold.last(place, ["last"], filled(1, 3));
    hold.release();
    await hold.promise();
    expect(place.load()).toEqual(filled(1, 3));
    expect(socket.sent).toEqual(["last"]);
  }));
