import { newWebSocketRpcSession } from "capnweb";
import { evictDurableObject, runDurableObjectAlarm } from "cloudflare:test";
import { env, exports } from "cloudflare:workers";
import { describe, expect, it } from "vitest";

const ORIGIN = "http://sleeper.test";
const object = env.SLEEPER.getByName("one");

async function open(path, options) {
  const response = await exports.default.fetch(ORIGIN + path, { headers: { Upgrade: "websocket" } });
  response.webSocket.accept(options);
  return response.webSocket;
}

const connect = async (path = "/") => newWebSocketRpcSession(await open(path));

const sleep = () => evictDurableObject(object);

const text = async (path) => (await exports.default.fetch(ORIGIN + path)).text();

/** How many sessions have ended since the object woke. */
const left = async () => Number((await text("/sockets")).match(/(\d+) left/)[1]);

async function leave() {
  using api = await connect();
  await api.stats();
}

/** The error that a promise rejects with. */
const rejection = (promise) => promise.then((value) => expect.fail(`it resolved: ${value}`), (error) => error);

describe("with Unnamed::Break", () => {
  it("the object sleeps, and what had no name rejects", async () => {
    using api = await connect();
    using volatile = await api.volatile();
    expect(await volatile.ping()).toBe("pong");
    expect(await api.stats()).toMatchObject({ hibernatable: false, pinnedBy: [expect.stringMatching(/Volatile is not durable/)] });
    await sleep();
    expect((await rejection(volatile.ping())).message).toMatch(/^The server no longer has this/);
    expect(await api.stats()).toMatchObject({ hibernatable: true, pinnedBy: [] });
  });

  it("a client's object that is held in memory only is released", async () => {
    using api = await connect();
    const released = Promise.withResolvers();
    const callback = () => {};
    callback[Symbol.dispose] = () => released.resolve();
    await api.keep(callback);
    expect(await api.stats()).toMatchObject({ pinnedBy: ["1 of the peer's objects are held in memory only"] });
    expect(await api.hasKept()).toBe(true);
    await sleep();
    expect(await api.hasKept()).toBe(false);
    await released.promise;
  });
});

describe("durable targets", () => {
  it("hold stubs of the client, and each other", async () => {
    using api = await connect();
    const calls = [];
    using first = await api.holder((text) => void calls.push(`first ${text}`), null);
    using second = await api.holder((text) => void calls.push(`second ${text}`), first);
    expect(await second.call("a")).toBe(1);
    await sleep();
    expect(await second.call("b")).toBe(2);
    expect(await first.call("c")).toBe(3);
    await sleep();
    expect(await first.listeners()).toBe(0);
    expect(await second.call("d")).toBe(3);
    expect(calls).toEqual(["second a", "first a", "second b", "first b", "first c", "second d", "first d"]);
  });

  it("of which others know may hold stubs of another client", async () => {
    using lender = await connect();
    using api = await connect();
    const calls = [];
    await lender.lend((text) => void calls.push(text));
    using borrower = await api.borrower();
    expect(await borrower.call("a")).toBe(1);
    expect(calls).toEqual(["a"]);
    expect(await api.stats()).toMatchObject({ pinnedBy: [expect.stringMatching(/stub of another session/)] });
  });

  it("may end subscriptions of their session while they are saved", async () => {
    using api = await connect();
    using pruner = await api.pruner(() => {});
    expect(await pruner.listeners()).toBe(0);
    await sleep();
    expect(await pruner.listeners()).toBe(0);
  });

  it("of a kind that the object does not name any more are broken, and the rest lives", async () => {
    using api = await connect();
    using forgotten = await api.forgotten();
    using holder = await api.holder(() => {}, null);
    expect(await forgotten.ping()).toBe("pong");
    await sleep();
    const error = await rejection(forgotten.ping());
    expect(error).toBeInstanceOf(TypeError);
    expect(error.message).toBe("the server has no durable objects of the kind `forgotten` any more");
    expect(await holder.call("x")).toBe(1);
  });
});

describe("the application's own", () => {
  it("routes and tags", async () => {
    using guest = await connect("/guest");
    using other = await connect();
    await Promise.all([guest.stats(), other.stats()]);
    expect(await text("/sockets")).toMatch(/^1 tagged/);
    await sleep();
    expect(await text("/sockets")).toMatch(/^1 tagged/);
    expect(await guest.hasKept()).toBe(false);
  });

  it("alarms, in which sleeping clients are called", async () => {
    using api = await connect();
    const heard = Promise.withResolvers();
    await api.listen((word) => heard.resolve(word));
    await api.ring();
    await sleep();
    await runDurableObjectAlarm(object);
    expect(await heard.promise).toBe("alarm");
  });

  it.each([
    ["alarm", () => runDurableObjectAlarm(object)],
    ["request", () => text("/call")],
  ])("%ss, whose calls keep the object awake until they are answered", async (by, run) => {
    using api = await connect();
    const heard = Promise.withResolvers();
    const answer = Promise.withResolvers();
    await api.listen((word) => {
      heard.resolve(word);
      return answer.promise;
    });
    if (by === "alarm") await api.ring();
    await sleep();
    await run();
    expect(await heard.promise).toBe(by);
    let slept = false;
    const asleep = sleep().then(() => (slept = true));
    expect(await api.stats()).toMatchObject({ hibernatable: false });
    expect(slept).toBe(false);
    answer.resolve();
    await asleep;
    expect(await api.stats()).toMatchObject({ hibernatable: true });
  });

  it.each([
    ["rate", { message: "slow down", code: "E_RATE_LIMIT_EXCEEDED" }],
    ["recipient", { message: "not to them", code: "RCPT_NOT_ALLOWED" }],
    ["io", { message: "I/O error: the disk is full" }],
    ["utf-8", { message: "UTF-8 decoding error: invalid utf-8 sequence of 1 bytes from index 0" }],
    ["text", { message: "a text" }],
    ["own", { message: "of its own" }],
  ])("errors of requests, with their codes and causes: %s", async (name, expected) => {
    const error = await rejection(object.fetch(`${ORIGIN}/error/${name}`));
    const { message, code } = error;
    expect({ message, code }).toEqual({ code: undefined, ...expected });
  });

  it("end of a session, asleep or not", async () => {
    const before = await left();
    await leave();
    await expect.poll(left).toBe(before + 1);
  });

  it.each([
    ["bytes", Uint8Array.of(1)],
    ["no message", "hello"],
    ["the client's abort", '["abort",["error","Error","enough"]]'],
  ])("end of a session that is aborted, once: %s", async (_what, message) => {
    // The closing handshake ends when the test has it ended.
    const socket = await open("/", { allowHalfOpen: true });
    const closed = new Promise((resolve) => socket.addEventListener("close", resolve));
    const before = await left();
    socket.send(message);
    await closed;
    expect(await left()).toBe(before + 1);
    await sleep();
    // As if it had crossed the server's close.
    socket.send(message);
    socket.close();
    await leave();
    await expect.poll(left).not.toBe(0);
    expect(await left()).toBe(1);
  });
});


it("waking a thousand times takes no memory", { timeout: 60_000 }, async () => {
  using api = await connect();
  using holder = await api.holder(() => {}, null);
  using next = await api.holder(() => {}, holder);
  const pages = [];
  for (let i = 1; i <= 1_000; i += 1) {
    await sleep();
    await next.call(String(i));
    if (i % 250 === 0) pages.push(await api.memoryPages());
  }
  console.log(`Wasm memory after 250, 500, 750 and 1,000 wake-ups: ${pages.join(", ")} pages`);
  // One page is what the allocator may come to need; a leak of 200 bytes each time takes three.
  expect(pages[3] - pages[0]).toBeLessThanOrEqual(1);
});

it("streams that are given up while they are read take no memory", { timeout: 60_000 }, async () => {
  using api = await connect();
  const pages = [];
  for (let i = 0; i < 10; i += 1) {
    await api.cancelStreams(2_000);
    globalThis.gc();
    pages.push(await api.memoryPages());
  }
  console.log(`Wasm memory after every 2,000 streams: ${pages.join(", ")} pages`);
  // A leak of 200 bytes each takes thirty.
  expect(pages[9] - pages[4]).toBeLessThanOrEqual(4);
});
