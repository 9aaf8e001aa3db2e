// A raw WebSocket client: text messages only, masked with the key zero, so that they go out as they are.
import { randomBytes } from "node:crypto";
import { connect } from "node:net";

const TEXT = 0x1;
const CLOSE = 0x8;

export class Socket {
  #socket;
  #received = Buffer.alloc(0);
  #onMessages = () => {};
  #onFailure = () => {};

  /** Settles once the handshake is done. */
  static open(port, path, scenario) {
    const socket = new Socket();
    return new Promise((resolve, reject) => {
      socket.#onFailure = reject;
      socket.#socket = connect(port, "127.0.0.1", () => socket.#socket.write(handshake(path, scenario)));
      socket.#socket.setNoDelay(true);
      socket.#socket.on("error", (error) => socket.#onFailure(error));
      socket.#socket.on("close", () => socket.#onFailure(new Error("the server closed the connection")));
      socket.#socket.once("data", (chunk) => socket.#upgraded(chunk) ? resolve(socket) : reject(refused(chunk)));
    });
  }

  /** Called with every batch of messages that one read brought. */
  listen(onMessages, onFailure) {
    this.#onMessages = onMessages;
    this.#onFailure = onFailure;
  }

  /** Sends all messages in one write. */
  send(messages) {
    if (messages.length > 0) this.#socket.write(Buffer.concat(messages.map(encode)));
  }

  close() {
    this.#onFailure = () => {};
    this.#socket.destroy();
  }

  #upgraded(chunk) {
    const end = chunk.indexOf("\r\n\r\n");
    if (end < 0 || !chunk.toString("latin1", 0, end).startsWith("HTTP/1.1 101")) return false;
    this.#socket.on("data", (data) => this.#receive(data));
    this.#received = chunk.subarray(end + 4);
    return true;
  }

  #receive(data) {
    let rest = this.#received.length > 0 ? Buffer.concat([this.#received, data]) : data;
    const messages = [];
    for (let frame; (frame = decode(rest)); rest = rest.subarray(frame.end)) {
      if (frame.opcode === CLOSE) return this.#onFailure(new Error(`the server closed: ${closeReason(frame)}`));
      if (frame.opcode === TEXT) messages.push(frame.payload.toString());
    }
    this.#received = rest;
    if (messages.length > 0) this.#onMessages(messages);
  }
}

function handshake(path, scenario) {
  const key = randomBytes(16).toString("base64");
  return `GET ${path} HTTP/1.1\r\nHost: bench\r\nX-Scenario: ${scenario}\r\nUpgrade: websocket\r\n`
    + `Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n\r\n`;
}

function refused(chunk) {
  return new Error(`no WebSocket: ${chunk.toString("latin1").split("\r\n")[0]}`);
}

function encode(text) {
  const payload = Buffer.from(text);
  const head = frameHead(payload.length);
  return Buffer.concat([head, Buffer.alloc(4), payload]);
}

function frameHead(length) {
  if (length < 126) return Buffer.from([0x80 | TEXT, 0x80 | length]);
  const short = length < 65536;
  const head = Buffer.alloc(short ? 4 : 10);
  head.set([0x80 | TEXT, 0x80 | (short ? 126 : 127)]);
  short ? head.writeUInt16BE(length, 2) : head.writeBigUInt64BE(BigInt(length), 2);
  return head;
}

/** The first frame of the bytes, or undefined when it is not whole. A server's frames are not masked. */
function decode(bytes) {
  if (bytes.length < 2) return undefined;
  const short = bytes[1] & 0x7f;
  const start = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < start) return undefined;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < start + length) return undefined;
  return { opcode: bytes[0] & 0x0f, payload: bytes.subarray(start, start + length), end: start + length };
}

function closeReason({ payload }) {
  return payload.length < 2 ? "no code" : `${payload.readUInt16BE(0)} ${payload.toString("utf8", 2)}`;
}
