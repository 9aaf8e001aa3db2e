import { describe, expect, it } from "vitest";
import { listener, newRoom } from "./room.js";

describe("a room that has slept", () => {
  it("is another object", async () => {
    const room = newRoom();
    using api = await room.connect();
    const before = await api.bootId();
    expect(await api.bootId()).toBe(before);
    await room.evict();
    expect(await api.bootId()).not.toBe(before);
  });

  it("has its messages", async () => {
    const room = newRoom();
    using api = await room.connect();
    expect(await api.post("one")).toBe(1);
    await room.evict();
    expect(await api.post("two")).toBe(2);
    expect(await api.history()).toEqual([{ id: 1, text: "one" }, { id: 2, text: "two" }]);
  });

  it("has its durable targets", async () => {
    const room = newRoom();
    using api = await room.connect();
    using ann = await api.login("Ann");
    expect(await ann.increment(3)).toBe(3);
    await room.evict();
    expect(await ann.increment()).toBe(4);
    expect(await ann.count).toBe(4);
    expect(await ann.whoami()).toBe("Ann");
    await room.evict();
    expect(await ann.say("hello")).toBe(1);
    expect(await ann.count).toBe(4);
  });

  it("calls its subscribers", async () => {
    const room = newRoom();
    using api = await room.connect();
    const { listen, called } = listener();
    using subscription = await api.subscribe(listen);
    await room.evict();
    await api.post("one");
    expect(await called(1)).toEqual([[{ id: 1, text: "one" }]]);
    await room.evict();
    expect(await api.subscribers()).toBe(1);
    await room.evict();
    await room.batch().post("two");
    expect(await called(2)).toEqual([[{ id: 1, text: "one" }], [{ id: 2, text: "two" }]]);
    await room.evict();
    expect(await subscription.delivered).toBe(2);
    await room.evict();
    await subscription.cancel();
    expect(await api.subscribers()).toBe(0);
  });

  it("tells what would keep it awake", async () => {
    const room = newRoom();
    using api = await room.connect();
    using ann = await api.login("Ann");
    expect(await api.stats()).toMatchObject({ hibernatable: true, pinnedBy: [] });
    using volatile = await api.volatile();
    const { hibernatable, pinnedBy } = await api.stats();
    expect(hibernatable).toBe(false);
    expect(pinnedBy).toEqual([expect.stringMatching(/Volatile is not durable$/)]);
    expect(await volatile.ping()).toBe("pong");
  });
});
