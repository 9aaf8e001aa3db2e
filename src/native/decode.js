// From text of the wire to values of JavaScript ("Expressions" on the protocol page).
import { giveUp } from "./dispose.js";

export const decoder = { decode: decodeOwn };

/** The value of an expression in which `[n]` stands for `caps[n]`. */
export function decode(text, caps) {
  return revive(JSON.parse(text), caps);
}

/** As `decode`, of a value that its capabilities belong to: if there is none, they end. */
function decodeOwn(text, caps) {
  try {
    return decode(text, caps);
  } catch (error) {
    caps?.forEach((cap) => giveUp(cap, error));
    throw error;
  }
}

/** The elements of a plain list of such expressions. */
export function decodeList(text, caps) {
  return reviveAll(JSON.parse(text), caps);
}

function revive(value, caps) {
  if (typeof value !== "object" || value === null) return value;
  return Array.isArray(value) ? reviveForm(value, caps) : reviveMembers(value, caps);
}

function reviveAll(list, caps) {
  for (let i = 0; i < list.length; i++) {
    const element = list[i];
    if (typeof element === "object" && element !== null) list[i] = revive(element, caps);
  }
  return list;
}

function reviveMembers(object, caps) {
  for (const key in object) {
    const member = object[key];
    if (typeof member === "object" && member !== null) object[key] = revive(member, caps);
  }
  return object;
}

function reviveForm(form, caps) {
  const [kind, first, second] = form;
  if (typeof kind === "object") return reviveAll(kind, caps);
  if (typeof kind === "number") return caps[kind];
  switch (kind) {
    case "undefined":
      return undefined;
    case "date":
      return new Date(first ?? NaN);
    case "bigint":
      return BigInt(first);
    case "nan":
      return NaN;
    case "inf":
      return Infinity;
    case "-inf":
      return -Infinity;
    case "bytes":
      return reviveBytes(first, second);
    case "error":
      return reviveError(form, caps);
    case "url":
      return new URL(first);
    case "headers":
      return new Headers(first);
    case "request":
      return new Request(first, reviveInit(second, caps));
    case "response":
      return new Response(revive(first, caps), second);
    case "blob":
      return new Blob([revive(second, caps)], { type: first });
    default:
      throw new TypeError(`Workers RPC has no value for "${kind}"`);
  }
}

function reviveInit(init, caps) {
  if ("body" in init) init.body = revive(init.body, caps);
  return init;
}

function reviveBytes(base64, name = "Uint8Array") {
  const bytes = Uint8Array.fromBase64(base64);
  if (name === "Uint8Array") return bytes;
  return name === "ArrayBuffer" ? bytes.buffer : new globalThis[name](bytes.buffer);
}

const ERRORS = { Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError, AggregateError };

/** What a peer cannot set: what errors have anyway, and the marks by which the runtime tells of its own failures. */
const IS_REFUSED = new Set(["name", "message", "stack", "__proto__", "remote", "durableObjectReset", "durableObjectId"]);

function reviveError([, name, message, stack, props], caps) {
  const Class = Object.hasOwn(ERRORS, name) ? ERRORS[name] : Error;
  const error = Class === AggregateError ? new AggregateError([], message) : new Class(message);
  // One that was made here would tell of this side.
  error.stack = stack ?? `${name}: ${message}`;
  if (Class.name !== name) Object.defineProperty(error, "name", { value: name, configurable: true, writable: true });
  for (const [key, value] of Object.entries(props ?? {})) {
    if (!IS_REFUSED.has(key)) error[key] = revive(value, caps);
  }
  return error;
}
