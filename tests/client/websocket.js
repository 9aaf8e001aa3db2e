/** The server's end of a WebSocket (RFC 6455), with no rules of its own: tests make it misbehave. */
import { createHash } from "node:crypto";

const HANDSHAKE_KEY = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const FINAL = 0x80;

/** Has the members of a `WebSocket` that npm `capnweb` uses. */
export class ServerSocket extends EventTarget {
  readyState = WebSocket.OPEN;
  #connection;
  #received = Buffer.alloc(0);

  /** Answers the request for an upgrade. */
  constructor(request, connection) {
    super();
    this.#connection = connection;
    connection.on("data", (chunk) => this.#receive(chunk));
    connection.on("close", () => this.#end(1006, ""));
    connection.on("error", () => {});
    connection.write(
      `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
        `Sec-WebSocket-Accept: ${acceptance(request.headers["sec-websocket-key"])}\r\n\r\n`,
    );
  }

  send(data) {
    this.#write(typeof data === "string" ? TEXT : BINARY, Buffer.from(data));
  }

  close(code, reason = "") {
    const payload = Buffer.from(`\0\0${reason}`);
    if (code !== undefined) payload.writeUInt16BE(code);
    this.#write(CLOSE, code === undefined ? Buffer.alloc(0) : payload);
  }

  /** Ends the connection without a word. */
  drop() {
    this.#connection.destroy();
  }

  #write(opcode, payload) {
    const isLong = payload.length > 125;
    const head = Buffer.from([FINAL | opcode, isLong ? 126 : payload.length, 0, 0]);
    head.writeUInt16BE(isLong ? payload.length : 0, 2);
    this.#connection.write(Buffer.concat([isLong ? head : head.subarray(0, 2), payload]));
  }

  #receive(chunk) {
    this.#received = Buffer.concat([this.#received, chunk]);
    for (let frame = this.#take(); frame; frame = this.#take()) this.#dispatch(frame);
  }

  /** The next frame, if it is there as a whole. Those of clients are masked. */
  #take() {
    const bytes = this.#received;
    if (bytes.length < 4) return undefined;
    const isLong = (bytes[1] & 0x7f) === 126;
    const length = isLong ? bytes.readUInt16BE(2) : bytes[1] & 0x7f;
    const start = isLong ? 8 : 6;
    if (bytes.length < start + length) return undefined;
    const mask = bytes.subarray(start - 4, start);
    this.#received = bytes.subarray(start + length);
    const payload = bytes.subarray(start, start + length).map((byte, i) => byte ^ mask[i % 4]);
    return { opcode: bytes[0] & 0x0f, payload };
  }

  #dispatch({ opcode, payload }) {
    if (opcode === TEXT) {
      this.dispatchEvent(new MessageEvent("message", { data: payload.toString() }));
    } else if (opcode === CLOSE) {
      this.#write(CLOSE, payload);
      this.#end(payload.length < 2 ? 1005 : payload.readUInt16BE(), payload.subarray(2).toString());
      this.#connection.end();
    }
  }

  #end(code, reason) {
    if (this.readyState === WebSocket.CLOSED) return;
    this.readyState = WebSocket.CLOSED;
    this.dispatchEvent(new CloseEvent("close", { code, reason }));
  }
}

function acceptance(key) {
  return createHash("sha1")
    .update(key + HANDSHAKE_KEY)
    .digest("base64");
}
