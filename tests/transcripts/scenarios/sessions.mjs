// How sessions end, with the npm client.

import assert from "node:assert/strict";

async function disposeMain({ api, note, quiet }) {
  assert.equal(await api.square(2), 4);
  note("the client disposes of its main stub: nothing is sent, the connection is simply closed");
  api[Symbol.dispose]();
  await quiet();
  await assert.rejects(async () => await api.square(3));
}

async function disposeMainInFlight({ api, note, quiet }) {
  const pending = api.square(2).then(() => assert.fail(), (error) => error);
  api[Symbol.dispose]();
  assert.match((await pending).message, /disposing the main stub/);
  note("what was sent before arrives; the server's answer is not read");
  await quiet();
}

async function clientAborts({ api, note }) {
  note("the answer is deeper than this client allows");
  const outcome = api.echo({ a: { b: { c: { d: 1 } } } }).then(() => assert.fail(), (error) => error);
  assert.match((await outcome).message, /maximum allowed message depth of 4/);
}

async function serverAborts({ api, note }) {
  const kept = api.makeCounter(1);
  note("a big integer of more digits than the server allows");
  const outcome = api.echo(10n ** 16384n).then(() => assert.fail(), (error) => error);
  assert.match((await outcome).message, /maximum length of 16384 digits/);
  await assert.rejects(async () => await kept.value);
}

export const sessions = [
  { name: "dispose_main", about: "the main stub is disposed of", script: disposeMain },
  { name: "dispose_main_in_flight", about: "the main stub is disposed of while a call is in flight",
    script: disposeMainInFlight },
  { name: "abort_from_client", about: "the client ends the session over a message it cannot take",
    script: clientAborts, options: { limits: { maxDepth: 4 } } },
  { name: "abort_from_server", about: "the server ends the session over a message it cannot take",
    script: serverAborts },
];
