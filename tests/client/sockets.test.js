import { newWebSocketRpcSession, RpcTarget } from "capnweb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rejection } from "../interop/expectations.js";
import { client, listen, SOCKETS } from "./peers.js";

let rust;
beforeAll(() => {
  rust = client();
});
afterAll(() => rust[Symbol.dispose]());

const CALL = ['["push",["pipeline",0,["square"],[2]]]', '["pull",1]'];

/** A server that does something with each socket when the client's call is there. */
async function misbehaving(act) {
  const sockets = [];
  const connected = Promise.withResolvers();
  const server = await listen({
    onSocket: (socket) => {
      const received = [];
      const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
      sockets.push({ received, closed });
      connected.resolve(sockets[0]);
      socket.addEventListener("message", ({ data }) => {
        received.push(data);
        if (received.length === CALL.length) act(socket);
      });
    },
  });
  return Object.assign(server, { sockets, connected: connected.promise });
}

/** Rows of `[what, act, error, the code the server is closed with, what else it received]`. */
const ENDS = [
  ["closes", (socket) => socket.close(4001, "bye"), { kind: "Error", message: "Peer closed WebSocket: 4001 bye" }, 4001],
  ["closes without a code", (socket) => socket.close(), { kind: "Error", message: "Peer closed WebSocket: 1005 " }, 1005],
  ["drops the connection", (socket) => socket.drop(), { kind: "Error", message: expect.stringMatching(/WebSocket/) }, 1006],
  [
    "aborts",
    (socket) => socket.send('["abort",["error","RangeError","enough",null,{"code":"E_ABORT"}]]'),
    { kind: "RangeError", message: "enough", code: "E_ABORT" },
    3000,
  ],
  [
    "sends bytes",
    (socket) => socket.send(new Uint8Array([1])),
    { kind: "TypeError", message: "Received unexpected message type from WebSocket." },
    3000,
    "abort",
  ],
  ["sends nonsense", (socket) => socket.send("nonsense"), undefined, 3000, "abort"],
];

describe.each(SOCKETS)("over %s, a server that", (kind) => {
  it.each(ENDS)("%s", async (_what, act, error, code, last) => {
    await using server = await misbehaving(act);
    const [waiting, broken, later] = await rust.lost(server.at(kind));
    expect(waiting).toEqual(error ?? { kind: expect.any(String), message: expect.any(String) });
    expect([broken, later]).toEqual([waiting, waiting]);
    const [socket] = server.sockets;
    expect((await socket.closed).code).toBe(code);
    expect(socket.received.slice(0, 2)).toEqual(CALL);
    expect(socket.received.slice(2).map((frame) => JSON.parse(frame)[0])).toEqual(last ? [last] : []);
  });

  it.each([200, 403, 426, 500])("answers the upgrade with %i", async (status) => {
    await using server = await listen({ onRequest: (_, response) => response.writeHead(status).end("no") });
    if (kind === "websocket") {
      const failure = { kind: "Error", message: "WebSocket connection failed." };
      expect(await rust.lost(server.at(kind))).toEqual([failure, failure, failure]);
    } else {
      expect(await rejection(rust.lost(server.at(kind)))).toBeInstanceOf(Error);
    }
  });
});

it.each(SOCKETS)("over %s, an answer that nobody asked for is left", async (kind) => {
  await using server = await misbehaving((socket) => {
    socket.send('["resolve",7,3]');
    socket.send('["resolve",1,4]');
  });
  expect(await rust.call(server.at(kind), "square", 2)).toBe(4);
});

class Asking extends RpcTarget {
  #main;

  constructor(main) {
    super();
    this.#main = main;
  }

  ask(name) {
    return this.#main().hello(name);
  }

  askForMissing() {
    return this.#main().missing();
  }
}

/** npm `capnweb` as the server, whose object calls the client's main object. */
function asking() {
  return listen({
    onSocket: (socket) => {
      const main = newWebSocketRpcSession(socket, new Asking(() => main));
    },
  });
}

describe.each(SOCKETS)("over %s, the main object of this side", (kind) => {
  it("is called by the server", async () => {
    await using server = await asking();
    expect(await rust.withMain(server.at(kind), "ask")).toBe("Hello, Node, from Rust!");
  });

  it("has no other methods", async () => {
    await using server = await asking();
    const error = await rejection(rust.withMain(server.at(kind), "askForMissing"));
    expect(error).toEqual(new TypeError("'missing' is not a function."));
  });

  it("is none unless it is given", async () => {
    await using server = await asking();
    const error = await rejection(rust.call(server.at(kind), "ask", "Node"));
    expect(error.message).toBe("This connection has no main object.");
  });
});

const UNUSED = { code: 3000, reason: "RPC session was shut down: its last stub was dropped." };

describe.each(SOCKETS)("over %s, a session is closed", (kind) => {
  it("when its last stub is dropped", async () => {
    await using server = await misbehaving((socket) => socket.send('["resolve",1,4]'));
    expect(await rust.call(server.at(kind), "square", 2)).toBe(4);
    const [{ closed, received }] = server.sockets;
    expect(await closed).toMatchObject(UNUSED);
    expect(received).toEqual([...CALL, '["release",1,1]']);
  });

  it("when a call was made and left, and that call is sent", async () => {
    await using server = await misbehaving(() => {});
    await rust.leave(server.at(kind));
    const { closed, received } = await server.connected;
    expect(await closed).toMatchObject(UNUSED);
    expect(received).toEqual([CALL[0], '["release",1,1]']);
  });

  it("when the server has given back the last callback", async () => {
    let release;
    await using server = await misbehaving((socket) => {
      socket.send('["resolve",1,4]');
      release = () => socket.send('["release",-1,1]');
    });
    expect(await rust.giveFunction(server.at(kind))).toBe(4);
    const [{ closed }] = server.sockets;
    release();
    expect(await closed).toMatchObject(UNUSED);
  });
});
