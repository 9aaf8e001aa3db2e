// Plain calls: arguments, results, pulling or not.

import assert from "node:assert/strict";

async function one({ api }) {
  assert.equal(await api.square(7), 49);
}

async function sequence({ api }) {
  assert.equal(await api.square(2), 4);
  assert.equal(await api.add(2, 3), 5);
  assert.equal(await api.add("a", "b"), "ab");
}

async function argumentCount({ api, note }) {
  note("a missing trailing argument");
  assert.equal(await api.greet("Ada"), "Hello, Ada!");
  note("all of them");
  assert.equal(await api.greet("Ada", "?"), "Hello, Ada?");
  note("undefined in its place");
  assert.equal(await api.greet("Ada", undefined), "Hello, Ada!");
  note("more than the method has");
  assert.equal(await api.greet("Ada", ".", "extra", { more: true }), "Hello, Ada.");
  note("none");
  assert.equal(await api.returnNull(), null);
}

async function results({ api }) {
  assert.equal(await api.returnUndefined(), undefined);
  assert.equal(await api.returnNull(), null);
  assert.deepEqual(await api.generateFibonacci(10), [0, 1, 1, 2, 3, 5, 8, 13, 21, 34]);
  assert.deepEqual(await api.generateFibonacci(1), [0]);
  assert.deepEqual(await api.range(0), []);
  assert.deepEqual(await api.range(4), [0, 1, 2, 3]);
}

async function parallel({ api }) {
  const squares = [1, 2, 3, 4, 5].map((i) => api.square(i));
  assert.deepEqual(await Promise.all(squares), [1, 4, 9, 16, 25]);
}

async function parallelMixed({ api }) {
  const outcomes = await Promise.allSettled([
    api.square(3), api.throwError(), api.greet("Bo"), api.noSuchMethod(), api.range(2),
  ]);
  assert.deepEqual(outcomes.map((outcome) => outcome.status),
    ["fulfilled", "rejected", "fulfilled", "rejected", "fulfilled"]);
}

async function notPulled({ api, note, quiet }) {
  const first = api.log("never pulled");
  await quiet();
  note("disposed of");
  first[Symbol.dispose]();
  await quiet();
  assert.deepEqual(await api.logged(), ["never pulled"]);
}

async function pulledLater({ api, note, quiet }) {
  const promise = api.square(6);
  await quiet();
  note("now awaited");
  assert.equal(await promise, 36);
}

async function pulledTwice({ api }) {
  const promise = api.range(2);
  const [one, two] = await Promise.all([promise.then((v) => v), promise.then((v) => v)]);
  assert.deepEqual([one, two], [[0, 1], [0, 1]]);
}

async function order({ api }) {
  const promises = ["a", "b", "c"].map((entry) => api.log(entry));
  const logged = api.logged();
  promises.push(api.log("d"));
  assert.deepEqual(await logged, ["a", "b", "c"]);
  await Promise.all(promises);
  assert.deepEqual(await api.logged(), ["a", "b", "c", "d"]);
}

async function orderWithPromise({ api }) {
  const pending = api.log(api.square(3));
  const direct = api.log("second");
  await Promise.all([pending, direct]);
  assert.deepEqual(await api.logged(), [9, "second"]);
}

export const calls = [
  { name: "call_one", about: "one call: push, pull, resolve, release", script: one },
  { name: "call_sequence", about: "calls one after another; ids go up", script: sequence },
  { name: "call_arguments", about: "fewer and more arguments than the method has", script: argumentCount },
  { name: "call_results", about: "results of several types", script: results },
  { name: "call_parallel", about: "five calls in flight at once", script: parallel },
  { name: "call_parallel_mixed", about: "results and rejections side by side", script: parallelMixed },
  { name: "call_not_pulled", about: "a call that nobody awaits runs and sends nothing back", script: notPulled },
  { name: "call_pulled_later", about: "a pull long after its push", script: pulledLater },
  { name: "call_awaited_twice", about: "one promise awaited twice is pulled once", script: pulledTwice },
  { name: "order_log", about: "calls run in the order they were sent", script: order },
  { name: "order_with_promise", about: "a pipelined argument that is ready at once keeps the order",
    script: orderWithPromise },
];
