// A client of V8's inspector protocol.
import { Socket } from "./websocket.mjs";

export class Inspector {
  #socket;
  #asked = 0;
  #waiting = new Map();

  static async open(port) {
    const inspector = new Inspector();
    inspector.#socket = await Socket.open(port, "/main", "profile");
    const receive = (messages) => messages.forEach((message) => inspector.#receive(JSON.parse(message)));
    inspector.#socket.listen(receive, (error) => {
      throw error;
    });
    return inspector;
  }

  ask(method, params = {}) {
    this.#asked += 1;
    this.#socket.send([JSON.stringify({ id: this.#asked, method, params })]);
    return new Promise((resolve, reject) => this.#waiting.set(this.#asked, { resolve, reject }));
  }

  close() {
    this.#socket.close();
  }

  #receive({ id, result, error }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    error ? waiting?.reject(new Error(error.message)) : waiting?.resolve(result);
  }
}
