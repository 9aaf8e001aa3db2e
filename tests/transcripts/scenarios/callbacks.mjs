// The client's functions and targets in the server's hands.

import assert from "node:assert/strict";
import { RpcStub, RpcTarget } from "capnweb";
import { Counter } from "../target.mjs";

async function called({ api }) {
  assert.deepEqual(await api.callFunction((i) => i * 3, 5), { result: 15 });
}

async function throwing({ api }) {
  const fail = () => { throw Object.assign(new RangeError("from the client"), { code: 7 }); };
  const error = await api.callFunction(fail, 1).catch((caught) => caught);
  assert.equal(error.message, "from the client");
  assert.equal(error.code, 7);
}

async function answeredLater({ api, note, quiet }) {
  const later = Promise.withResolvers();
  const outcome = api.callFunction(() => later.promise, 1).then((value) => value);
  await quiet();
  note("the callback returns");
  later.resolve("late");
  assert.deepEqual(await outcome, { result: "late" });
}

async function releasedWhileRunning({ api, note, quiet }) {
  const later = Promise.withResolvers();
  const outcome = api.callFunction(() => later.promise, 1);
  const settled = outcome.then(() => assert.fail(), (error) => error);
  await quiet();
  note("the client gives the call up, then the callback returns");
  outcome[Symbol.dispose]();
  assert.match((await settled).message, /disposed/);
  await quiet();
  later.resolve("nobody waits");
  await quiet();
}

async function twice({ api }) {
  assert.deepEqual(await api.callTwice((i) => i + 100, 1), [101, 102]);
}

async function twiceRejected({ api }) {
  const odd = (i) => { if (i % 2 === 0) throw new Error(`even: ${i}`); return i; };
  await assert.rejects(async () => await api.callTwice(odd, 1), { message: "even: 2" });
}

async function targetPassed({ api, quiet }) {
  const counter = new Counter(5);
  assert.equal(await api.incrementCounter(counter, 2), 7);
  assert.equal(counter.value, 7);
  await quiet();
}

async function stubPassedTwice({ api, note, quiet }) {
  const stub = new RpcStub(new Counter(1));
  assert.equal(await api.incrementCounter(stub), 2);
  note("the same stub again is a new export");
  assert.equal(await api.incrementCounter(stub), 3);
  stub[Symbol.dispose]();
  await quiet();
}

async function targetTwiceInOneCall({ api, quiet }) {
  const counter = new Counter(1);
  const echoed = await api.echo([counter, counter]);
  assert.equal(echoed.length, 2);
  echoed[Symbol.dispose]();
  await quiet();
}

async function sharedFunction({ api, quiet }) {
  const f = (i) => i + 1;
  assert.deepEqual(
    await Promise.all([api.callFunction(f, 1), api.callFunction(f, 2)]), [{ result: 2 }, { result: 3 }]);
  await quiet();
}

async function kept({ api, note, quiet }) {
  const seen = [];
  await api.keep((...args) => { seen.push(args); return seen.length; });
  note("the server still holds the function");
  assert.equal(await api.callKept("a"), 1);
  assert.equal(await api.callKept("b", [1, 2], { c: null }), 2);
  assert.deepEqual(seen, [["a"], ["b", [1, 2], { c: null }]]);
  note("the server lets it go");
  await api.dropKept();
  await quiet();
  note("it is gone");
  await assert.rejects(async () => await api.callKept("c"), { message: "nothing is kept" });
}

async function keptReplaced({ api, note, quiet }) {
  await api.keep(() => "first");
  note("another one: the server releases the first");
  await api.keep(() => "second");
  assert.equal(await api.callKept(), "second");
  await api.dropKept();
  await quiet();
}

async function keptTarget({ api, quiet }) {
  class Callable extends RpcTarget {
    increment(amount) { return amount + 1; }
  }
  await api.keep(new Callable());
  await assert.rejects(async () => await api.callKept(1), { message: "'' is not a function." });
  await api.dropKept();
  await quiet();
}

async function returnsTarget({ api, quiet }) {
  const outcome = await api.callFunction((i) => new Counter(i), 40);
  assert.equal(await outcome.result.increment(2), 42);
  outcome[Symbol.dispose]();
  await quiet();
}

async function callsBack({ api, quiet }) {
  const outcome = await api.callFunction(async (i) => await api.square(i), 6);
  assert.deepEqual(outcome, { result: 36 });
  await quiet();
}

async function callsBackPipelined({ api, quiet }) {
  assert.deepEqual(await api.callFunction((i) => api.square(i), 6), { result: 36 });
  await quiet();
}

async function echoedFunction({ api, quiet }) {
  const echoed = await api.echo({ f: (i) => i - 1 });
  assert.equal(await echoed.f(5), 4);
  echoed[Symbol.dispose]();
  await quiet();
}

async function pipelinedOntoEcho({ api, quiet }) {
  const echoed = api.echo(new Counter(5));
  assert.equal(await echoed.increment(3), 8);
  echoed[Symbol.dispose]();
  await quiet();
}

async function inResultOfCallback({ api, quiet }) {
  const outcome = await api.callFunction(() => ({ list: [new Counter(1), new Counter(2)] }), 0);
  assert.equal(await outcome.result.list[1].increment(), 3);
  outcome[Symbol.dispose]();
  await quiet();
}

async function notCalled({ api, quiet }) {
  await api.log("no use for it");
  await api.greet("x", "y", () => 1);
  await quiet();
}

// A method may let go of an argument at once or when it returns.
const whenDropped = "the release of an argument may come later";

export const callbacks = [
  { name: "callback", about: "the server calls a function of the client", script: called },
  { name: "callback_throws", about: "a callback's error goes through the server", script: throwing },
  { name: "callback_answers_later", about: "a call that waits for its callback", script: answeredLater },
  { name: "callback_call_given_up", about: "a call released while its callback is running",
    free: "the resolve after the release need not be sent",
    script: releasedWhileRunning },
  { name: "callback_twice", about: "the server's promises for two callbacks as the result",
    free: whenDropped,
    script: twice },
  { name: "callback_twice_rejected", about: "one of the two is rejected",
    free: whenDropped,
    script: twiceRejected },
  { name: "callback_target", about: "a target of the client",
    free: whenDropped,
    script: targetPassed },
  { name: "callback_stub_twice", about: "one stub passed in two calls",
    free: whenDropped,
    script: stubPassedTwice },
  { name: "callback_target_twice_in_call", about: "one target twice in one message",
    script: targetTwiceInOneCall },
  { name: "callback_parallel", about: "one function in two calls at once",
    free: whenDropped,
    script: sharedFunction },
  { name: "callback_kept", about: "a callback kept, called later and dropped", script: kept },
  { name: "callback_kept_replaced", about: "a kept callback replaced by another", script: keptReplaced },
  { name: "callback_not_a_function", about: "a kept target called as a function", script: keptTarget },
  { name: "callback_returns_target", about: "a callback returns a target of the client",
    script: returnsTarget },
  { name: "callback_returns_many", about: "a callback returns targets inside a value",
    script: inResultOfCallback },
  { name: "callback_calls_back", about: "a callback that calls the server and awaits it", script: callsBack },
  { name: "callback_returns_promise", about: "a callback that returns a promise of the server's",
    script: callsBackPipelined },
  { name: "callback_echoed", about: "a function comes back as the client's own", script: echoedFunction },
  { name: "callback_pipelined", about: "a pipelined call on the client's own target",
    free: "the forwarded call may be pulled at another time",
    script: pipelinedOntoEcho },
  { name: "callback_unused", about: "a function the method ignores is released", script: notCalled },
];
