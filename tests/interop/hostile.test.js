import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { connect, rawPost, rawSocket } from "./connect.js";
import { FRAMES } from "./hostile.js";

const MAX_REASON_BYTES = 123;

const [PUSH_NINE, PULL_NINE] = ['["push",["pipeline",0,["square"],[3]]]', '["pull",1]'];

let bystander;

beforeAll(async () => {
  bystander = await connect();
});

afterAll(() => {
  bystander[Symbol.dispose]();
});

describe("hostile frames over a socket", () => {
  it.each(FRAMES)("%s ends the session with an abort", async (_what, ...frames) => {
    const socket = await rawSocket();
    socket.send(...frames);
    const { code, reason } = await socket.closed;
    const abort = socket.frames.at(-1);
    expect(abort).toEqual(["abort", expect.arrayContaining(["error"])]);
    expect(abort[1].slice(1, 3)).toEqual([expect.any(String), expect.any(String)]);
    expect(code).toBe(3000);
    expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(MAX_REASON_BYTES);
    expect(await bystander.square(6)).toBe(36);
  });

  it("a session works until the frame that ends it", async () => {
    const socket = await rawSocket();
    expect(await socket.ask(1, ["pipeline", 0, ["square"], [3]])).toEqual(["resolve", 1, 9]);
    socket.send(["pull", 99], ["push", ["pipeline", 0, ["square"], [3]]], ["pull", 2]);
    await socket.closed;
    expect(socket.frames.map(([verb]) => verb)).toEqual(["abort"]);
  });

  it("a reason of many bytes is cut between characters", async () => {
    const socket = await rawSocket();
    socket.send(["push", ["é".repeat(500)]]);
    const { reason } = await socket.closed;
    expect(new TextEncoder().encode(reason).length).toBeLessThanOrEqual(MAX_REASON_BYTES);
    expect(reason).not.toContain("\ufffd");
  });

  it("the client's own abort closes the socket without an answer", async () => {
    const socket = await rawSocket();
    socket.send(["abort", ["error", "Error", "bye"]]);
    expect((await socket.closed).code).toBe(3000);
    expect(socket.frames).toEqual([]);
  });

  it("a socket that closes at once is no harm", async () => {
    for (let i = 0; i < 10; i += 1) {
      using socket = await rawSocket();
      socket.send(PUSH_NINE);
    }
    expect(await bystander.square(5)).toBe(25);
  });
});

describe("hostile bodies over POST", () => {
  it.each(FRAMES.filter((row) => row.every((frame) => !(frame instanceof Uint8Array))))(
    "%s ends the batch with an abort or a status",
    async (_what, ...frames) => {
      const { status, frames: answers } = await rawPost(lines(frames));
      if (status < 400) {
        expect(answers.at(-1)[0]).toBe("abort");
      }
      expect((await rawPost(`${PUSH_NINE}\n${PULL_NINE}`)).frames).toEqual([["resolve", 1, 9]]);
    },
  );

  it("bytes that are no UTF-8 end the batch too", async () => {
    const { status, cors, frames } = await rawPost(Uint8Array.of(0xff, 0xfe, 0x00, 0x80));
    if (inject("server") !== "reference" || status < 400) {
      expect([status, cors, frames.at(-1)[0]]).toEqual([200, "*", "abort"]);
    }
  });

  /** A mark in front is none of the text, and what is not UTF-8 is U+FFFD: in short bodies and in long ones. */
  it.each([0, 1000])("is read as text, with %s spaces behind", async (spaces) => {
    const echo = ['\ufeff["push",["pipeline",0,["echo"],["', `"]]]\n${PULL_NINE}${" ".repeat(spaces)}`];
    const [head, tail] = echo.map((text) => [...new TextEncoder().encode(text)]);
    const { frames } = await rawPost(Uint8Array.of(...head, 0xe2, 0x82, 0xff, ...tail));
    expect(frames).toEqual([["resolve", 1, "\ufffd\ufffd"]]);
  });

  it("the calls before a hostile frame are not answered as if nothing were wrong", async () => {
    const { status, frames } = await rawPost(lines([PUSH_NINE, PULL_NINE, "nonsense"]));
    if (status < 400) {
      expect(frames.at(-1)[0]).toBe("abort");
    }
  });
});

function lines(frames) {
  return frames.map((frame) => (typeof frame === "string" ? frame : JSON.stringify(frame))).join("\n");
}
