import { RpcStub } from "capnweb";
import { describe, expect, it } from "vitest";
import { connect, connectWithSocket, rawSocket, SESSIONS } from "./connect.js";
import { rejection } from "./expectations.js";
import { trackedFunction } from "./targets.js";

/** Asks how many targets were disposed of, as often as it takes to be told `count`. */
async function untilDisposed(api, count) {
  for (let i = 0; i < 1000; i += 1) {
    const disposed = await api.disposed();
    if (disposed >= count) {
      return disposed;
    }
  }
  throw new Error(`fewer than ${count} targets were disposed of`);
}

describe("targets of the server", () => {
  it("are disposed of when their stub is", async () => {
    using api = await connect();
    const tracked = await api.tracked();
    expect(await api.disposed()).toBe(0);
    tracked[Symbol.dispose]();
    expect(await untilDisposed(api, 1)).toBe(1);
  });

  it("are disposed of at the end of a block with using", async () => {
    using api = await connect();
    {
      using first = await api.tracked();
      using second = await api.tracked();
      expect(await first.id()).not.toBe(await second.id());
      expect(await api.disposed()).toBe(0);
    }
    expect(await untilDisposed(api, 2)).toBe(2);
  });

  it("live as long as any duplicate", async () => {
    using api = await connect();
    const tracked = await api.tracked();
    const duplicate = tracked.dup();
    const id = await tracked.id();
    tracked[Symbol.dispose]();
    expect(await duplicate.id()).toBe(id);
    expect(await api.disposed()).toBe(0);
    duplicate[Symbol.dispose]();
    expect(await untilDisposed(api, 1)).toBe(1);
  });

  it("are disposed of once, however often their stub is", async () => {
    using api = await connect();
    const tracked = await api.tracked();
    using other = await api.tracked();
    tracked[Symbol.dispose]();
    tracked[Symbol.dispose]();
    tracked[Symbol.dispose]();
    expect(await untilDisposed(api, 1)).toBe(1);
    expect(await other.id()).toBeDefined();
    expect(await api.disposed()).toBe(1);
  });

  it("are disposed of with the result that holds them", async () => {
    using api = await connect();
    const promises = [api.tracked(), api.tracked()];
    const result = await api.echo({ list: [promises[0], { deep: promises[1] }] });
    promises.forEach((promise) => promise[Symbol.dispose]());
    expect(await result.list[0].id()).toBeDefined();
    expect(await api.disposed()).toBe(0);
    result[Symbol.dispose]();
    expect(await untilDisposed(api, 2)).toBe(2);
  });

  it("are disposed of when their promise is, awaited or not", async () => {
    using api = await connect();
    const promise = api.tracked();
    expect(await promise.id()).toBeDefined();
    promise[Symbol.dispose]();
    api.tracked()[Symbol.dispose]();
    expect(await untilDisposed(api, 2)).toBe(2);
  });

  it("outlive the promise that brought them as long as a stub is held", async () => {
    using api = await connect();
    const promise = api.tracked();
    const tracked = await promise;
    promise.id();
    expect(await tracked.id()).toBeDefined();
    expect(await api.disposed()).toBe(0);
    tracked[Symbol.dispose]();
    expect(await untilDisposed(api, 1)).toBe(1);
  });

  it("are not disposed of by the calls in which their promise is an argument", async () => {
    using api = await connect();
    const promise = api.tracked();
    expect(await api.typeOf(promise)).toBe("stub");
    expect(await api.typeOf([promise, { promise }])).toBe("array");
    expect(await api.disposed()).toBe(0);
    promise[Symbol.dispose]();
    expect(await untilDisposed(api, 1)).toBe(1);
  });

  it("that were handed back are not disposed of by the call", async () => {
    using api = await connect();
    using tracked = await api.tracked();
    await api.typeOf(tracked);
    await api.typeOf({ tracked });
    expect(await tracked.id()).toBeDefined();
    expect(await api.disposed()).toBe(0);
  });

  it("cannot be used after their stub is disposed of", async () => {
    using api = await connect();
    const tracked = await api.tracked();
    tracked[Symbol.dispose]();
    expect((await rejection(call(() => tracked.id()))).message).toMatch(/disposed/);
  });

  it("thousands of them are released one by one", async () => {
    using api = await connect();
    const targets = await Promise.all(Array.from({ length: 1000 }, () => api.tracked()));
    targets.forEach((target) => target[Symbol.dispose]());
    expect(await untilDisposed(api, 1000)).toBe(1000);
  });
});

describe.each(SESSIONS)("release over %s", (_, open) => {
  it("no target is disposed of while its promise is in use", async () => {
    using api = await open();
    const tracked = api.tracked();
    const [id, again, disposed] = await Promise.all([tracked.id(), tracked.id(), api.disposed()]);
    expect(id).toBeDefined();
    expect(again).toBe(id);
    expect(disposed).toBe(0);
  });
});

describe("capabilities of the client", () => {
  it("are released when the call that they were passed to ends", async () => {
    using api = await connect();
    const callback = trackedFunction((i) => i);
    await api.callFunction(callback, 1);
    await callback.whenReleased;
  });

  it("are released when the call fails", async () => {
    using api = await connect();
    const callback = trackedFunction(() => {
      throw new Error("no");
    });
    await rejection(api.callFunction(callback, 1));
    await callback.whenReleased;
  });

  it("are released when the arguments do not fit or there is no such method", async () => {
    using api = await connect();
    const callbacks = [trackedFunction(() => 1), trackedFunction(() => 2)];
    await rejection(api.updateUser({ id: callbacks[0] }));
    await rejection(api.noSuchMethod(callbacks[1]));
    await Promise.all(callbacks.map((callback) => callback.whenReleased));
  });

  it("are released when the method takes fewer arguments", async () => {
    using api = await connect();
    const callback = trackedFunction(() => 1);
    expect(await api.square(2, callback)).toBe(4);
    await callback.whenReleased;
  });

  it("are released when the result that holds them is", async () => {
    using api = await connect();
    const callback = trackedFunction((i) => i + 1);
    const result = await api.echo({ callback });
    expect(await result.callback(1)).toBe(2);
    result[Symbol.dispose]();
    await callback.whenReleased;
  });

  it("stay when they are kept, until they are dropped", async () => {
    using api = await connect();
    const callback = trackedFunction((a, b) => `${a}-${b}`);
    await api.keep(callback);
    expect(await api.callKept("x", 1)).toBe("x-1");
    expect(await api.callKept("y", 2)).toBe("y-2");
    expect(callback.released).toBe(false);
    await api.dropKept();
    await callback.whenReleased;
    expect(await rejection(api.callKept("z", 3))).toBeInstanceOf(Error);
  });

  it("are kept by the server after the client's own stub is disposed of", async () => {
    using api = await connect();
    const callback = trackedFunction((i) => i * 3);
    const stub = new RpcStub(callback);
    await api.keep(stub);
    stub[Symbol.dispose]();
    expect(await api.callKept(4)).toBe(12);
    expect(callback.released).toBe(false);
    await api.dropKept();
    await callback.whenReleased;
  });

  it("that were kept call the server", async () => {
    using api = await connect();
    await api.keep(async (i) => (await api.square(i)) + 1);
    expect(await api.callKept(4)).toBe(17);
    await api.dropKept();
  });

  it("are released when the socket closes", async () => {
    const { api, socket } = await connectWithSocket();
    const callback = trackedFunction(() => 1);
    await api.keep(callback);
    socket.close();
    await callback.whenReleased;
  });
});

describe("a connection that ends", () => {
  /** Rows of `[how, end]`. */
  const ENDS = [
    ["the client closes the socket", ({ socket }) => socket.close(1000, "bye")],
    ["the client disposes of its main stub", ({ api }) => api[Symbol.dispose]()],
    ["the server aborts", ({ socket }) => socket.send("no message")],
  ];

  it.each(ENDS)("rejects every waiting call when %s", async (_how, end) => {
    const session = await connectWithSocket();
    const never = () => new Promise(() => {});
    const calls = [
      session.api.callFunction(never, 1),
      session.api.callFunction(never, 2).result.property,
      session.api.callSquare(session.api.callFunction(never, 3), 4),
    ];
    const outcomes = calls.map((waiting) => rejection(waiting));
    await session.api.square(1);
    end(session);
    for (const error of await Promise.all(outcomes)) {
      expect(error).toBeInstanceOf(Error);
    }
  });

  it.each(ENDS)("tells onRpcBroken when %s", async (_how, end) => {
    const session = await connectWithSocket();
    const counter = await session.api.makeCounter(1);
    const broken = [session.api, counter].map((stub) => new Promise((resolve) => stub.onRpcBroken(resolve)));
    end(session);
    for (const error of await Promise.all(broken)) {
      expect(error).toBeInstanceOf(Error);
    }
    expect(await rejection(call(() => counter.increment()))).toBeInstanceOf(Error);
  });

  it("leaves other sessions as they are", async () => {
    using stays = await connect();
    using counter = await stays.makeCounter(1);
    const goes = await connectWithSocket();
    await goes.api.makeCounter(1);
    const closed = new Promise((resolve) => goes.socket.addEventListener("close", resolve));
    goes.socket.close();
    await closed;
    expect(await counter.increment()).toBe(2);
  });

  it("sends the reason of the server's abort", async () => {
    const { api, socket } = await connectWithSocket();
    const waiting = rejection(api.callFunction(() => new Promise(() => {}), 1));
    await api.square(1);
    socket.send('["pull", 99]');
    expect((await waiting).message).toMatch(/99/);
  });
});

describe("onRpcBroken", () => {
  it("of a promise is told that it was rejected", async () => {
    using api = await connect();
    const failing = api.throwError();
    const broken = new Promise((resolve) => failing.onRpcBroken(resolve));
    await rejection(failing);
    expect(await broken).toBeInstanceOf(RangeError);
  });
});

describe("release on the wire", () => {
  it("a result is released once, and its id is gone", async () => {
    using socket = await rawSocket();
    expect(await socket.ask(1, ["pipeline", 0, ["square"], [2]])).toEqual(["resolve", 1, 4]);
    socket.send(["release", 1, 1]);
    expect(await socket.ask(2, ["pipeline", 0, ["square"], [3]])).toEqual(["resolve", 2, 9]);
    socket.send(["pull", 1]);
    expect((await socket.next())[0]).toBe("abort");
  });

  it("a target sent twice takes two releases, in one message or in two", async () => {
    using socket = await rawSocket();
    const [, , [, id]] = await socket.ask(1, ["pipeline", 0, ["tracked"], []]);
    const [, , again] = await socket.ask(2, ["pipeline", 1, []]);
    socket.send(["release", 1, 1], ["release", 2, 1]);
    const releases =
      again[1] === id
        ? [["release", id, 2]]
        : [
            ["release", id, 1],
            ["release", again[1], 1],
          ];
    socket.send(...releases);
    expect(await socket.ask(3, ["pipeline", 0, ["disposed"], []])).toEqual(["resolve", 3, 1]);
  });

  it("a target is disposed of by the release of its export, not of its promise", async () => {
    using socket = await rawSocket();
    const [, , [kind, id]] = await socket.ask(1, ["pipeline", 0, ["tracked"], []]);
    expect(kind).toBe("export");
    socket.send(["release", 1, 1]);
    expect(await socket.ask(2, ["pipeline", 0, ["disposed"], []])).toEqual(["resolve", 2, 0]);
    expect((await socket.ask(3, ["pipeline", id, ["id"], []]))[0]).toBe("resolve");
    socket.send(["release", id, 1]);
    expect(await socket.ask(4, ["pipeline", 0, ["disposed"], []])).toEqual(["resolve", 4, 1]);
  });
});

/** What `f` throws or returns, as a promise: the client throws at once when its session has ended. */
async function call(f) {
  return f();
}
