// From values of JavaScript to text of the wire ("Expressions" on the protocol page).
import { RpcStub, RpcTarget } from "cloudflare:workers";

/** How deep values may nest, as in npm `capnweb`. */
const MAX_DEPTH = 256;

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
  return JSON.stringify(new Encoder(caps, rules, isLent).tree(value));
}

/** The text of what was thrown: always an error, without capabilities. */
export function encodeError(error) {
  const encoder = new Encoder(undefined, 0);
  return JSON.stringify(encoder.error(error instanceof Error ? error : new Error(String(error))));
}

class Encoder {
  #caps;
  #rules;
  #isLent;
  #path = [];
  #ancestors = [];

  constructor(caps, rules, isLent) {
    this.#caps = caps;
    this.#rules = rules;
    this.#isLent = isLent;
  }

  tree(value) {
    switch (typeof value) {
      case "string":
      case "boolean":
        return value;
      case "number":
        return Number.isFinite(value) ? value : [value > 0 ? "inf" : value < 0 ? "-inf" : "nan"];
      case "undefined":
        return ["undefined"];
      case "bigint":
        return ["bigint", String(value)];
      case "function":
        return this.#cap(value);
      case "symbol":
        return this.#refuse("a symbol cannot be sent");
    }
    return value === null ? null : this.#object(value);
  }

  #object(value) {
    switch (Object.getPrototypeOf(value)) {
      case Object.prototype:
      case null:
        return this.#inside(value, () => this.#members(value));
      case Array.prototype:
        return this.#inside(value, () => [this.#elements(value)]);
      case Uint8Array.prototype:
        return ["bytes", value.toBase64({ omitPadding: true })];
    }
    return this.#instance(value);
  }

  #instance(value) {
    if (value instanceof Date) return ["date", Number.isNaN(value.getTime()) ? null : value.getTime()];
    if (value instanceof Error) return this.#inside(value, () => this.error(value));
    if (ArrayBuffer.isView(value)) {
      return bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), value);
    }
    if (value instanceof ArrayBuffer) return bytes(new Uint8Array(value), value);
    if (value instanceof Map) return this.#inside(value, () => this.#map(value));
    if (value instanceof Set) return this.#inside(value, () => this.#set(value));
    if (value instanceof RegExp) return this.#regexp(value);
    if (value instanceof URL) return ["url", value.href];
    if (value instanceof Headers) return ["headers", [...value]];
    if (value instanceof Blob) return ["blob", value.type, this.#cap(value.stream())];
    if (value instanceof Request) return ["request", value.url, this.#request(value)];
    if (value instanceof Response) return ["response", this.#body(value), responseInit(value)];
    if (isCapability(value)) return this.#cap(value);
    return this.#refuse(`an object of the class ${value.constructor?.name || "unknown"} cannot be sent`);
  }

  #body({ body }) {
    return body === null ? null : this.#cap(body);
  }

  #request(request) {
    const init = { method: request.method, headers: [...request.headers], redirect: request.redirect };
    return request.body === null ? init : { ...init, body: this.#body(request), duplex: "half" };
  }

  #members(object) {
    const tree = {};
    for (const key of Object.keys(object)) {
      if (!isForbidden(key)) tree[key] = this.#at(`.${key}`, object[key]);
    }
    return tree;
  }

  #elements(list) {
    const trees = new Array(list.length);
    for (let i = 0; i < list.length; i++) trees[i] = this.#at(i, list[i]);
    return trees;
  }

  #at(step, value) {
    if (typeof value === "string") return value;
    this.#path.push(step);
    const tree = this.tree(value);
    this.#path.pop();
    return tree;
  }

  /** Goes into a value that must not hold itself. */
  #inside(value, encode) {
    if (this.#ancestors.includes(value)) this.#refuse("the value holds itself, which the protocol cannot express");
    if (this.#ancestors.length >= MAX_DEPTH) this.#refuse(`the value is more than ${MAX_DEPTH} levels deep`);
    this.#ancestors.push(value);
    const tree = encode();
    this.#ancestors.pop();
    return tree;
  }

  #map(map) {
    if (this.#rules & MAP_IS_REFUSED) this.#refuse("a Map cannot be sent");
    if (!(this.#rules & MAP_IS_OBJECT)) return [this.#elements([...map])];
    for (const key of map.keys()) {
      if (typeof key !== "string") this.#refuse("a Map whose keys are not all strings cannot be sent as an object");
    }
    return this.#members(Object.fromEntries(map));
  }

  #set(set) {
    if (this.#rules & SET_IS_REFUSED) this.#refuse("a Set cannot be sent");
    return [this.#elements([...set])];
  }

  #regexp({ source, flags }) {
    if (this.#rules & REGEXP_IS_REFUSED) this.#refuse("a RegExp cannot be sent");
    return { source, flags };
  }

  error(error) {
    const props = {};
    const keys = Object.keys(error).filter((key) => !IS_OMITTED.has(key) && !isForbidden(key));
    for (const key of ["cause", "errors"]) if (Object.hasOwn(error, key) && !keys.includes(key)) keys.push(key);
    for (const key of keys) this.#prop(props, key, error[key]);
    const form = ["error", String(error.name), String(error.message)];
    if (Object.keys(props).length > 0) form.push(null, props);
    return form;
  }

  /** What cannot be sent is left out: the error itself must go through. */
  #prop(props, key, value) {
    const [steps, depth, caps] = [this.#path.length, this.#ancestors.length, this.#caps?.length];
    try {
      props[key] = this.#at(`.${key}`, value);
    } catch {
      this.#path.length = steps;
      this.#ancestors.length = depth;
      if (this.#caps) this.#caps.length = caps;
    }
  }

  #cap(value) {
    if (!this.#caps) this.#refuse("an error cannot hold a capability");
    const isLent = this.#isLent && value instanceof RpcStub;
    return [this.#caps.push(isLent ? value.dup() : value) - 1];
  }

  #refuse(message) {
    const place = this.#path.map((step) => (typeof step === "number" ? `[${step}]` : step)).join("");
    throw new TypeError(place === "" ? message : `${place.replace(/^\./, "")}: ${message}`);
  }
}

/** The runtime's own marks on errors, and what is sent apart or not at all. */
const IS_OMITTED = new Set(["name", "message", "stack", "remote", "durableObjectId"]);

/** Native stubs and streams: what Rust makes a capability of. */
function isCapability(value) {
  if (value instanceof ReadableStream || value instanceof WritableStream) return true;
  return value instanceof RpcTarget || value instanceof RpcStub || ["Fetcher", "DurableObject"].includes(tag(value));
}

function responseInit({ status, statusText, headers }) {
  return { status, statusText, headers: [...headers] };
}

function tag(value) {
  return Object.prototype.toString.call(value).slice(8, -1);
}

/** No value may carry such members over the wire. */
function isForbidden(key) {
  return key === "toJSON" || key in Object.prototype;
}

function bytes(bytes, container) {
  const base64 = bytes.toBase64({ omitPadding: true });
  const name = tag(container);
  return name === "Uint8Array" ? ["bytes", base64] : ["bytes", base64, name];
}
