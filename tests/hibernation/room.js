/** How the hibernation tests reach a room, and put it to sleep. */
import { newHttpBatchRpcSession, newWebSocketRpcSession } from "capnweb";
import { evictDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { ORIGIN, openSocket } from "../interop/places/workerd.js";

let rooms = 0;

/** A room that no other test uses. */
export function newRoom() {
  rooms += 1;
  return new Room(`${Date.now()}-${rooms}`);
}

class Room {
  #name;

  constructor(name) {
    this.#name = name;
  }

  /** An open socket to the room, with no session on it. */
  socket() {
    return openSocket(`/room/${this.#name}`);
  }

  /** A stub of the room's main object, on a socket. */
  async connect() {
    return newWebSocketRpcSession(await this.socket());
  }

  /** The same over one HTTP batch. */
  batch() {
    return newHttpBatchRpcSession(`${ORIGIN}/room/${this.#name}`);
  }

  /** The object, seen from the tests. */
  object() {
    return env.ROOM.getByName(this.#name);
  }

  /** The object falls asleep; its sockets stay open. Rejects if something keeps it awake. */
  evict() {
    return evictDurableObject(this.object());
  }

  /** As `evict`, if it is awake. */
  async sleep() {
    await this.evict().catch((error) => {
      if (!/not currently running/.test(error.message)) throw error;
    });
  }
}

/** A function for a server to call, and a promise for the arguments of its n-th call. */
export function listener() {
  const calls = [];
  const waiting = [];
  const listen = (...args) => {
    calls.push(args);
    waiting.forEach((check) => check());
  };
  const called = (count) =>
    new Promise((resolve) => {
      const check = () => calls.length >= count && resolve(calls);
      waiting.push(check);
      check();
    });
  return { listen, called, calls };
}
