// Promises used before they are resolved.

import assert from "node:assert/strict";
import { RpcPromise } from "capnweb";

async function onResult({ api }) {
  assert.equal(await api.makeCounter(4).increment(3), 7);
}

async function onProperty({ api }) {
  const counter = api.makeCounter(4);
  counter.increment();
  assert.equal(await counter.value, 5);
  counter[Symbol.dispose]();
}

async function inArguments({ api }) {
  assert.equal(await api.add(api.square(3), api.square(4)), 25);
}

async function inNestedArguments({ api }) {
  const value = await api.echo({ list: [api.square(2), { deep: api.square(3) }], plain: 1 });
  assert.deepEqual(value, { list: [4, { deep: 9 }], plain: 1 });
}

async function propertiesInArguments({ api }) {
  assert.equal(await api.add(api.nested.deep.value, api.makeCounter(8).value), 50);
  assert.deepEqual(await api.echo(api.nested.list), [1, 2, 3]);
}

async function chain({ api }) {
  assert.equal(await api.self().self().self().self().square(5), 25);
}

async function chainThroughEcho({ api }) {
  let value = api.echo({ a: { b: { c: 3 } } });
  for (const key of ["a", "b", "c"]) value = api.echo(value[key]);
  assert.equal(await value, 3);
}

async function onPlainValues({ api, note }) {
  assert.deepEqual(await api.echo({ a: [{ b: 5 }] }).a, [{ b: 5 }]);
  note("an index is a string in the path, which no array has");
  assert.equal(await api.echo({ a: [7] }).a[0], undefined);
}

async function paths({ api }) {
  assert.equal(await api.nested.deep.value, 42);
  assert.deepEqual(await api.nested.deep, { value: 42 });
  assert.deepEqual(await api.nested.list, [1, 2, 3]);
  assert.equal(await api.nested.square(6), 36);
  assert.equal(await api.nested.counter.increment(2), 7);
  assert.equal(await api.nested.counter.value, 5);
}

async function callSquare({ api }) {
  const outcome = await api.callSquare(api, 9);
  assert.deepEqual(outcome, { result: 81 });
}

async function callSquarePipelined({ api }) {
  assert.equal(await api.add(api.callSquare(api, 3).result, 1), 10);
}

async function callSquareRejected({ api }) {
  const target = { square: () => { throw new RangeError("no squares"); } };
  await assert.rejects(async () => await api.callSquare(target, 2), { message: "no squares" });
}

async function promiseArgument({ api, note, quiet }) {
  const later = Promise.withResolvers();
  const sum = api.add(new RpcPromise(later.promise), 1);
  const settled = sum.then((value) => value);
  await quiet();
  note("the client's promise resolves");
  later.resolve(41);
  assert.equal(await settled, 42);
}

async function promiseArgumentRejected({ api, note, quiet }) {
  const later = Promise.withResolvers();
  const sum = api.add(new RpcPromise(later.promise), 1);
  const settled = sum.then(() => assert.fail(), (error) => error);
  await quiet();
  note("the client's promise is rejected");
  later.reject(new SyntaxError("not this time"));
  assert.equal((await settled).message, "not this time");
}

async function promiseArgumentsOutOfOrder({ api, note, quiet }) {
  const first = Promise.withResolvers();
  const second = Promise.withResolvers();
  const echoed = api.echo([new RpcPromise(first.promise), { deep: new RpcPromise(second.promise) }]);
  const settled = echoed.then((value) => [...value]);
  await quiet();
  note("the second");
  second.resolve({ with: [1] });
  await quiet();
  note("the first");
  first.resolve("one");
  assert.deepEqual(await settled, ["one", { deep: { with: [1] } }]);
}

async function promiseHoldsBackItsCall({ api, note, quiet }) {
  const later = Promise.withResolvers();
  const waiting = api.log(new RpcPromise(later.promise));
  await api.log("goes first");
  assert.deepEqual(await api.logged(), ["goes first"]);
  note("the argument resolves");
  later.resolve("was waiting");
  await waiting;
  assert.deepEqual(await api.logged(), ["goes first", "was waiting"]);
  await quiet();
}

async function promisePipelined({ api, note, quiet }) {
  const later = Promise.withResolvers();
  const counter = api.echo(new RpcPromise(later.promise));
  const value = counter.deep.value.then((found) => found);
  await quiet();
  note("the promise resolves to an object; the pipelined property was waiting for it");
  later.resolve({ deep: { value: "found" } });
  assert.equal(await value, "found");
  counter[Symbol.dispose]();
}

export const pipelining = [
  { name: "pipeline_result", about: "a call on an unresolved result", script: onResult },
  { name: "pipeline_property", about: "a getter of an unresolved result", script: onProperty },
  { name: "pipeline_arguments", about: "promises as arguments", script: inArguments },
  { name: "pipeline_nested_arguments", about: "promises deep inside arguments", script: inNestedArguments },
  { name: "pipeline_properties_as_arguments", about: "properties of promises as arguments",
    script: propertiesInArguments },
  { name: "pipeline_chain", about: "a chain of calls in one round trip", script: chain },
  { name: "pipeline_chain_arguments", about: "a chain through arguments and properties",
    script: chainThroughEcho },
  { name: "pipeline_plain_values", about: "paths into plain values", script: onPlainValues },
  { name: "property_paths", about: "getters and paths through them", script: paths },
  { name: "result_promise", about: "a result with a promise in it, resolved in a second message",
    free: "the promise may be awaited instead, its value sent in one message",
    script: callSquare },
  { name: "result_promise_pipelined", about: "a path onto a promise inside a result", script: callSquarePipelined },
  { name: "result_promise_rejected", about: "a promise inside a result that is rejected",
    free: "the promise may be awaited instead, its value sent in one message",
    script: callSquareRejected },
  { name: "promise_argument", about: "a client's promise as an argument, resolved later", script: promiseArgument },
  { name: "promise_argument_rejected", about: "a client's promise as an argument, rejected later",
    script: promiseArgumentRejected },
  { name: "promise_arguments_out_of_order", about: "two promises, the second resolved first",
    script: promiseArgumentsOutOfOrder },
  { name: "promise_holds_back_call", about: "a call that waits for its argument does not hold up others",
    script: promiseHoldsBackItsCall },
  { name: "promise_pipelined", about: "a pipelined property of a call that waits", script: promisePipelined },
];
