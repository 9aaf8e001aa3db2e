/** A socket that writes down the frames of both sides. */
export class RecordedSocket extends EventTarget {
  frames = [];
  readyState = 1;
  #socket;

  constructor(socket) {
    super();
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      this.frames.push(`< ${data}`);
      this.dispatchEvent(new MessageEvent("message", { data }));
    });
    for (const type of ["close", "error"]) {
      socket.addEventListener(type, (event) => this.dispatchEvent(Object.assign(new Event(type), { code: event.code, reason: event.reason })));
    }
  }

  send(data) {
    this.frames.push(`> ${data}`);
    this.#socket.send(data);
  }

  close(code, reason) {
    this.#socket.close(code, reason);
  }
}
