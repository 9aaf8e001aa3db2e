// Streams, from one side to the other: data, capabilities, several at once, and each way to end.

import assert from "node:assert/strict";
import { streamOf as readable, upTo } from "../target.mjs";

/** A stream that collects what is written to it; it refuses its chunk number `refused`, counted from 1. */
function collector(refused = Infinity) {
  const chunks = [];
  const writable = new WritableStream({
    write(chunk) {
      if (chunks.length + 1 === refused) throw new RangeError("full");
      chunks.push(chunk);
    },
    close: () => void chunks.push("closed"),
    abort: (reason) => void chunks.push(reason.message),
  });
  return { writable, chunks };
}

const rejection = (promise) => promise.then(() => assert.fail(), (error) => error);

/** The chunks that are read before a stream fails, and the error. */
async function untilFailure(stream) {
  const chunks = [];
  const reading = (async () => {
    for await (const chunk of stream) chunks.push(chunk);
  })();
  const { message } = await rejection(reading);
  return [chunks, message];
}

async function readableResult({ api, note }) {
  for (const n of [0, 1, 3]) {
    note(`${n} chunks`);
    assert.deepEqual(await Array.fromAsync(await api.countTo(n)), upTo(n));
  }
}

async function readableBytes({ api }) {
  const chunks = await Array.fromAsync(await api.bytesOf(7, 3));
  assert.deepEqual(chunks.map((chunk) => [...chunk]), [[0, 1, 2], [3, 4, 5], [6]]);
}

async function readableFails({ api, note }) {
  for (const n of [0, 2]) {
    note(`after ${n} chunks`);
    const [, message] = await untilFailure(await api.failingStream(n));
    assert.equal(message, "stream boom");
  }
}

async function readableCancelled({ api, note, quiet }) {
  for (const n of [0, 2]) {
    note(`the client reads ${n} chunks and cancels`);
    const reader = (await api.countTo(5)).getReader();
    for (const i of upTo(n)) assert.equal((await reader.read()).value, i);
    await reader.cancel(new TypeError("enough"));
    await quiet();
  }
}

async function readableOfCapabilities({ api }) {
  const counters = [];
  for await (const counter of await api.countersOf(2)) counters.push(counter);
  assert.deepEqual(await Promise.all(counters.map((counter) => counter.increment(5))), [5, 6]);
  for (const counter of counters) counter[Symbol.dispose]();
}

async function readableNotPulled({ api, quiet }) {
  const stream = api.countTo(2);
  await quiet();
  stream[Symbol.dispose]();
}

async function readableArgument({ api, note }) {
  for (const n of [0, 1, 3]) {
    note(`${n} chunks`);
    assert.deepEqual(await api.collect(readable(upTo(n))), upTo(n));
  }
}

async function readableArgumentValues({ api }) {
  const chunks = [null, "two", { three: [3] }, [4, [5]], new Date(6), 7n];
  assert.deepEqual(await api.collect(readable(chunks)), chunks);
}

async function readableArgumentBytes({ api }) {
  const [chunk] = await api.collect(readable([new Uint8Array([1, 2, 255])]));
  assert.deepEqual([...chunk], [1, 2, 255]);
}

async function readableArgumentFails({ api, note }) {
  for (const n of [0, 2]) {
    note(`after ${n} chunks`);
    const error = await rejection(api.collect(readable(upTo(n), new RangeError("mine"))));
    assert.deepEqual([error.constructor, error.message], [RangeError, "mine"]);
  }
}

async function readableArgumentGivenUp({ api, note, quiet }) {
  for (const n of [1, 2]) {
    note(`the server reads ${n} of 4 chunks`);
    assert.deepEqual(await api.take(readable(upTo(4)), n), upTo(n));
    await quiet();
  }
}

async function readableArgumentUnused({ api, quiet }) {
  assert.equal(await api.greet("x", "!", readable([1, 2])), "Hello, x!");
  await quiet();
}

async function readablesNested({ api }) {
  const streams = [readable([1, 2]), readable([]), readable(["x"])];
  assert.deepEqual(await api.collectAll(streams), [[1, 2], [], ["x"]]);
}

async function readablesAtOnce({ api }) {
  const both = [api.collect(readable([1])), api.square(4), api.collect(readable([2, 3]))];
  assert.deepEqual(await Promise.all(both), [[1], 16, [2, 3]]);
}

async function readableOfFunctions({ api }) {
  const functions = [(i) => i + 1, (i) => i * 10];
  assert.deepEqual(await api.callChunks(readable(functions), 7), [8, 70]);
}

async function writableResult({ api, quiet }) {
  const writer = (await api.sink()).getWriter();
  for (const chunk of [1, { two: 2 }, new Uint8Array([3])]) await writer.write(chunk);
  await writer.close();
  await quiet();
  assert.equal((await api.logged()).at(-1), "closed");
}

async function writableAborted({ api, note, quiet }) {
  for (const n of [0, 2]) {
    note(`after ${n} chunks`);
    const writer = (await api.sink()).getWriter();
    for (const i of upTo(n)) await writer.write(i);
    await writer.abort(new TypeError("no more"));
    await quiet();
    assert.equal((await api.logged()).at(-1).message, "no more");
  }
}

async function writableRefuses({ api, note }) {
  for (const n of [1, 3]) {
    note(`chunk number ${n}`);
    const error = await rejection(readable(upTo(4)).pipeTo(await api.fullSink(n)));
    assert.deepEqual([error.constructor, error.message], [RangeError, "full"]);
  }
}

async function writableUnused({ api, note, quiet }) {
  const sink = api.sink();
  await quiet();
  note("nobody has asked for it");
  sink[Symbol.dispose]();
  await quiet();
}

async function writableArgument({ api, note }) {
  for (const n of [0, 1, 3]) {
    note(`${n} chunks`);
    const { writable, chunks } = collector();
    assert.equal(await api.pump(writable, n), n);
    assert.deepEqual(chunks, [...upTo(n), "closed"]);
  }
}

async function writableArgumentAborted({ api, note }) {
  for (const n of [0, 2]) {
    note(`after ${n} chunks`);
    const { writable, chunks } = collector();
    assert.equal(await api.pumpAndAbort(writable, n), n);
    assert.deepEqual(chunks.at(-1), "given up");
  }
}

async function writableArgumentRefuses({ api, note }) {
  for (const n of [1, 2]) {
    note(`chunk number ${n}`);
    const { writable } = collector(n);
    const error = await rejection(api.pump(writable, 3));
    assert.deepEqual([error.constructor, error.message], [RangeError, "full"]);
  }
}

async function writableArgumentUnused({ api, quiet }) {
  const { writable, chunks } = collector();
  assert.equal(await api.greet("x", "!", writable), "Hello, x!");
  await quiet();
  assert.equal(chunks.length, 1);
}

const LATER = "the answer of a write may come before or after what the chunk leads to";

function stream(name, about, script, free) {
  return { name: `stream_${name}`, about, script, free };
}

export const streams = [
  stream("result", "readable streams of the server", readableResult),
  stream("result_bytes", "a readable stream of bytes", readableBytes),
  stream("result_fails", "readable streams of the server that fail", readableFails, 
    "a failure that is known when the stream is sent may stand before it"),
  stream("result_cancelled", "readable streams that the client gives up", readableCancelled),
  stream("result_capabilities", "a readable stream of targets", readableOfCapabilities),
  stream("result_not_pulled", "a readable stream that nobody has asked for", readableNotPulled),
  stream("argument", "readable streams of the client", readableArgument),
  stream("argument_values", "chunks of every sort", readableArgumentValues),
  stream("argument_bytes", "a chunk of bytes from the client", readableArgumentBytes),
  stream("argument_fails", "readable streams of the client that fail", readableArgumentFails),
  stream("argument_given_up", "readable streams that the server gives up", readableArgumentGivenUp, LATER),
  stream("argument_unused", "a readable stream that the method does not read", readableArgumentUnused),
  stream("arguments_nested", "several readable streams in one argument", readablesNested, LATER),
  stream("arguments_at_once", "two calls with streams, and one without", readablesAtOnce),
  stream("argument_functions", "a stream of functions, which the server calls", readableOfFunctions, LATER),
  stream("writable_result", "a writable stream of the server", writableResult),
  stream("writable_result_aborted", "a writable stream of the server, aborted", writableAborted),
  stream("writable_result_refuses", "a writable stream of the server that refuses a chunk", writableRefuses),
  stream("writable_result_unused", "a writable stream that nobody has asked for", writableUnused),
  stream("writable_argument", "writable streams of the client", writableArgument),
  stream("writable_argument_aborted", "writable streams of the client, aborted", writableArgumentAborted),
  stream("writable_argument_refuses", "writable streams of the client that refuse a chunk", writableArgumentRefuses),
  stream("writable_argument_unused", "a writable stream that the method does not use", writableArgumentUnused),
];
