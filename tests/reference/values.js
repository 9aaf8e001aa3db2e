/** What the conformance Worker's plain calls say about values: their types, and the `User` they check. */
import { RpcStub } from "capnweb";

const NAMES = [
  [Date, "date"],
  [URL, "url"],
  [Headers, "headers"],
  [Request, "request"],
  [Response, "response"],
  [Blob, "blob"],
  [ReadableStream, "readable"],
  [WritableStream, "writable"],
];

export function typeOf(value) {
  if (value === null) {
    return "null";
  }
  if (value instanceof RpcStub) {
    return "stub";
  }
  if (typeof value !== "object") {
    return typeof value;
  }
  if (Array.isArray(value)) {
    return "array";
  }
  if (value instanceof Error) {
    return `error:${value.name}`;
  }
  if (value instanceof Uint8Array) {
    return "bytes";
  }
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) {
    return `bytes:${value.constructor.name}`;
  }
  return NAMES.find(([type]) => value instanceof type)?.[1] ?? "object";
}

export function user(i) {
  return {
    id: i,
    name: `User ${i}`,
    tags: [`team-${i % 5}`, `floor-${i % 3}`, "staff"],
    active: i % 2 === 0,
    score: i * 1.5,
    joined: new Date(1_700_000_000_000 + i * 86_400_000),
  };
}

const USER = {
  id: check("a 32-bit unsigned integer", (value) => Number.isInteger(value) && value >= 0 && value < 2 ** 32),
  name: check("a string", isString),
  tags: checkTags,
  active: check("a boolean", (value) => typeof value === "boolean"),
  score: check("a number", (value) => typeof value === "number"),
  joined: check("a date", (value) => value instanceof Date),
  avatar: optional(check("bytes", (value) => value instanceof Uint8Array)),
  nick: optional(check("a string or null", (value) => value === null || isString(value))),
};

/** The same user with `id + 1`; throws a `TypeError` that names the place of a value that does not fit. */
export function updatedUser(value) {
  if (typeOf(value) !== "object") {
    misfit("", "an object", value);
  }
  const result = {};
  for (const key in USER) {
    USER[key](value[key], key);
    if (value[key] !== undefined) {
      result[key] = value[key];
    }
  }
  result.id += 1;
  return result;
}

function check(expected, fits) {
  return (value, place) => {
    if (!fits(value)) {
      misfit(`${place}: `, expected, value);
    }
  };
}

function optional(checked) {
  return (value, place) => value === undefined || checked(value, place);
}

function checkTags(value, place) {
  if (!Array.isArray(value)) {
    misfit(`${place}: `, "an array", value);
  }
  value.forEach((tag, i) => isString(tag) || misfit(`${place}[${i}]: `, "a string", tag));
}

function isString(value) {
  return typeof value === "string";
}

function misfit(place, expected, value) {
  throw new TypeError(`updateUser: argument 0: ${place}expected ${expected}, found ${found(value)}`);
}

function found(value) {
  const type = typeOf(value);
  if (type === "undefined" || type === "null" || type.startsWith("bytes")) {
    return type;
  }
  return `${/^[aeiou]/.test(type) ? "an" : "a"} ${type.replace(/:.*/, "")}`;
}
