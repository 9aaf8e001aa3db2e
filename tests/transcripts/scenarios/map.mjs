// .map(): a recorded function, run by the server.

import assert from "node:assert/strict";
import { RpcStub } from "capnweb";
import { Counter } from "../target.mjs";

async function array({ api }) {
  assert.deepEqual(await api.range(4).map((i) => api.square(i)), [0, 1, 4, 9]);
}

async function identity({ api }) {
  assert.deepEqual(await api.range(3).map((i) => i), [0, 1, 2]);
}

async function constant({ api }) {
  assert.deepEqual(await api.range(2).map(() => ({ fixed: [1, undefined] })),
    [{ fixed: [1, undefined] }, { fixed: [1, undefined] }]);
}

async function empty({ api }) {
  assert.deepEqual(await api.range(0).map((i) => api.square(i)), []);
}

async function nothing({ api, note }) {
  note("null");
  assert.equal(await api.returnNull().map((v) => api.square(v)), null);
  note("undefined");
  assert.equal(await api.returnUndefined().map((v) => api.square(v)), undefined);
}

async function single({ api, note }) {
  note("a number");
  assert.equal(await api.square(3).map((v) => api.square(v)), 81);
  note("an object");
  assert.deepEqual(await api.echo({ name: "Ada" }).map((v) => api.greet(v.name)), "Hello, Ada!");
}

async function objects({ api }) {
  const named = await api.friends().map((friend) => ({ who: friend.name, hello: api.greet(friend.name) }));
  assert.deepEqual(named[2], { who: "cyd", hello: "Hello, cyd!" });
}

async function targets({ api }) {
  assert.deepEqual(await api.friends().map((friend) => friend.counter.increment(5)), [15, 25, 35]);
}

async function returnsTargets({ api, quiet }) {
  const counters = await api.range(2).map((i) => ({ counter: api.makeCounter(i) }));
  assert.equal(await counters[1].counter.increment(), 2);
  counters[Symbol.dispose]();
  await quiet();
}

async function capturedStub({ api, quiet }) {
  const counter = await api.makeCounter(100);
  assert.deepEqual(await api.range(3).map((i) => counter.increment(i)), [100, 101, 103]);
  counter[Symbol.dispose]();
  await quiet();
}

async function capturedCallback({ api, quiet }) {
  const f = new RpcStub((i) => i * 10);
  assert.deepEqual(await api.range(3).map((i) => f(i)), [0, 10, 20]);
  f[Symbol.dispose]();
  await quiet();
}

async function capturedTarget({ api, quiet }) {
  const counter = new RpcStub(new Counter(1));
  assert.deepEqual(await api.range(2).map((i) => api.add(i, counter.increment())), [2, 4]);
  counter[Symbol.dispose]();
  await quiet();
}

async function capturedPromise({ api, quiet }) {
  const ten = api.square(10);
  assert.deepEqual(await api.range(2).map((i) => api.add(i, ten)), [100, 101]);
  ten[Symbol.dispose]();
  await quiet();
}

async function severalSteps({ api }) {
  assert.deepEqual(await api.range(3).map((i) => api.add(api.square(api.add(i, 1)), i)), [1, 5, 11]);
}

async function nested({ api }) {
  const rows = await api.echo([1, 2]).map((n) => api.range(n).map((i) => api.add(i, n)));
  assert.deepEqual(rows, [[1], [2, 3]]);
}

async function overProperty({ api }) {
  assert.deepEqual(await api.nested.list.map((i) => api.square(i)), [1, 4, 9]);
}

async function pipelinedBefore({ api }) {
  const chained = await api.self().range(3).map((i) => api.square(i));
  assert.deepEqual(chained, [0, 1, 4]);
}

async function ofMap({ api }) {
  const twice = api.range(3).map((i) => api.add(i, 1)).map((i) => api.square(i));
  assert.deepEqual(await twice, [1, 4, 9]);
}

async function asArgument({ api }) {
  const squares = api.range(3).map((i) => api.square(i));
  assert.deepEqual(await api.echo({ squares }), { squares: [0, 1, 4] });
}

async function rejected({ api, note }) {
  note("the mapped value is a rejection");
  await assert.rejects(async () => await api.throwError().map((i) => api.square(i)), { message: "test error" });
  note("the function fails for one element");
  await assert.rejects(
    async () => await api.echo([{ f: 1 }, undefined]).map((v) => v.f), /Cannot read properties of undefined/);
  note("the function calls what is none");
  await assert.rejects(async () => await api.range(2).map((i) => i.square()), /is not a function/);
}

async function onMain({ api, quiet }) {
  assert.equal(await api.map((self) => self.square(3)), 9);
  await quiet();
}

async function released({ api, quiet }) {
  const mapped = api.range(2).map((i) => api.makeCounter(i));
  await quiet();
  mapped[Symbol.dispose]();
  await quiet();
}

const inlined = "values that are ready may stand in the result itself";
const forwarded = "promises may be passed on in other ways";

export const map = [
  { name: "map_array", about: "a call for each element",
    free: inlined,
    script: array },
  { name: "map_identity", about: "the element itself",
    free: inlined,
    script: identity },
  { name: "map_constant", about: "a value without any step", script: constant },
  { name: "map_empty", about: "over no elements", script: empty },
  { name: "map_nothing", about: "over null and undefined", script: nothing },
  { name: "map_single", about: "over a value that is no array", script: single },
  { name: "map_objects", about: "properties of the element, objects as results",
    free: inlined,
    script: objects },
  { name: "map_targets", about: "calls on targets inside the elements",
    free: inlined,
    script: targets },
  { name: "map_returns_targets", about: "targets as results",
    free: inlined,
    script: returnsTargets },
  { name: "map_captured_stub", about: "a captured stub of the server's",
    free: inlined,
    script: capturedStub },
  { name: "map_captured_callback", about: "a captured function of the client's",
    free: forwarded,
    script: capturedCallback },
  { name: "map_captured_target", about: "a captured target of the client's, its result as an argument",
    free: forwarded,
    script: capturedTarget },
  { name: "map_captured_promise", about: "a captured promise",
    free: inlined,
    script: capturedPromise },
  { name: "map_steps", about: "steps that use the steps before them",
    free: inlined,
    script: severalSteps },
  { name: "map_nested", about: "a map inside a map, with the outer element captured",
    free: inlined,
    script: nested },
  { name: "map_property", about: "over a property path",
    free: inlined,
    script: overProperty },
  { name: "map_pipelined", about: "over a pipelined result",
    free: inlined,
    script: pipelinedBefore },
  { name: "map_of_map", about: "over the result of a map",
    free: inlined,
    script: ofMap },
  { name: "map_as_argument", about: "the result of a map as an argument", script: asArgument },
  { name: "map_rejected", about: "rejections in and before a map",
    free: inlined,
    script: rejected },
  { name: "map_main", about: "over the main object", script: onMain },
  { name: "map_not_pulled", about: "a map that is never pulled", script: released },
];
