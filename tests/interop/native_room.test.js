import { describe, expect, inject, it } from "vitest";
import { connect, SESSIONS } from "./connect.js";
import { trackedFunction } from "./targets.js";

const newName = () => `room-${crypto.randomUUID()}`;

describe.skipIf(inject("server") === "reference")("a Rust Durable Object through a Rust Worker", () => {
  it.each(SESSIONS)("is called over %s", async (_, open) => {
    using api = await open();
    const room = api.getRoom(newName());
    expect(await Promise.all([room.post("one"), room.post("two"), room.history()])).toEqual([
      1,
      2,
      [
        { id: 1, text: "one" },
        { id: 2, text: "two" },
      ],
    ]);
  });

  it.each(SESSIONS)("is pipelined over %s", async (_, open) => {
    using api = await open();
    const member = api.getRoom(newName()).login("Ada");
    expect(await Promise.all([member.whoami(), member.increment(), member.increment(2), member.count])).toEqual([
      "Ada",
      1,
      3,
      3,
    ]);
  });

  it("calls a client's callback, keeps it, and lets it go", async () => {
    using api = await connect();
    const room = api.getRoom(newName());
    const heard = [];
    const callback = trackedFunction((message) => void heard.push(message));
    using subscription = await room.subscribe(callback);
    await room.post("one");
    await room.post("two");
    expect(heard).toEqual([
      { id: 1, text: "one" },
      { id: 2, text: "two" },
    ]);
    expect(await room.subscribers()).toBe(1);
    await subscription.cancel();
    await callback.whenReleased;
    expect(await room.subscribers()).toBe(0);
  });

  it("is the same object by native RPC", async () => {
    using api = await connect();
    const name = newName();
    const [room, native] = [api.getRoom(name), api.getNativeRoom(name)];
    const heard = [];
    await room.subscribe((message) => void heard.push(message));
    expect(await native.post("natively")).toBe(1);
    expect(await native.login("Ada").say("hello")).toBe(2);
    const told = [
      { id: 1, text: "natively" },
      { id: 2, text: "Ada: hello" },
    ];
    expect(await Promise.all([room.history(), native.history()])).toEqual([told, told]);
    await expect.poll(() => heard).toEqual(told);
    expect(await native.bootId()).toBe(await room.bootId());
  });

  it("lets go of it when the client leaves", async () => {
    const name = newName();
    const callback = trackedFunction(() => {});
    {
      using api = await connect();
      await api.getRoom(name).subscribe(callback);
    }
    using api = await connect();
    const room = api.getRoom(name);
    await expect.poll(() => room.subscribers()).toBe(0);
  });

  it("rejects calls that the object rejects", async () => {
    using api = await connect();
    await expect(async () => await api.getRoom(newName()).nope()).rejects.toThrow("'nope' is not a function.");
  });
});
