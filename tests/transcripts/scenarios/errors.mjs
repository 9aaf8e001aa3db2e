// Calls that fail.

import assert from "node:assert/strict";

async function thrown({ api }) {
  await assert.rejects(async () => await api.throwError(), { name: "RangeError", message: "test error" });
}

async function thrownWithProps({ api }) {
  const error = await api.throwWithProps().catch((caught) => caught);
  assert.equal(error.code, "E_TEST");
  assert.deepEqual(error.details, { at: 7 });
  assert.equal(error.cause.message, "inner");
}

async function missing({ api, note }) {
  note("a method that does not exist");
  await rejects(api.noSuchMethod(1), "TypeError", "'noSuchMethod' is not a function.");
  note("a property that does not exist is undefined");
  assert.equal(await api.noSuchProperty, undefined);
  note("a call on a property that does not exist");
  await rejects(api.no.such.method(), "TypeError", "Cannot read properties of undefined (reading 'such')");
  note("a property of undefined");
  await rejects(api.returnUndefined().property, "TypeError",
    "Cannot read properties of undefined (reading 'property')");
  note("a property of null, a number and a string is undefined");
  assert.equal(await api.returnNull().property, undefined);
  assert.equal(await api.square(2).property, undefined);
  assert.equal(await api.greet("x").length, undefined);
}

async function notFunctions({ api, note }) {
  note("a result called as a function");
  await rejects(api.square(2)(1), "TypeError", "'' is not a function.");
  note("the main object called as a function");
  await rejects(api(1), "TypeError", "'' is not a function.");
  note("a value called by a path");
  await rejects(api.nested.deep.value(), "TypeError", "'nested.deep.value' is not a function.");
  note("a method of an array");
  await rejects(api.range(3).slice(1), "TypeError", "'slice' is not a function.");
  note("a property of a function is undefined");
  assert.equal(await api.square.property, undefined);
  note("so a call of it fails");
  await rejects(api.square.property(), "TypeError", "'square.property' is not a function.");
}

async function instanceProperty({ api }) {
  await assert.rejects(async () => await api.instanceProperty,
    /Attempted to access property 'instanceProperty', which is an instance property of the RpcTarget\./);
}

async function pipelined({ api, note }) {
  note("a call on the result of a failed call");
  await rejects(api.throwError().anything.at.all(1), "RangeError", "test error");
  note("a property of it");
  await rejects(api.throwError().property, "RangeError", "test error");
  note("a failed call as an argument");
  await rejects(api.add(1, api.throwError()), "RangeError", "test error");
  note("the failed promise behind a call that is itself not pulled");
  const failed = api.throwWithProps();
  const behind = api.echo({ deep: [failed] });
  await rejects(behind, "TypeError", "with props");
}

async function argumentErrorsAreValues({ api }) {
  const error = await api.echo(new Error("a value"));
  assert.equal(error.message, "a value");
}

async function logNotRun({ api }) {
  const log = api.log(api.throwError());
  await rejects(log, "RangeError", "test error");
  assert.deepEqual(await api.logged(), []);
}

async function rejects(promise, name, message) {
  await assert.rejects(async () => await promise, { name, message });
}

export const errors = [
  { name: "error_thrown", about: "a method throws", script: thrown },
  { name: "error_with_props", about: "a thrown error with properties and a cause", script: thrownWithProps },
  { name: "error_missing_member", about: "members that do not exist", script: missing },
  { name: "error_not_a_function", about: "calls of what is not a function", script: notFunctions },
  { name: "error_instance_property", about: "an instance property of a target is refused by name",
    script: instanceProperty },
  { name: "error_pipelined", about: "calls behind a rejection are rejected with it", script: pipelined },
  { name: "error_as_value", about: "an error passed as an argument is a value", script: argumentErrorsAreValues },
  { name: "error_argument_stops_call", about: "a call whose argument is rejected does not run", script: logNotRun },
];
