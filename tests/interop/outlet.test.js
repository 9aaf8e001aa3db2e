// What leaves a busy socket together: every message is sent once, in order, and none waits for more than a moment.
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { sendChunk } from "../../src/socket/chunk.js";
import { flush, Outlet } from "../../src/socket/outlet.js";

/** Stands for a socket, and for whoever reads from it. */
class Socket {
  sent = [];
  /** How many had been sent when `send` returned, each time. */
  #waiting;

  send(frame) {
    if (this.isClosed) throw new TypeError("The socket is closed.");
    this.sent.push(frame);
    if (this.sent.length === this.#waiting?.count) this.#waiting.resolve();
  }

  close(code, reason) {
    this.send(`closed ${code} ${reason}`);
    this.isClosed = true;
  }

  /** Settles when so many have been sent. */
  received(count) {
    const { promise, resolve } = Promise.withResolvers();
    this.#waiting = { count, resolve };
    if (this.sent.length >= count) resolve();
    return promise;
  }
}

let now;
beforeEach(() => {
  now = 1_000_000;
  vi.spyOn(Date, "now").mockImplementation(() => now);
});
afterEach(() => vi.restoreAllMocks());

const frames = (from, to) => Array.from({ length: to - from }, (_, i) => `frame ${from + i}`);

/** An outlet of a socket that has just become busy: it holds what comes next. */
function busy() {
  const socket = new Socket();
  const outlet = new Outlet(socket, true);
  frames(0, 8).forEach((frame) => outlet.send(frame));
  expect(socket.sent).toEqual(frames(0, 8));
  return { socket, outlet };
}

/** Of a chunk that is too long to be held. */
const DIGITS = "A".repeat(5000);

/** What follows on a busy socket, how much of it is sent at once, and what is sent in the end. */
const CASES = [
  {
    what: "a frame",
    run: ({ outlet }) => outlet.send("frame 8"),
    atOnce: 8,
    inTheEnd: frames(0, 9),
  },
  {
    what: "frames of several turns",
    run: ({ outlet }) => [frames(8, 11).join("\n"), "frame 11", "frame 12"].forEach((lines) => outlet.send(lines)),
    atOnce: 8,
    inTheEnd: frames(0, 13),
  },
  {
    what: "a long message, with what was held before it",
    run: ({ outlet }) => ["frame 8", "x".repeat(5000), "frame 9"].forEach((lines) => outlet.send(lines)),
    atOnce: 10,
    inTheEnd: [...frames(0, 9), "x".repeat(5000), "frame 9"],
  },
  {
    what: "a chunk of bytes, with what was held before it",
    run: ({ outlet }) => {
      outlet.send("frame 8");
      sendChunk(outlet, "<", { toBase64: () => DIGITS }, ">");
      outlet.send("frame 9");
    },
    atOnce: 10,
    inTheEnd: [...frames(0, 9), `<${DIGITS}>`, "frame 9"],
  },
  {
    what: "a chunk of few bytes, as any frame",
    run: ({ outlet }) => {
      outlet.send("frame 8");
      sendChunk(outlet, "<", { toBase64: () => "few" }, ">");
    },
    atOnce: 8,
    inTheEnd: [...frames(0, 9), "<few>"],
  },
  {
    what: "a chunk where the runtime has no base64: it is for the caller",
    run: ({ outlet }) => expect(sendChunk(outlet, "<", {}, ">")).toBe(false),
    atOnce: 8,
    inTheEnd: frames(0, 8),
  },
  {
    what: "many characters",
    run: ({ outlet }) => frames(8, 30).forEach((frame) => outlet.send(frame.padEnd(4000))),
    atOnce: 25,
    inTheEnd: [...frames(0, 8), ...frames(8, 30).map((frame) => frame.padEnd(4000))],
  },
  {
    what: "the close, behind what is held",
    run: ({ outlet }) => {
      outlet.send("frame 8");
      outlet.close(3000, "over");
      outlet.send("too late");
    },
    atOnce: 10,
    inTheEnd: [...frames(0, 9), "closed 3000 over"],
  },
  {
    what: "a flush",
    run: ({ outlet, socket }) => {
      outlet.send("frame 8");
      flush(socket);
    },
    atOnce: 9,
    inTheEnd: frames(0, 9),
  },
  {
    what: "a timer that does not come",
    run: ({ outlet }) => {
      outlet.send("frame 8");
      now += 1000;
      outlet.send("frame 9");
    },
    atOnce: 10,
    inTheEnd: frames(0, 10),
  },
];

describe("A busy socket", () => {
  it.each(CASES)("$what", async ({ run, atOnce, inTheEnd }) => {
    const one = busy();
    run(one);
    expect(one.socket.sent.length).toBe(atOnce);
    await one.socket.received(inTheEnd.length);
    expect(one.socket.sent).toEqual(inTheEnd);
  });

  it("is one as long as moments bring many frames", async () => {
    const { socket, outlet } = busy();
    outlet.send(frames(8, 28).join("\n"));
    await socket.received(28);
    // Five are few, and their mean with the twenty is not.
    outlet.send(frames(28, 33).join("\n"));
    expect(socket.sent.length).toBe(28);
    await socket.received(33);
    outlet.send("frame 33");
    expect(socket.sent.length).toBe(33);
    await socket.received(34);
    frames(34, 60).forEach((frame) => outlet.send(frame));
    expect(socket.sent).toEqual(frames(0, 60));
  });

  it("is none after a pause", async () => {
    const { socket, outlet } = busy();
    outlet.send(frames(8, 28).join("\n"));
    await socket.received(28);
    now += 9;
    outlet.send("frame 28");
    expect(socket.sent).toEqual(frames(0, 29));
  });

  it("is tried again and again, ever more rarely", async () => {
    const { socket, outlet } = busy();
    const pauses = [];
    for (let ms = 0, last = 0; pauses.length < 9; ms += 1) {
      now += 1;
      const before = socket.sent.length;
      frames(0, 9).forEach((frame) => outlet.send(frame));
      if (socket.sent.length === before + 9) continue;
      await socket.received(before + 9);
      pauses.push(ms - last);
      last = ms;
    }
    expect(pauses).toEqual([0, 16, 32, 64, 128, 256, 512, 1024, 1024]);
  });

  it("sends at once where a timer cannot be relied on", () => {
    const socket = new Socket();
    const outlet = new Outlet(socket, false);
    frames(0, 100).forEach((frame) => outlet.send(frame));
    expect(socket.sent).toEqual(frames(0, 100));
  });
});
