import { newWebSocketRpcSession } from "capnweb";
import { expect, it } from "vitest";
import { rejection } from "../interop/expectations.js";
import { RecordedSocket } from "./recorder.js";
import { listener, newRoom } from "./room.js";

/** What a client does, step by step. Each gets `{ api, room, heard }` and what earlier steps have kept in `kept`. */
const STEPS = [
  ["a call", ({ api }) => api.echo(1)],
  ["an array", ({ api }) => api.echo([1, [2], { three: null }])],
  ["a value that is no JSON", ({ api }) => api.echo({ at: new Date(5), big: 7n, bytes: new Uint8Array([1, 2]) })],
  ["an error", async ({ api }) => String(await rejection(api.post(7)))],
  ["a method that is not there", async ({ api }) => (await rejection(api.nothing())).constructor.name],
  ["a log-in", async ({ api, kept }) => void (kept.ann = await api.login("Ann"))],
  ["a call on what was given", ({ kept }) => kept.ann.whoami()],
  ["state", ({ kept }) => kept.ann.increment(2)],
  ["state that changes", ({ kept }) => kept.ann.increment()],
  ["a getter", ({ kept }) => kept.ann.count],
  ["a pipelined call", ({ api }) => api.login("Bob").whoami()],
  ["a promise that is not awaited", ({ api, kept }) => void (kept.cid = api.login("Cid"))],
  ["a call on it", ({ kept }) => kept.cid.increment(5)],
  ["a getter of it", ({ kept }) => kept.cid.count],
  ["a promise as an argument", ({ api, kept }) => api.echo(kept.cid.whoami())],
  ["a subscription", async ({ api, kept, listen }) => void (kept.subscription = await api.subscribe(listen))],
  ["how many there are", ({ api }) => api.subscribers()],
  ["a message", ({ api }) => api.post("one")],
  ["what was heard", ({ called }) => called(1)],
  ["a message of a member", ({ kept }) => kept.ann.say("two")],
  ["what was heard then", ({ called }) => called(2)],
  ["a message of a batch", ({ room }) => room.batch().post("three")],
  ["what was heard from there", ({ called }) => called(3)],
  ["how often", ({ kept }) => kept.subscription.delivered],
  ["a map", ({ api }) => api.echo([1, 2, 3]).map((i) => ({ i, twice: [i, i] }))],
  ["a map with calls", ({ api, kept }) => api.echo([1, 2]).map((n) => kept.ann.increment(n))],
  ["the history", ({ api }) => api.history()],
  ["one object, twice", async ({ api, kept }) => {
    const [a, b] = await api.echo([kept.ann, kept.ann]);
    return [await a.increment(), await b.increment(), await kept.ann.count];
  }],
  ["a function in a value", async ({ api }) => {
    const { f } = await api.echo({ f: (i) => i * 2 });
    return f(4);
  }],
  ["a disposal", ({ kept }) => kept.cid[Symbol.dispose]()],
  ["another subscription", async ({ api, kept, listen }) => void (kept.second = await api.subscribe(listen))],
  ["two now", ({ api }) => api.subscribers()],
  ["the end of the first", ({ kept }) => kept.subscription.cancel()],
  ["one again", ({ api }) => api.subscribers()],
  ["a last message", ({ api }) => api.post("four")],
  ["what was heard at last", ({ called }) => called(4)],
  ["what it all cost", ({ api }) => api.stats()],
];

async function play(sleeps) {
  const room = newRoom();
  const socket = new RecordedSocket(await room.socket());
  const api = newWebSocketRpcSession(socket);
  const { listen, called } = listener();
  const scene = { room, api, listen, called, kept: {} };
  const results = [];
  for (const [what, step] of STEPS) {
    results.push([what, structuredClone(plain(await step(scene)))]);
    if (sleeps) await room.sleep();
  }
  api[Symbol.dispose]();
  return { results, frames: socket.frames };
}

/** Results are compared, not the stubs in them. */
function plain(value) {
  return typeof value === "function" ? "a stub" : value;
}

it("a session is the same with sleep between every two steps", async () => {
  expect(STEPS.length).toBeGreaterThanOrEqual(30);
  const awake = await play(false);
  const asleep = await play(true);
  expect(asleep.results).toEqual(awake.results);
  // How the two directions interleave is up to the network.
  for (const direction of ["<", ">"]) {
    const sent = (frames) => frames.filter((frame) => frame.startsWith(direction));
    expect(sent(asleep.frames)).toEqual(sent(awake.frames));
  }
});
