import { describe, expect, inject, it } from "vitest";
import { batch, connect, rawPost, SESSIONS } from "./connect.js";
import { beyondReference, rejection } from "./expectations.js";
import { trackedFunction } from "./targets.js";

/** A stream of chunks, which fails at its end if there is an error. `seen` notes what becomes of it. */
function readable(chunks, { error, seen = {} } = {}) {
  const rest = [...chunks];
  return new ReadableStream({
    pull(controller) {
      seen.pulled = (seen.pulled ?? 0) + 1;
      if (rest.length > 0) {
        controller.enqueue(rest.shift());
      } else if (error) {
        controller.error(error);
      } else {
        controller.close();
      }
    },
    cancel(reason) {
      seen.cancelled = reason;
      seen.onCancel?.(reason);
    },
  }, { highWaterMark: 0 });
}

/** A stream that collects, and a promise of what it got once it is closed. */
function collector() {
  const chunks = [];
  const { promise, resolve, reject } = Promise.withResolvers();
  promise.catch(() => {});
  const writable = new WritableStream({
    write: (chunk) => void chunks.push(chunk),
    close: () => resolve(chunks),
    abort: reject,
  });
  return { writable, chunks, result: promise };
}

/** The server's sink: its stream, and the promise, which would be awaited if both were asked for at once. */
async function sink(api) {
  const sink = api.sink();
  return { writable: await sink.writable, result: sink.result };
}

/** A `write` that refuses one chunk. */
function refuse(chunk) {
  return (i) => {
    if (i === chunk) {
      throw new RangeError("full");
    }
  };
}

const upTo = (n) => Array.from({ length: n }, (_, i) => i + 1);

describe.each(SESSIONS)("streams over %s", (_, open) => {
  it("collect gives the chunks of the client's stream", async () => {
    using api = await open();
    expect(await api.collect(readable([1, "two", { three: [3] }, null]))).toEqual([1, "two", { three: [3] }, null]);
  });
});

describe("streams in a batch", () => {
  // As a client, npm `capnweb` 0.12.0 inside workerd loses what it has not read by the end of the answer.
  beyondReference("a stream of the server is sent whole", async () => {
    const { frames } = await rawPost('["push",["pipeline",0,["bytesOf"],[1000000,10000]]]\n["pull",1]');
    const methods = frames.slice(2).map(([kind, [, id, [method]]]) => `${kind} ${id} ${method}`);
    expect(frames.slice(0, 2)).toEqual([["pipe"], ["resolve", 1, ["readable", 1]]]);
    expect(methods).toEqual([...Array(100).fill("stream 1 write"), "stream 1 close"]);
  });

  // The client has no way to answer: a stream of the server ends by itself only.
  const ENDS = [
    ["nothing", ["countTo", [0]], [["close", []]]],
    ["some chunks", ["countTo", [2]], [["write", [1]], ["write", [2]], ["close", []]]],
    ["a failure", ["failingStream", [1]], [["write", [1]], ["abort", [["error", "Error", "stream boom"]]]]],
  ];
  it.skipIf(inject("server") === "reference").each(ENDS)("the end of a stream of the server with %s", async (_what, [method, args], messages) => {
    const push = ["push", ["pipeline", 0, [method], args]];
    const { frames } = await rawPost(`${JSON.stringify(push)}\n["pull",1]`);
    const sent = messages.map(([method, list]) => ["stream", ["pipeline", 1, [method], list]]);
    const all = frames.filter(([kind]) => kind !== "release");
    expect(all).toEqual([["pipe"], ["resolve", 1, ["readable", 1]], ...sent]);
  });

  // Its close is there before the batch ends.
  it.skipIf(inject("server") === "reference").each([
    ["complete", ["close", []], ["resolve", 2, [[1]]]],
    ["aborted", ["abort", [["error", "RangeError", "given up"]]], ["reject", 2, ["error", "RangeError", "given up"]]],
  ])("a stream of the client that is %s", async (_what, [method, list], answer) => {
    const write = (method, list) => ["stream", ["pipeline", 1, [method], list]];
    const collect = ["push", ["pipeline", 0, ["collect"], [["readable", 1]]]];
    const batch = [["pipe"], collect, ["pull", 2], write("write", [1]), write(method, list)];
    const { frames } = await rawPost(batch.map((message) => JSON.stringify(message)).join("\n"));
    expect(frames).toContainEqual(answer);
  });

  beyondReference("a stream of the client that is not complete fails", async () => {
    const waiting = new ReadableStream({ start: (controller) => controller.enqueue(1) });
    expect(await rejection(batch().collect(waiting))).toMatchObject({ message: expect.stringContaining("batch has ended") });
  });
});

describe("streams of the server", () => {
  it("countTo streams numbers", async () => {
    using api = await connect();
    expect(await Array.fromAsync(await api.countTo(5))).toEqual([1, 2, 3, 4, 5]);
  });

  it("an empty stream ends", async () => {
    using api = await connect();
    const [empty, collected] = await Promise.all([api.countTo(0), api.collect(readable([]))]);
    expect([await Array.fromAsync(empty), collected]).toEqual([[], []]);
  });

  it("bytesOf streams bytes of a pattern", async () => {
    using api = await connect();
    const chunks = await Array.fromAsync(await api.bytesOf(1000, 300));
    expect(chunks.map((chunk) => chunk.length)).toEqual([300, 300, 300, 100]);
    expect(chunks.flatMap((chunk) => [...chunk])).toEqual(Array.from({ length: 1000 }, (_, i) => i % 251));
  });

  it("more than a window goes through", async () => {
    using api = await connect();
    const n = 20_000;
    expect(await Array.fromAsync(await api.countTo(n))).toEqual(upTo(n));
  });

  it.each([0, 1, 3])("failingStream fails after %i chunks", async (n) => {
    using api = await connect();
    const chunks = [];
    const read = async () => {
      for await (const chunk of await api.failingStream(n)) {
        chunks.push(chunk);
      }
    };
    expect(await rejection(read())).toMatchObject({ name: "Error", message: "stream boom" });
    expect(chunks.length).toBeLessThanOrEqual(n);
    expect(await api.square(3)).toBe(9);
  });

  it.each([0, 1, 3])("a client that cancels after %i chunks stops the stream", async (n) => {
    using api = await connect();
    const reader = (await api.countTo(10_000_000)).getReader();
    for (const i of upTo(n)) {
      expect(await reader.read()).toEqual({ value: i, done: false });
    }
    await reader.cancel("enough");
    expect(await api.square(3)).toBe(9);
  });

  it("a client that cancels after the last chunk", async () => {
    using api = await connect();
    const reader = (await api.countTo(3)).getReader();
    for (const i of upTo(3)) {
      expect(await reader.read()).toEqual({ value: i, done: false });
    }
    await reader.cancel("enough");
    expect(await api.square(3)).toBe(9);
  });

  it("several streams at once, of which some fail and one is given up", async () => {
    using api = await connect();
    const [whole, failing, given] = await Promise.all([api.countTo(500), api.failingStream(3), api.countTo(500)]);
    const failed = rejection(Array.fromAsync(failing));
    await given.cancel("enough");
    expect(await Array.fromAsync(whole)).toEqual(upTo(500));
    expect(await failed).toMatchObject({ message: "stream boom" });
  });

  it("several streams at once, and calls meanwhile", async () => {
    using api = await connect();
    const streams = await Promise.all([3, 2000, 1].map((n) => api.countTo(n)));
    const [all, square] = await Promise.all([
      Promise.all(streams.map((stream) => Array.fromAsync(stream))),
      api.square(4),
    ]);
    expect([all, square]).toEqual([[upTo(3), upTo(2000), upTo(1)], 16]);
  });
});

describe("streams of the client", () => {
  it("sumBytes adds up bytes, more than a window of them", async () => {
    using api = await connect();
    const chunk = new Uint8Array(50_000).fill(3);
    expect(await api.sumBytes(readable(Array(20).fill(chunk)))).toEqual({ length: 1_000_000, sum: 3_000_000 });
  });

  it("typeOf tells streams", async () => {
    using api = await connect();
    expect(await api.typeOf(readable([]))).toBe("readable");
    expect(await api.typeOf(new WritableStream())).toBe("writable");
  });

  it.each([0, 1, 3])("a stream that fails after %i chunks rejects collect", async (n) => {
    using api = await connect();
    const failing = readable(upTo(n), { error: new RangeError("mine") });
    expect(await rejection(api.collect(failing))).toMatchObject({ name: "RangeError", message: "mine" });
  });

  it("a stream that nobody reads is cancelled", async () => {
    using api = await connect();
    const { promise, resolve } = Promise.withResolvers();
    let i = 0;
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue((i += 1)), cancel: resolve });
    await api.returnNumber(1, endless);
    await promise;
    expect(await api.square(3)).toBe(9);
  });

  beyondReference("streams come back, nested too", async () => {
    using api = await connect();
    const echoed = await api.echo({ a: readable([1, 2]), list: [readable(["x"]), readable([])] });
    expect(await Array.fromAsync(echoed.a)).toEqual([1, 2]);
    expect(await Promise.all(echoed.list.map((stream) => Array.fromAsync(stream)))).toEqual([["x"], []]);
  });

  it("a stream of the server goes back to it", async () => {
    using api = await connect();
    expect(await api.collect(await api.countTo(4))).toEqual([1, 2, 3, 4]);
  });

  beyondReference("capabilities in chunks can be called", async () => {
    using api = await connect();
    const [echoed] = await Array.fromAsync(await api.echo(readable([{ f: (i) => i * 2 }])));
    expect(await echoed.f(21)).toBe(42);
  });

  beyondReference("capabilities in chunks live until their receiver lets go of them", async () => {
    using api = await connect();
    const callback = trackedFunction((i) => i * 2);
    // The server has them while it collects, and gives them back when the stream has ended.
    const collected = await api.collect(readable([{ f: callback }, { end: true }]));
    expect(await collected[0].f(21)).toBe(42);
    expect(callback.released).toBe(false);
    collected[Symbol.dispose]();
    await callback.whenReleased;
  });

  beyondReference("streams in chunks", async () => {
    using api = await connect();
    const [inner] = await Array.fromAsync(await api.echo(readable([readable([1, 2])])));
    expect(await Array.fromAsync(inner)).toEqual([1, 2]);
  });
});

describe("writable streams", () => {
  beyondReference("sink gives what was written to it", async () => {
    using api = await connect();
    const { writable, result } = await sink(api);
    const writer = writable.getWriter();
    await writer.write(1);
    await writer.write({ two: 2 });
    await writer.close();
    expect(await result).toEqual([1, { two: 2 }]);
  });

  beyondReference("many writes without waiting for each", async () => {
    using api = await connect();
    const { writable, result } = await sink(api);
    await readable(upTo(5000)).pipeTo(writable);
    expect(await result).toEqual(upTo(5000));
  });

  beyondReference.each([0, 2])("an abort after %i chunks rejects the result", async (n) => {
    using api = await connect();
    const { writable, result } = await sink(api);
    const writer = writable.getWriter();
    for (const i of upTo(n)) {
      await writer.write(i);
    }
    const rejected = rejection(Promise.resolve(result));
    await writer.abort(new TypeError("no more"));
    expect(await rejected).toMatchObject({ message: "no more" });
    expect(await api.square(3)).toBe(9);
  });

  it("pump writes into the client's stream", async () => {
    using api = await connect();
    const { writable, result } = collector();
    expect(await api.pump(writable, 1000)).toBe(1000);
    expect(await result).toEqual(upTo(1000));
  });

  it.each([
    ["before the first chunk", { start: (controller) => controller.error(new RangeError("full")) }],
    ["at the first chunk", { write: refuse(1) }],
    ["in the middle", { write: refuse(3) }],
    ["at the last chunk", { write: refuse(1000) }],
    ["at its end", { close: () => Promise.reject(new RangeError("full")) }],
  ])("pump fails when the client's stream does so %s", async (_, sink) => {
    using api = await connect();
    expect(await rejection(api.pump(new WritableStream(sink), 1000))).toMatchObject({ message: "full" });
    expect(await api.square(3)).toBe(9);
  });

  beyondReference("a stream of the client comes back", async () => {
    using api = await connect();
    const { writable, result } = collector();
    const writer = (await api.echo(writable)).getWriter();
    await writer.write("x");
    await writer.close();
    expect(await result).toEqual(["x"]);
  });

  it("slowSink slows the writer, and calls go on meanwhile", async () => {
    using api = await connect();
    const seen = {};
    const chunk = new Uint8Array(100_000);
    const piped = readable(Array(12).fill(chunk), { seen }).pipeTo(await api.slowSink(10));
    for (const i of upTo(3)) {
      expect(await api.square(i)).toBe(i * i);
    }
    expect(seen.pulled).toBeLessThan(13);
    await piped;
    expect(seen.pulled).toBe(13);
  });
});
