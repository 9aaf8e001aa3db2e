// From values of JavaScript to text of the wire ("Expressions" on the protocol page). The text is put together
// piece by piece: a tree for `JSON.stringify` would cost half as much again.
import { RpcStub, RpcTarget } from "cloudflare:workers";
import { disposeLater } from "./dispose.js";
import { tried } from "../instance.js";

/** How deep values may stand in others: npm `capnweb` ends its session over one that stands deeper. */
const MAX_DEPTH = 255;

/** How long a bigint may be, the sign included: as above. */
const MAX_DIGITS = 16_384;

/** The bits of `rules`: what becomes of values that Workers RPC has and the wire has not. */
const MAP_IS_OBJECT = 1;
const MAP_IS_REFUSED = 2;
const SET_IS_REFUSED = 4;
const REGEXP_IS_REFUSED = 8;

export const encoder = { encode, encodeError };

/**
 * The text of a value; its capabilities are appended to `caps`, and stand as `[n]` in the text.
 * `isLent`: they belong to somebody else.
 */
export function encode(value, caps, rules, isLent = false) {
  if (typeof value === "string") return JSON.stringify(value);
  return encodeBy(new Encoder(caps, rules, isLent), value);
}

/** As `encode`, of the result of a call: what the text has no place for is given back. */
export function encodeResult(value, caps, rules) {
  if (typeof value === "string") return JSON.stringify(value);
  const encoder = new Encoder(caps, rules, false);
  const text = encodeBy(encoder, value);
  if (encoder.leavesOut) encoder.outlive(value);
  return text;
}

function encodeBy(encoder, value) {
  try {
    return encoder.text(value, OUTSIDE);
  } catch (error) {
    encoder.giveBack(0);
    throw error instanceof Refusal ? error.asTypeError() : error;
  }
}

/** A chunk of a stream that is nothing but bytes, which go as they are. One without bytes may be detached. */
export function plainBytes(chunk) {
  if (chunk instanceof Uint8Array && Object.getPrototypeOf(chunk) === Uint8Array.prototype && chunk.length > 0) {
    return chunk;
  }
}

/** The text of what was thrown, without capabilities: of an error, or of an object that can be sent. */
export function encodeError(thrown) {
  try {
    return encodeThrown(new Encoder(undefined, 0), thrown);
  } catch {
    return '["error","Error","what was thrown has no text"]';
  }
}

function encodeThrown(encoder, thrown) {
  if (thrown instanceof Error) return encoder.error(thrown, OUTSIDE);
  const asError = () => encoder.error(new Error(String(thrown)), OUTSIDE);
  return Object(thrown) === thrown ? tried(() => encoder.text(unmarked(thrown), OUTSIDE), asError) : asError();
}

/** The runtime marks what was thrown, whatever it is. */
function unmarked(thrown) {
  if (Object.getPrototypeOf(thrown) !== Object.prototype) return thrown;
  const { remote, durableObjectId, ...members } = thrown;
  return members;
}

/** What values stand in: an object or list, what that stands in, and how deep it is. */
const OUTSIDE = { holder: undefined, outer: undefined, depth: 0 };

/** Inside of a value, which must not hold itself. */
function inside(value, within) {
  for (let level = within; level !== OUTSIDE; level = level.outer) {
    if (level.holder === value) throw new Refusal("the value holds itself, which the protocol cannot express");
  }
  if (within.depth >= MAX_DEPTH) throw new Refusal(`the value is more than ${MAX_DEPTH} levels deep`);
  return { holder: value, outer: within, depth: within.depth + 1 };
}

/** Why a value cannot be sent. Its place is put together on the way out: values that can be sent need none. */
class Refusal extends Error {
  #place = "";

  /** `error` as it looks one level further out. */
  static at(step, error) {
    if (error instanceof Refusal) error.#place = (typeof step === "number" ? `[${step}]` : `.${step}`) + error.#place;
    return error;
  }

  asTypeError() {
    return new TypeError(this.#place === "" ? this.message : `${this.#place.replace(/^\./, "")}: ${this.message}`);
  }
}

class Encoder {
  #caps;
  #rules;
  #isLent;
  /** The stubs that were found, from the second on, and duplicates of those that were found again. */
  #known;
  #duplicates;
  /** Members have no place in the text. */
  leavesOut = false;

  constructor(caps, rules, isLent) {
    this.#caps = caps;
    this.#rules = rules;
    this.#isLent = isLent;
  }

  text(value, within) {
    switch (typeof value) {
      case "string":
        return quoted(value);
      case "boolean":
        return value ? "true" : "false";
      case "number":
        return number(value);
      case "undefined":
        return '["undefined"]';
      case "bigint":
        return bigint(value);
      case "function":
        return this.#cap(value);
      case "symbol":
        throw new Refusal("a symbol cannot be sent");
    }
    return value === null ? "null" : this.#object(value, within);
  }

  #object(value, within) {
    switch (Object.getPrototypeOf(value)) {
      case Object.prototype:
      case null:
        return this.#members(value, inside(value, within));
      case Array.prototype:
        return this.#elements(value, inside(value, within));
      case Date.prototype:
        return date(value);
      case Uint8Array.prototype:
        return bytes(value, "Uint8Array");
    }
    return this.#instance(value, within);
  }

  #instance(value, within) {
    if (value instanceof Date) return date(value);
    if (value instanceof Error) return this.error(value, inside(value, within));
    if (ArrayBuffer.isView(value)) {
      return bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), container(value));
    }
    if (value instanceof ArrayBuffer) return bytes(new Uint8Array(value), "ArrayBuffer");
    if (value instanceof Map) return this.#map(value, inside(value, within));
    if (value instanceof Set) return this.#set(value, inside(value, within));
    if (value instanceof RegExp) return this.#regexp(value);
    if (value instanceof URL) return JSON.stringify(["url", value.href]);
    if (value instanceof Headers) return JSON.stringify(["headers", [...value]]);
    if (value instanceof Blob) return `["blob",${JSON.stringify(value.type)},${this.#content(value, within)}]`;
    if (value instanceof Request) return `["request",${JSON.stringify(value.url)},${this.#requestInit(value, within)}]`;
    if (value instanceof Response) return `["response",${this.#body(value, within)},${this.#responseInit(value)}]`;
    if (isCapability(value)) return this.#cap(value);
    throw new Refusal(`an object of the class ${value.constructor?.name || "unknown"} cannot be sent`);
  }

  #content(blob, within) {
    inside(blob, within);
    return this.#cap(blob.stream());
  }

  /** Of a response it is a value also where there is none. */
  #body(holder, within) {
    inside(holder, within);
    return holder.body === null ? "null" : this.#cap(holder.body);
  }

  #requestInit(request, within) {
    const init = initOf(request, REQUEST_DEFAULTS);
    if (request.body === null) return init;
    const body = `"duplex":"half","body":${this.#body(request, within)}}`;
    return init === "{}" ? `{${body}` : `${init.slice(0, -1)},${body}`;
  }

  #responseInit(response) {
    if (response.webSocket) throw new Refusal("a response with a WebSocket cannot be sent");
    if (response.status === 0) throw new Refusal("a response that is an error cannot be sent");
    return initOf(response, RESPONSE_DEFAULTS);
  }

  #members(object, level) {
    let text = "{";
    let key;
    try {
      for (key of Object.keys(object)) {
        const begin = member(key);
        if (begin === "") this.leavesOut = true;
        else text += (text === "{" ? begin : `,${begin}`) + this.text(object[key], level);
      }
    } catch (error) {
      throw Refusal.at(key, error);
    }
    return `${text}}`;
  }

  #elements(list, level) {
    let text = "[[";
    let i = 0;
    try {
      for (; i < list.length; i++) text += i === 0 ? this.text(list[i], level) : `,${this.text(list[i], level)}`;
    } catch (error) {
      throw Refusal.at(i, error);
    }
    return `${text}]]`;
  }

  #map(map, level) {
    if (this.#rules & MAP_IS_REFUSED) throw new Refusal("a Map cannot be sent");
    if (!(this.#rules & MAP_IS_OBJECT)) return this.#elements([...map], level);
    for (const key of map.keys()) {
      if (typeof key !== "string") throw new Refusal("a Map whose keys are not all strings cannot be sent as an object");
    }
    return this.#members(Object.fromEntries(map), level);
  }

  #set(set, level) {
    if (this.#rules & SET_IS_REFUSED) throw new Refusal("a Set cannot be sent");
    return this.#elements([...set], level);
  }

  #regexp({ source, flags }) {
    if (this.#rules & REGEXP_IS_REFUSED) throw new Refusal("a RegExp cannot be sent");
    return JSON.stringify({ source, flags });
  }

  error(error, level) {
    const form = `["error",${JSON.stringify([String(error.name), String(error.message)]).slice(1, -1)}`;
    const keys = Object.keys(error).filter((key) => !IS_OMITTED.has(key));
    for (const key of ["cause", "errors"]) if (Object.hasOwn(error, key) && !keys.includes(key)) keys.push(key);
    const props = keys.map((key) => this.#prop(key, error, level)).filter((prop) => prop !== "");
    return props.length > 0 ? `${form},null,{${props.join()}}]` : `${form}]`;
  }

  /** What cannot be sent is left out: the error itself must go through. */
  #prop(key, error, level) {
    const caps = this.#caps?.length;
    try {
      const begin = member(key);
      if (begin !== "") return begin + this.text(error[key], level);
    } catch {
      this.giveBack(caps);
    }
    this.leavesOut = true;
    return "";
  }

  #cap(value) {
    if (!this.#caps) throw new Refusal("an error cannot hold a capability");
    return `[${this.#caps.push(value instanceof RpcStub ? this.#own(value) : adopt(value)) - 1}]`;
  }

  /** Every capability is given back by itself, also where the runtime has one stub in several places. */
  #own(stub) {
    if (this.#isLent) return stub.dup();
    if (!this.#isKnown(stub)) return stub;
    const duplicate = stub.dup();
    (this.#duplicates ??= new Set()).add(duplicate);
    return duplicate;
  }

  #isKnown(stub) {
    if (this.#caps.length === 0) return false;
    this.#known ??= new Set(this.#caps);
    if (this.#known.has(stub)) return true;
    this.#known.add(stub);
    return false;
  }

  #isDuplicate(cap) {
    return cap instanceof RpcStub && (this.#isLent || this.#duplicates?.has(cap) === true);
  }

  /** Gives up the capabilities from one on. */
  giveBack(from) {
    for (const cap of this.#caps?.splice(from) ?? []) if (this.#isDuplicate(cap)) cap[Symbol.dispose]();
  }

  /** What was left out goes with the value, the capabilities do not. */
  outlive(value) {
    this.#caps.forEach((cap, i) => {
      if (cap instanceof RpcStub && !this.#isDuplicate(cap)) this.#caps[i] = tried(() => cap.dup(), () => cap);
    });
    disposeLater(value);
  }
}

/** Of an object or function of this side, nothing is to be reached but what Workers RPC serves of it. */
export function adopt(object) {
  if (object instanceof RpcTarget) return new RpcStub(object);
  return object instanceof Function ? new RpcStub(bare(object)) : object;
}

/** A function without properties, which Workers RPC would serve: those of wasm-bindgen free a closure. */
function bare(object) {
  const call = (...args) => object(...args);
  if (Symbol.dispose in object) call[Symbol.dispose] = () => object[Symbol.dispose]();
  return call;
}

/** Short texts that JSON has as they are. */
const IS_PLAIN = /^[ !#-[\]-~]{0,64}$/;

function quoted(text) {
  return IS_PLAIN.test(text) ? `"${text}"` : JSON.stringify(text);
}

function number(value) {
  if (Number.isFinite(value)) return `${value}`;
  return value > 0 ? '["inf"]' : value < 0 ? '["-inf"]' : '["nan"]';
}

/** Members that no value may carry over the wire. */
const FORBIDDEN = new Set(["toJSON", ...Object.getOwnPropertyNames(Object.prototype)]);

/** How members begin, by their keys: objects of one kind have the same ones. */
const members = new Map();
const MAX_MEMBERS = 1000;
const MAX_KEY_LENGTH = 64;

/** The beginning of a member; the empty text if no value may have it. */
function member(key) {
  let text = members.get(key);
  if (text !== undefined) return text;
  text = FORBIDDEN.has(key) ? "" : `${JSON.stringify(key)}:`;
  if (members.size >= MAX_MEMBERS) members.clear();
  if (key.length <= MAX_KEY_LENGTH) members.set(key, text);
  return text;
}

/** The runtime's own marks on errors, and what is sent apart or not at all. */
const IS_OMITTED = new Set(["name", "message", "stack", "remote", "durableObjectId"]);

/** Native stubs and streams: what Rust makes a capability of. */
export function isCapability(value) {
  if (value instanceof ReadableStream || value instanceof WritableStream) return true;
  return value instanceof RpcTarget || value instanceof RpcStub || ["Fetcher", "DurableObject"].includes(tag(value));
}

/**
 * What npm `capnweb` sends of requests and responses beside headers and body, where it is something else than this. A
 * runtime may have no such member at all: workerd has no `mode`, `credentials`, `referrer`, `referrerPolicy`,
 * `encodeResponseBody` and `encodeBody`.
 */
const REQUEST_DEFAULTS = {
  method: "GET",
  redirect: "follow",
  cache: "default",
  integrity: "",
  mode: "cors",
  credentials: "same-origin",
  referrer: "about:client",
  referrerPolicy: "",
  keepalive: false,
  cf: undefined,
  encodeResponseBody: "automatic",
};
const RESPONSE_DEFAULTS = { status: 200, statusText: "", cf: undefined, encodeBody: "automatic" };

/** The init of a request or response but for its body, as text. */
function initOf(value, defaults) {
  const init = {};
  for (const key in defaults) if (value[key] && value[key] !== defaults[key]) init[key] = value[key];
  const headers = [...value.headers];
  if (headers.length > 0) init.headers = headers;
  return JSON.stringify(init);
}

function bigint(value) {
  const digits = `${value}`;
  if (digits.length > MAX_DIGITS) throw new Refusal(`a bigint of more than ${MAX_DIGITS} digits cannot be sent`);
  return `["bigint","${digits}"]`;
}

function date(value) {
  const time = value.getTime();
  return `["date",${Number.isNaN(time) ? null : time}]`;
}

function tag(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** The views that the protocol has names of. */
const CONTAINERS = new Set([
  ..."Int8Array Uint8Array Uint8ClampedArray Int16Array Uint16Array Int32Array Uint32Array".split(" "),
  ..."Float32Array Float64Array BigInt64Array BigUint64Array DataView".split(" "),
]);

/** The name of what a view is of. A client would end its session over one that the protocol lacks. */
function container(view) {
  const name = tag(view);
  if (!CONTAINERS.has(name)) throw new Refusal(`a ${name} cannot be sent`);
  return name;
}

function bytes(bytes, container) {
  const base64 = bytes.toBase64({ omitPadding: true });
  return container === "Uint8Array" ? `["bytes","${base64}"]` : `["bytes","${base64}","${container}"]`;
}
