// Between the RPC that is built into Workers and Cap'n Web: calls on native objects, and objects of
// the Wasm instance as native ones. Values cross as text of the wire, in which `[n]` stands for the
// nth capability of a list.
import { RpcPromise, RpcStub, RpcTarget } from "cloudflare:workers";
import { decodeList } from "./decode.js";
import { dispose, disposeLater, endStream } from "./dispose.js";
import { adopt, encode, encodeError, encodeResult, isCapability, plainBytes } from "./encode.js";
import { failed, longText, rejecting, soon, tried } from "../instance.js";
import { textAt } from "../text.js";

// One object: wasm-bindgen 0.2.130 makes esbuild warn of a module that it imports from twice.
export const native = { adopt, call, get, element, settle, read, dup, expose, objectNamed, service };

const IS_NATIVE = Symbol("topsail");

/** What an object of the Wasm instance is asked to do. */
const CALL = 0;
const GET = 1;
const DUP = 2;
const DISPOSE = 3;

/** What becomes of a promise. */
const RESOLVED = 0;
const REJECTED = 1;
/** It rejects because the object can no longer be reached. */
const BROKEN = 2;
/** A stream has ended. */
const DONE = 3;
/** Added to it where a long text comes in UTF-8. */
const IS_LONG = 4;

/** Calls a method, or without a name the object itself. Throws what cannot be sent. */
function call(object, name, place, length, caps) {
  const text = textAt(place, length);
  if (caps === undefined) return callPlainly(object, name, text);
  // Who is called without the runtime in between has the streams from now on.
  let isSent = true;
  try {
    const result = callPlainly(object, name, text, caps);
    isSent = result instanceof RpcPromise;
    return result;
  } finally {
    for (const cap of caps) endArgument(cap, isSent);
  }
}

/** The runtime has made duplicates of the stubs that it has sent, and has locked the streams. */
function endArgument(cap, isSent) {
  if (cap?.[IS_NATIVE]) cap[Symbol.dispose]();
  else if (isSent) endStream(cap, new Error("the call could not be sent"));
}

function callPlainly(object, name, text, caps) {
  const args = decodeList(text, caps);
  // Every property of a native stub is taken for a remote one, `call` and `apply` too.
  const method = name === undefined ? object : member(object, name);
  if (typeof method !== "function") throw new TypeError(`'${name}' is not a function.`);
  const result = Reflect.apply(method, name === undefined ? undefined : object, args);
  if (isPromise(result)) unclaimed(result);
  return result;
}

/**
 * Promises of this turn that nobody has asked for until now, in order. (In a list: a set would give each of them
 * an identity hash, which costs as much as all else that is done with them here.)
 */
const claims = [];

/** The place of the one that is likely to be asked for next. */
let next = 0;

/** How many promises may lie between one that is asked for and the next: the others are taken for unclaimed. */
const MAX_SKIPPED = 8;

/** Such a promise may be asked for later, or never: its rejection is not to be reported as unhandled. */
function unclaimed(promise) {
  if (claims.length === 0) soon(claimAll);
  claims.push(promise);
}

function claim(promise) {
  const end = Math.min(next + MAX_SKIPPED, claims.length);
  for (let i = next; i < end; i++) {
    if (claims[i] !== promise) continue;
    claims[i] = undefined;
    next = i + 1;
    return;
  }
}

function claimAll() {
  for (const promise of claims) promise?.catch(() => {});
  claims.length = 0;
  next = 0;
}

function isPromise(value) {
  return value instanceof RpcPromise || value instanceof Promise;
}

/** Functions of this side are methods of the stub itself, with properties that are as little of a client's business. */
function get(object, name) {
  const value = member(object, name);
  return value instanceof Function ? undefined : value;
}

/** What a stub has of its own, as the promise's `then` or the name of a Durable Object, is no business of a client's. */
function member(object, name) {
  const isOwn = OWN.has(name) && (name in Promise.prototype || Object.hasOwn(Object(object), name));
  return isOwn ? undefined : object[name];
}

const OWN = new Set(["then", "catch", "finally", "id", "name"]);

/** Has `deliver(number, text, caps, outcome)` called with what a promise becomes. */
function settle(promise, rules, number, deliver) {
  wait(promise, (value) => resolve(value, rules, number, deliver), number, deliver);
}

/**
 * As `settle`, with an element of the list that a promise becomes. The list of a promise belongs to whoever has that;
 * a property is read for each who asks.
 */
function element(promise, index, rules, number, deliver) {
  const resolved = (list) => {
    if (list === undefined || isCapability(list)) return settle(memberOf(list, index), rules, number, deliver);
    resolve(elementOf(list, index), rules, number, deliver, true);
    if (!isPromise(promise)) dispose(list);
  };
  wait(promise, resolved, number, deliver);
}

/** What a stub has at a name comes when it is asked for. */
async function memberOf(object, name) {
  return object[name];
}

/** As sessions have it: of values that are there, lists and plain objects have elements. */
function elementOf(list, index) {
  const holder = Object(list);
  const isHolder = [Array.prototype, Object.prototype].includes(Object.getPrototypeOf(holder));
  return isHolder && Object.hasOwn(holder, index) ? holder[index] : undefined;
}

function wait(promise, resolved, number, deliver) {
  const rejected = (error) => reject(error, number, isBroken(error) ? BROKEN : REJECTED, deliver);
  claim(promise);
  try {
    (isPromise(promise) ? promise : Promise.resolve(promise)).then(resolved, rejected);
  } catch (error) {
    // It belongs to a request that is over.
    Promise.reject(error).catch(rejected);
  }
}

/** As `settle`, with what a reader reads next. */
function read(reader, rules, number, deliver) {
  rejecting(() => reader.read()).then(
    ({ done, value }) => {
      if (done) return pass(deliver, number, "", undefined, DONE);
      const bytes = plainBytes(value);
      if (bytes) return pass(deliver, number, "", undefined, RESOLVED, bytes);
      resolve(value, rules, number, deliver);
    },
    (error) => reject(error, number, REJECTED, deliver),
  );
}

function reject(error, number, outcome, deliver) {
  pass(deliver, number, encodeError(error), undefined, outcome);
}

/** Code of the application may run in it. */
function pass(deliver, number, text, caps, outcome, bytes) {
  const long = longText(text);
  try {
    if (long) deliver(number, "", caps, outcome + IS_LONG, long);
    else deliver(number, text, caps, outcome, bytes);
  } catch (error) {
    failed(error);
  }
}

function resolve(value, rules, number, deliver, isLent) {
  const caps = [];
  let text;
  let outcome = RESOLVED;
  try {
    text = isLent ? encode(value, caps, rules, true) : encodeResult(value, caps, rules);
  } catch (error) {
    text = encodeError(error);
    outcome = REJECTED;
  }
  // Capabilities are disposed of one by one.
  if (caps.length > 0) return pass(deliver, number, text, caps, outcome);
  if (!isLent) (outcome === REJECTED ? disposeLater : dispose)(value);
  pass(deliver, number, text, undefined, outcome);
}

/**
 * The runtime says it by a property where a Durable Object is reset, and elsewhere by the message only. Of what an object
 * has thrown itself, which is `remote`, the message tells nothing: it may be of another object that is gone.
 */
function isBroken(error) {
  if (error?.durableObjectReset === true) return true;
  return error?.remote !== true && /^(Network connection lost|The execution context)/.test(error?.message);
}

/** One that cannot be duplicated is broken: it tells that to whoever uses it. */
function dup(object) {
  return object instanceof RpcStub ? tried(() => object.dup(), () => object) : object;
}

function objectNamed(env, binding, name) {
  return bound(env, binding).getByName(name);
}

function service(env, binding) {
  return bound(env, binding);
}

function bound(env, binding) {
  return env[binding] ?? noBinding(binding);
}

function noBinding(name) {
  throw new TypeError(`there is no binding "${name}"`);
}

/** A native function and object that passes everything on: `handle(operation, name, path, text, caps)`. */
function expose(handle, rules) {
  const exposed = new Exposed(handle, rules);
  const object = new Proxy(() => {}, exposed);
  const { promise, resolve } = Promise.withResolvers();
  // What follows a promise runs as the request that has waited for it: only so the stub's session can send.
  promise.then(() => release(handle));
  forgotten.register(object, resolve, exposed);
  return object;
}

/** Objects that nobody may have disposed of when they are garbage. */
const forgotten = new FinalizationRegistry((resolve) => resolve());

function release(handle) {
  try {
    handle(DISPOSE, undefined, undefined, "");
  } catch {
    // It belongs to an instance that is lost.
  }
}

/** As `expose`, for a whole class: nobody disposes of it. */
export function serve(handle) {
  return new Proxy(() => {}, new Exposed(handle, 0));
}

/** Names are the callers' choice: how many members an object keeps, and how long their names may be. */
const MAX_MEMBERS = 1000;
const MAX_NAME_LENGTH = 64;

class Exposed {
  #handle;
  #rules;
  #path;
  /** What is at the path, where that is one name: most calls are on members. */
  #name;
  /** Members of the object itself, which most calls are on. */
  #members;

  constructor(handle, rules, path = []) {
    this.#handle = handle;
    this.#rules = rules;
    this.#path = path;
    if (path.length === 1) this.#name = path[0];
  }

  apply(_target, _this, args) {
    const caps = [];
    let text;
    try {
      // Arguments end with their call, and so do stubs that are not duplicated.
      text = encode(args, caps, this.#rules, true).slice(1, -1);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#operate(CALL, text, caps.length > 0 ? caps : undefined);
  }

  get(_target, name) {
    const isRoot = this.#path.length === 0;
    if (name === IS_NATIVE) return isRoot;
    if (name === Symbol.dispose) return isRoot ? () => this.#dispose() : undefined;
    if (typeof name === "symbol") return undefined;
    // Whoever serves the object may take a member for an ordinary function.
    if (!isRoot && (name === "call" || name === "apply" || name === "bind")) return Function.prototype[name];
    if (isRoot && name === "dup") return () => this.#handle(DUP, undefined, undefined, "");
    if (name === "then") return isRoot ? undefined : (...then) => this.#value().then(...then);
    return this.#member(name);
  }

  async #value() {
    return this.#operate(GET, "");
  }

  /** Code of the application may run in it. */
  #operate(operation, text, caps) {
    try {
      return this.#handle(operation, this.#name, this.#name === undefined ? this.#path : undefined, text, caps);
    } catch (error) {
      failed(error);
      return Promise.reject(new Error("The server failed."));
    }
  }

  #dispose() {
    forgotten.unregister(this);
    this.#handle(DISPOSE, undefined, undefined, "");
  }

  #member(name) {
    let member = this.#members?.get(name);
    if (!member) {
      member = new Proxy(() => {}, new Exposed(this.#handle, this.#rules, [...this.#path, name]));
      if (this.#path.length === 0) this.#keep(name, member);
    }
    return member;
  }

  #keep(name, member) {
    if (name.length > MAX_NAME_LENGTH) return;
    this.#members ??= new Map();
    if (this.#members.size >= MAX_MEMBERS) this.#members.clear();
    this.#members.set(name, member);
  }

  /** Of a function by itself, the runtime would serve no members. */
  getPrototypeOf() {
    return RpcTarget.prototype;
  }

  has(_target, name) {
    return typeof name === "string" || name === Symbol.dispose;
  }
}
