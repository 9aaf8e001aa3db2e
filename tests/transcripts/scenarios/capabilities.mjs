// The server's targets in the client's hands.

import assert from "node:assert/strict";

async function counter({ api }) {
  const counter = await api.makeCounter(1);
  assert.equal(await counter.increment(), 2);
  assert.equal(await counter.increment(10), 12);
  assert.equal(await counter.value, 12);
  counter[Symbol.dispose]();
}

async function handedBack({ api }) {
  const counter = await api.makeCounter(1);
  assert.equal(await api.incrementCounter(counter, 4), 5);
  assert.equal(await counter.value, 5);
  counter[Symbol.dispose]();
}

async function promiseHandedBack({ api }) {
  const counter = api.makeCounter(1);
  assert.equal(await api.incrementCounter(counter, 4), 5);
  counter[Symbol.dispose]();
}

async function severalTargets({ api, note }) {
  const [one, two] = await Promise.all([api.makeCounter(1), api.makeCounter(2)]);
  assert.equal(await api.add(one.increment(), two.increment()), 5);
  note("the first goes, the second still works");
  one[Symbol.dispose]();
  assert.equal(await api.incrementCounter(two, 10), 13);
  two[Symbol.dispose]();
}

async function friends({ api }) {
  const friends = await api.friends();
  assert.deepEqual(friends.map((friend) => friend.name), ["ada", "ben", "cyd"]);
  assert.equal(await friends[1].counter.increment(), 21);
  friends[Symbol.dispose]();
}

async function friendsNotPulled({ api, quiet }) {
  const friends = api.friends();
  await quiet();
  friends[Symbol.dispose]();
}

async function self({ api }) {
  const self = await api.self();
  assert.equal(await self.square(3), 9);
  const again = await self.self();
  assert.equal(await again.square(4), 16);
  self[Symbol.dispose]();
  again[Symbol.dispose]();
}

async function mainAsArgument({ api }) {
  const same = await api.echo(api);
  assert.equal(await same.square(3), 9);
  same[Symbol.dispose]();
}

async function duplicated({ api, note, quiet }) {
  const counter = await api.makeCounter(1);
  const copy = counter.dup();
  counter[Symbol.dispose]();
  await quiet();
  note("the copy alone");
  assert.equal(await copy.increment(), 2);
  note("the copy goes");
  copy[Symbol.dispose]();
}

async function methodsAsValues({ api }) {
  const square = await api.square;
  assert.equal(await square(8), 64);
  square[Symbol.dispose]();
}

async function methodOfNested({ api }) {
  const nested = await api.nested;
  assert.deepEqual(nested.list, [1, 2, 3]);
  assert.equal(await nested.square(3), 9);
  assert.equal(await nested.counter.increment(), 6);
  nested[Symbol.dispose]();
}

async function methodAsCallback({ api }) {
  assert.deepEqual(await api.callFunction(api.square, 5), { result: 25 });
}

async function callOnDisposed({ api, quiet }) {
  const counter = await api.makeCounter(1);
  const pending = counter.increment(5);
  counter[Symbol.dispose]();
  assert.equal(await pending, 6);
  await quiet();
}

async function disposeUnresolved({ api, quiet }) {
  const counter = api.makeCounter(1);
  const value = counter.increment(2);
  counter[Symbol.dispose]();
  assert.equal(await value, 3);
  await quiet();
}

export const capabilities = [
  { name: "counter", about: "a target as a result, called, then released", script: counter },
  { name: "counter_handed_back", about: "a stub as an argument to its owner", script: handedBack },
  { name: "counter_promise_handed_back", about: "a promise for a target as an argument to its owner",
    script: promiseHandedBack },
  { name: "counter_several", about: "two targets, one released before the other", script: severalTargets },
  { name: "counter_duplicated", about: "dup() is local; the release comes with the last copy",
    script: duplicated },
  { name: "counter_released_with_call_in_flight", about: "a stub released right behind a call on it",
    script: callOnDisposed },
  { name: "dispose_before_resolve", about: "a promise released while a call on it is in flight",
    script: disposeUnresolved },
  { name: "friends", about: "targets inside an array of objects, released together", script: friends },
  { name: "friends_not_pulled", about: "a result with targets that is never pulled", script: friendsNotPulled },
  { name: "self", about: "the main object as a result, twice: two exports", script: self },
  { name: "main_as_argument", about: "the main stub as an argument", script: mainAsArgument },
  { name: "method_as_value", about: "a method read as a value is a function stub", script: methodsAsValues },
  { name: "nested_getter", about: "a getter's object with a function and a target", script: methodOfNested },
  { name: "method_as_callback", about: "the server's own method as its callback", script: methodAsCallback },
];
