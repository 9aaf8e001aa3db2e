import { newWorkersRpcResponse, RpcTarget } from "capnweb";
import { DurableObject } from "cloudflare:workers";
import { Ends } from "../worker/js_ends.js";

/** A room as far as the benchmark needs one, on accepted sockets. */
export class Room extends DurableObject {
  #subscribers = new Set();

  constructor(ctx, env) {
    super(ctx, env);
    ctx.storage.sql.exec("CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY AUTOINCREMENT, text TEXT)");
  }

  fetch(request) {
    return newWorkersRpcResponse(request, new RoomApi(this));
  }

  echo(value) {
    return value;
  }

  post(text) {
    const insert = "INSERT INTO messages (text) VALUES (?) RETURNING id, text";
    const message = this.ctx.storage.sql.exec(insert, text).one();
    for (const subscriber of this.#subscribers) {
      subscriber(message)[Symbol.dispose]();
    }
    return message.id;
  }

  subscribe(callback) {
    const subscriber = callback.dup();
    this.#subscribers.add(subscriber);
    subscriber.onRpcBroken(() => this.#subscribers.delete(subscriber));
  }
}

class RoomApi extends RpcTarget {
  #room;

  constructor(room) {
    super();
    this.#room = room;
  }

  echo(value) {
    return value;
  }

  ends() {
    return new Ends();
  }

  post(text) {
    return this.#room.post(text);
  }

  subscribe(callback) {
    this.#room.subscribe(callback);
  }
}
