import { describe, expect, inject, it } from "vitest";
import { rejection } from "../interop/expectations.js";
import { listener, newRoom } from "./room.js";

const unwinds = inject("panic") === "unwind";

describe("a panic in a room", () => {
  it("rejects its call, and leaves the socket and what it holds working", async () => {
    const room = newRoom();
    using api = await room.connect();
    using ann = await api.login("Ann");
    await ann.increment(2);
    const before = await api.bootId();
    expect(await rejection(api.panic())).toMatchObject({ message: "The call failed: the server panicked." });
    expect(await ann.increment()).toBe(3);
    expect((await api.bootId()) === before).toBe(unwinds);
  });

  it.skipIf(unwinds)("rejects calls that run, on all sockets, at once", async () => {
    const room = newRoom();
    using bystander = await room.connect();
    using api = await room.connect();
    const sleeping = rejection(bystander.sleep(60_000));
    const counted = bystander.echo(1);
    await counted;
    await rejection(api.panic());
    expect(await sleeping).toMatchObject({ message: "The call failed: the server panicked." });
    expect(await bystander.echo(2)).toBe(2);
  });

  it.runIf(unwinds)("leaves calls that run, on all sockets, and what is not durable", async () => {
    const room = newRoom();
    using bystander = await room.connect();
    using api = await room.connect();
    const sleeping = [bystander.sleep(100), api.sleep(100)];
    using volatile = await api.volatile();
    await rejection(api.panic());
    expect(await Promise.all(sleeping)).toEqual([100, 100]);
    expect(await volatile.ping()).toBe("pong");
  });

  it("rejects what is built on its call", async () => {
    const room = newRoom();
    using api = await room.connect();
    const broken = api.panic();
    expect(await rejection(broken.something.more())).toMatchObject({ message: expect.stringMatching(/panicked/) });
    expect(await rejection(api.echo(broken))).toMatchObject({ message: expect.stringMatching(/panicked/) });
    expect(await api.echo(1)).toBe(1);
  });

  it("leaves subscribers subscribed", async () => {
    const room = newRoom();
    using api = await room.connect();
    using other = await room.connect();
    const { listen, called } = listener();
    using subscription = await api.subscribe(listen);
    await rejection(other.panic());
    await other.post("after");
    expect(await called(1)).toEqual([[{ id: 1, text: "after" }]]);
    expect(await subscription.delivered).toBe(1);
  });

  it("over and over, with sleep in between", async () => {
    const room = newRoom();
    using api = await room.connect();
    using ann = await api.login("Ann");
    for (let i = 1; i <= 5; i += 1) {
      await rejection(api.panic());
      expect(await ann.increment()).toBe(i);
      await room.evict();
    }
    expect(await ann.count).toBe(5);
  });

  it("loses nothing that a session too large to be saved for every message has done before", async () => {
    const room = newRoom();
    using api = await room.connect();
    const members = await Promise.all(Array.from({ length: 40 }, (_, i) => api.login(`Member ${i}`)));
    const counts = members.map((member, i) => member.increment(i));
    const late = api.login("Late");
    const counted = late.increment(5);
    const panics = rejection(api.panic());
    expect(await Promise.all(counts)).toEqual(members.map((_, i) => i));
    expect(await counted).toBe(5);
    await panics;
    expect(await Promise.all(members.map((member) => member.count))).toEqual(members.map((_, i) => i));
    expect(await late.increment()).toBe(6);
  });
});
