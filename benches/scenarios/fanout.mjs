// One message of a room to all of its subscribers, for whose answers it does not wait. An operation is a delivery.
import { Socket } from "../net/websocket.mjs";
import { checkValue } from "../frames.mjs";

const TIMEOUT_MS = 20_000;
const SUBSCRIBERS = 100;
const TEXT = "Hello, everybody!";

export const FANOUT = {
  name: "room-fanout",
  title: `delivery to one of ${SUBSCRIBERS} subscribers of a Durable Object`,
  unit: "µs",
  open: openRoom,
};

async function openRoom(server) {
  const room = new Room();
  const open = (listen) => openSession(server, room, listen);
  const poster = await open(() => {});
  const subscribers = [];
  for (let i = 0; i < SUBSCRIBERS; i += 1) subscribers.push(await open((frame) => room.delivered(frame)));
  await Promise.all(subscribers.map((subscriber) => subscriber.call("subscribe", '[["export",-1]]')));
  const step = async () => {
    const start = process.hrtime.bigint();
    const delivered = room.deliveries(SUBSCRIBERS);
    await poster.call("post", JSON.stringify([TEXT]));
    await delivered;
    return Number(process.hrtime.bigint() - start);
  };
  return { step, operations: SUBSCRIBERS };
}

async function openSession(server, room, listen) {
  return new Session(await Socket.open(server.port, "/room/fanout", "room-fanout"), listen, room.fail);
}

/** Counts deliveries. */
class Room {
  #missing = 0;
  #waiting;

  /** Settles once so many messages were delivered. */
  deliveries(count) {
    this.#missing = count;
    this.#waiting = Promise.withResolvers();
    const late = () => this.fail(new Error(`${this.#missing} deliveries missing`));
    const timer = setTimeout(late, TIMEOUT_MS);
    return this.#waiting.promise.finally(() => clearTimeout(timer));
  }

  delivered({ text }) {
    checkValue(text, TEXT, "a delivery");
    this.#missing -= 1;
    if (this.#missing === 0) this.#waiting.resolve();
  }

  fail = (error) => this.#waiting?.reject(error);
}

/** A client whose only function, its export -1, listens. */
class Session {
  #socket;
  #listen;
  #fail;
  #asked = 0;
  #pushed = 0;
  #values = new Map();
  #answer;

  constructor(socket, listen, fail) {
    this.#socket = socket;
    this.#listen = listen;
    this.#fail = fail;
    socket.listen((messages) => this.#receive(messages), fail);
  }

  /** Settles with the answer. */
  call(method, args) {
    this.#asked += 1;
    this.#answer = Promise.withResolvers();
    this.#socket.send([`["push",["pipeline",0,["${method}"],${args}]]`, `["pull",${this.#asked}]`]);
    return this.#answer.promise;
  }

  #receive(messages) {
    try {
      this.#socket.send(messages.flatMap((message) => this.#replies(JSON.parse(message))));
    } catch (error) {
      this.#answer.reject(error);
      this.#fail(error);
    }
  }

  #replies([kind, id, value]) {
    if (kind === "push") return this.#called(id);
    if (kind === "release") return this.#released(id);
    if (kind !== "resolve") throw new Error(`an unexpected frame: ${kind} ${id} ${JSON.stringify(value)}`);
    this.#answer.resolve(value);
    return [`["release",${id},1]`];
  }

  #called([, target, path, [argument] = []]) {
    if (target !== -1 || path?.length > 0) throw new Error(`a push to ${target} ${path}, not to the listener`);
    this.#pushed += 1;
    this.#values.set(this.#pushed, argument);
    return [];
  }

  /** The server is done with a delivery when it releases the call. */
  #released(id) {
    const value = this.#values.get(id);
    this.#values.delete(id);
    if (value !== undefined) this.#listen(value);
    return [];
  }
}
