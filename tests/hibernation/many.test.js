import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { describe, expect, it } from "vitest";
import { rejection } from "../interop/expectations.js";
import { listener, newRoom } from "./room.js";

/** The keys under which sessions are saved in a room's storage. */
const spilled = (room) => runInDurableObject(room.object(), (_, { storage }) => [...storage.kv.list({ prefix: "topsail:session:" })].map(([key]) => key));

/** Calls `change` with each of a room's sockets. */
const eachSocket = (room, change) => runInDurableObject(room.object(), (_, state) => state.getWebSockets().forEach((socket) => change(socket)));

/** What a room's sockets have attached, changed by `change`. */
const reattach = (room, change) =>
  eachSocket(room, (socket) => {
    const attached = socket.deserializeAttachment();
    socket.serializeAttachment(change(attached));
  });

describe("many", () => {
  it("sleeping sockets are all reached by one message", async () => {
    const room = newRoom();
    const clients = await Promise.all(Array.from({ length: 200 }, async () => {
      const [api, heard] = [await room.connect(), listener()];
      await api.subscribe(heard.listen);
      return { api, heard };
    }));
    await room.evict();
    expect(await clients[0].api.post("to all")).toBe(1);
    await Promise.all(clients.map(async ({ heard }) => expect(await heard.called(1)).toEqual([[{ id: 1, text: "to all" }]])));
    expect(await room.batch().subscribers()).toBe(200);
    for (const { api } of clients.slice(1)) api[Symbol.dispose]();
    await expect.poll(() => room.batch().subscribers()).toBe(1);
    clients[0].api[Symbol.dispose]();
  });

  it("durable objects on one socket go into the storage, and out of it", async () => {
    const room = newRoom();
    const api = await room.connect();
    const name = (i) => `${i} ${"x".repeat(500)}`;
    const members = await Promise.all(Array.from({ length: 50 }, (_, i) => api.login(name(i))));
    await Promise.all(members.map((member, i) => member.increment(i)));
    await room.evict();
    expect(await members[7].count).toBe(7);
    expect(await spilled(room)).toHaveLength(1);
    expect(await Promise.all(members.map((member) => member.increment()))).toEqual(members.map((_, i) => i + 1));
    await room.evict();
    expect(await members[49].whoami()).toBe(name(49));
    for (const member of members.slice(1)) member[Symbol.dispose]();
    expect(await members[0].count).toBe(1);
    await expect.poll(() => spilled(room)).toEqual([]);
    await room.evict();
    expect(await members[0].count).toBe(1);
    api[Symbol.dispose]();
  });

  it("what closed sockets have left is deleted when the object wakes", async () => {
    const room = newRoom();
    using api = await room.connect();
    await api.echo(1);
    await runInDurableObject(room.object(), (_, { storage }) => storage.kv.put("topsail:session:abc:0", new Uint8Array(3)));
    await room.evict();
    await api.echo(2);
    expect(await spilled(room)).toEqual([]);
  });

  it("what cannot be saved keeps the object awake, until it can", async () => {
    const room = newRoom();
    using api = await room.connect();
    const members = await Promise.all(Array.from({ length: 40 }, (_, i) => api.login(`Member ${i}`)));
    const refuse = () => {
      throw new Error("no room");
    };
    await eachSocket(room, (socket) => void (socket.serializeAttachment = refuse));
    expect(await members[7].increment(2)).toBe(2);
    await expect.poll(() => api.stats()).toMatchObject({ hibernatable: false, pinnedBy: ["the session cannot be saved: Error: no room"] });
    await eachSocket(room, (socket) => delete socket.serializeAttachment);
    expect(await members[7].increment()).toBe(3);
    await expect.poll(() => api.stats()).toMatchObject({ hibernatable: true, pinnedBy: [] });
    await room.evict();
    expect(await members[7].count).toBe(3);
  });

  it("calls among which the object sleeps are all made once", async () => {
    const room = newRoom();
    using api = await room.connect();
    const members = await Promise.all(Array.from({ length: 40 }, (_, i) => api.login(`Member ${i}`)));
    const counts = [];
    for (let i = 0; i < 20; i += 1) {
      const before = Array.from({ length: i % 4 }, () => members[7].increment());
      const asleep = room.sleep();
      counts.push(...before, ...Array.from({ length: 3 }, () => members[7].increment()));
      await Promise.all([asleep, ...counts]);
    }
    expect(await Promise.all(counts)).toEqual(counts.map((_, i) => i + 1));
  });

  it("calls in flight cost what they are", async () => {
    const room = newRoom();
    using api = await room.connect();
    const results = await Promise.all(Array.from({ length: 1_000 }, (_, i) => api.echo(i)));
    expect(results).toEqual(results.map((_, i) => i));
    await room.evict();
    expect(await api.echo("x")).toBe("x");
  });
});

describe("what was saved and is not any more what it was", () => {
  it.each([
    ["nothing", () => null],
    ["another type", () => "text"],
    ["no bytes", () => new Uint8Array()],
    ["noise", () => crypto.getRandomValues(new Uint8Array(100))],
    ["the beginning", (bytes) => bytes.slice(0, bytes.length - 3)],
    ["a spilled session that is not there", () => new Uint8Array([0, 3, 0, 0, 0])],
    ["too many parts", () => new Uint8Array([0, 255, 255, 255, 255])],
  ])("%s: the session ends, others live", async (_, change) => {
    const room = newRoom();
    const api = await room.connect();
    const broken = Promise.withResolvers();
    api.onRpcBroken(broken.resolve);
    await api.echo(1);
    await reattach(room, change);
    using other = await room.connect();
    await other.echo(1);
    await room.evict();
    expect((await rejection(api.echo(2))).message).toBe("Peer closed WebSocket: 3000 The session could not be restored.");
    await broken.promise;
    expect(await other.echo(3)).toBe(3);
  });
});
