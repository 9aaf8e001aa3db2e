/** The Durable Object of the contract, over connections as they are. What it does when it sleeps is in tests/hibernation. */
import { newHttpBatchRpcSession, newWebSocketRpcSession } from "capnweb";
import { describe, expect, inject, it } from "vitest";
import { get, openSocket, ORIGIN } from "./connect.js";
import { rejection } from "./expectations.js";

const onTopsail = describe.skipIf(inject("server") === "reference");

let rooms = 0;
const newRoom = () => `/room/plain-${Date.now()}-${(rooms += 1)}`;
const connect = async (path) => newWebSocketRpcSession(await openSocket(path));
const batch = (path) => newHttpBatchRpcSession(`${ORIGIN}${path}`);

onTopsail("a room", () => {
  it("has routes", async () => {
    const path = newRoom();
    for (const [method, status] of [["GET", 426], ["PUT", 405], ["DELETE", 405]]) {
      const response = await get(path, { method });
      await response.body?.cancel();
      expect([method, response.status]).toEqual([method, status]);
    }
    for (const path of ["/room", "/room/", "/room/a/b"]) {
      const response = await get(path, { method: "POST" });
      await response.body?.cancel();
      expect([path, response.status]).toEqual([path, 404]);
    }
  });

  it("stores messages, for all connections to it and for no other room", async () => {
    const [path, other] = [newRoom(), newRoom()];
    using api = await connect(path);
    expect(await api.post("one")).toBe(1);
    expect(await batch(path).post("two")).toBe(2);
    expect(await api.history()).toEqual([{ id: 1, text: "one" }, { id: 2, text: "two" }]);
    expect(await batch(other).history()).toEqual([]);
    expect(await batch(path).bootId()).toBe(await api.bootId());
  });

  it("delivers messages", async () => {
    const path = newRoom();
    using api = await connect(path);
    const heard = Promise.withResolvers();
    using subscription = await api.subscribe(heard.resolve);
    expect([await api.subscribers(), await subscription.delivered]).toEqual([1, 0]);
    await batch(path).post("x");
    expect(await heard.promise).toEqual({ id: 1, text: "x" });
    expect(await subscription.delivered).toBe(1);
    await subscription.cancel();
    expect(await api.subscribers()).toBe(0);
  });

  it("delivers to all, whatever one of them does", async () => {
    const path = newRoom();
    using api = await connect(path);
    using other = await connect(path);
    const heard = Promise.withResolvers();
    await api.subscribe(() => {
      throw new Error("no");
    });
    await api.subscribe(() => new Promise(() => {}));
    await other.subscribe(heard.resolve);
    await api.post("x");
    expect(await heard.promise).toEqual({ id: 1, text: "x" });
    expect(await api.echo(1)).toBe(1);
  });

  it("refuses to subscribe what is gone at once", async () => {
    const error = await rejection(batch(newRoom()).subscribe(() => {}));
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe("only an object of a client on a WebSocket of this Durable Object can be subscribed");
  });

  it("has members", async () => {
    using api = await connect(newRoom());
    using ann = await api.login("Ann");
    expect([await ann.whoami(), await ann.say("hi"), await ann.increment(), await ann.increment(4), await ann.count]).toEqual(["Ann", 1, 1, 5, 5]);
    expect(await api.history()).toEqual([{ id: 1, text: "Ann: hi" }]);
  });

  it("calls back later, and tells what keeps it awake until then", async () => {
    using api = await connect(newRoom());
    const heard = Promise.withResolvers();
    const [, stats] = await Promise.all([api.callLater(heard.resolve, 200), api.stats()]);
    expect(stats).toMatchObject({ hibernatable: false, pinnedBy: ["1 of the peer's objects are held in memory only"] });
    expect(await heard.promise).toBe("later");
    await expect.poll(() => api.stats()).toMatchObject({ hibernatable: true, pinnedBy: [] });
  });

  it("tells what runs", async () => {
    using api = await connect(newRoom());
    const slept = api.sleep(200);
    slept.then(() => {});
    expect(await api.stats()).toMatchObject({ hibernatable: false, pinnedBy: ["a call runs"] });
    expect(await slept).toBe(200);
    using volatile = await api.volatile();
    expect(await volatile.ping()).toBe("pong");
    expect((await api.stats()).pinnedBy).toHaveLength(1);
    volatile[Symbol.dispose]();
    expect(await api.stats()).toMatchObject({ hibernatable: true, exports: expect.any(Number), imports: expect.any(Number) });
  });

  it("works beside others of its instance", async () => {
    const rooms = await Promise.all(Array.from({ length: 6 }, () => busyRoom(newRoom())));
    for (const { heard, results, said } of rooms) {
      expect(results).toEqual(said.map((_, i) => [i + 1, 10, i + 1]));
      expect(heard.map(({ text }) => text).sort()).toEqual(said.toSorted());
    }
  });
});

/** A client that has a room do several things at once, which all wait for something in between. */
async function busyRoom(path) {
  using api = await connect(path);
  using ann = await api.login(path);
  const heard = [];
  const all = Promise.withResolvers();
  const said = Array.from({ length: 10 }, (_, i) => `${path} ${i}`);
  using subscription = await api.subscribe((message) => {
    if (heard.push(message) === said.length) all.resolve();
  });
  const later = said.map(() => new Promise((resolve) => api.callLater(resolve, 10)));
  const results = await Promise.all(said.map((text) => Promise.all([api.post(text), api.sleep(10), ann.increment()])));
  await Promise.all([all.promise, ...later]);
  expect(await subscription.delivered).toBe(said.length);
  return { heard, results, said };
}
