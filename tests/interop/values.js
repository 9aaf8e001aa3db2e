/** Values of every type that crosses the wire, as rows of `[name, value, what typeOf says of it]`. */

const BYTES = Uint8Array.from({ length: 16 }, (_, i) => (i * 37 + 250) % 256);

function withProps(error, props) {
  return Object.assign(error, props);
}

class CustomError extends Error {
  name = "CustomError";
}

const PRIMITIVES = [
  ["null", null, "null"],
  ["undefined", undefined, "undefined"],
  ["true", true, "boolean"],
  ["false", false, "boolean"],
  ["zero", 0, "number"],
  ["an integer", 42, "number"],
  ["a negative integer", -17, "number"],
  ["a fraction", 0.1 + 0.2, "number"],
  ["the largest safe integer", Number.MAX_SAFE_INTEGER, "number"],
  ["the smallest safe integer", Number.MIN_SAFE_INTEGER, "number"],
  ["an integer beyond the safe ones", 2 ** 64, "number"],
  ["the largest number", Number.MAX_VALUE, "number"],
  ["the smallest number", Number.MIN_VALUE, "number"],
  ["an exponent", 1.5e300, "number"],
  ["infinity", Infinity, "number"],
  ["negative infinity", -Infinity, "number"],
  ["not a number", NaN, "number"],
  ["bigint zero", 0n, "bigint"],
  ["a bigint", 123n, "bigint"],
  ["a negative bigint", -456n, "bigint"],
  ["a bigint beyond 64 bits", 2n ** 200n + 1n, "bigint"],
  ["a negative bigint beyond 64 bits", -(2n ** 200n), "bigint"],
  ["a bigint of as many digits as there may be", 10n ** 16_383n, "bigint"],
];

const STRINGS = [
  ["an empty string", "", "string"],
  ["a string", "hello", "string"],
  ["a string of quotes and backslashes", "\"quoted\" \\ and / 'single'", "string"],
  ["a string of control characters", "\b\f\n\r\t\0\x01\x1f\x7f", "string"],
  ["a string of line separators", "a\u2028b\u2029c", "string"],
  ["a string in many scripts", "Grüße, Ελλάδα, 日本語, العربية", "string"],
  ["surrogate pairs", "😀👩‍👩‍👧‍👦 𝒳", "string"],
  ["a string that looks like an expression", '["undefined"]', "string"],
  ["a long string", "topsail ".repeat(10_000), "string"],
];

const DATES_AND_URLS = [
  ["a date", new Date(1_749_342_170_815), "date"],
  ["a date before the epoch", new Date(-1), "date"],
  ["the last date", new Date(8.64e15), "date"],
  ["an invalid date", new Date(NaN), "date"],
  ["a url", new URL("https://user:pass@example.com:8080/a%20b/?q=1&r=%C3%A9#frag"), "url"],
  ["a url without a path", new URL("https://example.com"), "url"],
];

const CONTAINERS = [
  DataView,
  Int8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  BigInt64Array,
  BigUint64Array,
  Float32Array,
  Float64Array,
];

const BYTE_VALUES = [
  ["bytes", BYTES, "bytes"],
  ["no bytes", new Uint8Array(0), "bytes"],
  ["one byte", Uint8Array.of(255), "bytes"],
  ["bytes inside a larger buffer", BYTES.subarray(3, 10), "bytes"],
  ["every byte", Uint8Array.from({ length: 256 }, (_, i) => i), "bytes"],
  ["many bytes", new Uint8Array(100_000).fill(171), "bytes"],
  ["an ArrayBuffer", BYTES.slice().buffer, "bytes:ArrayBuffer"],
  ["an empty Float64Array", new Float64Array(0), "bytes:Float64Array"],
  ["an Int16Array inside a larger buffer", new Int16Array(BYTES.slice().buffer, 2, 3), "bytes:Int16Array"],
  ...CONTAINERS.map((Container) => [
    `a ${Container.name}`,
    new Container(BYTES.slice().buffer),
    `bytes:${Container.name}`,
  ]),
];

const ERROR_CLASSES = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError];

const ERRORS = [
  ...ERROR_CLASSES.map((Class) => [`a ${Class.name}`, new Class(`a ${Class.name}`), `error:${Class.name}`]),
  ["an error without a message", new Error(), "error:Error"],
  ["an AggregateError", new AggregateError([new RangeError("a"), 7], "many"), "error:AggregateError"],
  ["an empty AggregateError", new AggregateError([]), "error:AggregateError"],
  ["an error with a cause", new Error("outer", { cause: new TypeError("inner") }), "error:Error"],
  ["an error with a cause that is no error", new Error("outer", { cause: { code: 5 } }), "error:Error"],
  ["an error with an undefined cause", new Error("outer", { cause: undefined }), "error:Error"],
  [
    "an error with properties",
    withProps(new RangeError("props"), {
      code: "E_RANGE",
      status: 416,
      at: new Date(5),
      list: [1, [2n]],
      nothing: undefined,
      bytes: BYTES,
    }),
    "error:RangeError",
  ],
  [
    "a chain of causes",
    new Error("1", { cause: withProps(new Error("2", { cause: new Error("3") }), { depth: 2 }) }),
    "error:Error",
  ],
];

function chain(length, wrap) {
  let value = "innermost";
  for (let i = 0; i < length; i += 1) {
    value = wrap(value);
  }
  return value;
}

const NESTED = [
  ["an empty array", [], "array"],
  ["an array", [1, "two", false, null], "array"],
  ["nested arrays", [[1, [2, [3, []]]], [[]]], "array"],
  ["an array that looks like a date", ["date", 5], "array"],
  ["an array that looks like a stub", ["export", -1], "array"],
  ["an array of one array that looks like an error", [["error", "Error", "no"]], "array"],
  ["an array with holes", [, 1, , 2], "array"],
  [
    "an array of everything",
    [undefined, NaN, -Infinity, 5n, new Date(1), BYTES, new URL("a:b"), new TypeError("t")],
    "array",
  ],
  ["a large array", Array.from({ length: 5000 }, (_, i) => i), "array"],
  ["an empty object", {}, "object"],
  ["an object", { a: 1, b: "two", c: false, d: null }, "object"],
  ["nested objects", { a: { b: { c: {} } } }, "object"],
  ["an object with odd keys", { "": 1, " ": 2, "a.b": 3, ключ: 4, '"': 5, "😀": 6, 7: 8, "-1": 9 }, "object"],
  ["an object with an undefined property", { a: undefined, b: 1 }, "object"],
  ["an object of arrays", { a: [1, [2]], b: [] }, "object"],
  [
    "an object of everything",
    { undefined, nan: NaN, big: -5n, date: new Date(NaN), bytes: new Float32Array([1.5]), error: new URIError("u") },
    "object",
  ],
  ["arrays 200 deep", chain(200, (inner) => [inner]), "array"],
  ["objects 200 deep", chain(200, (inner) => ({ inner })), "object"],
];

export const VALUES = [...PRIMITIVES, ...STRINGS, ...DATES_AND_URLS, ...BYTE_VALUES, ...ERRORS, ...NESTED];

/** An error of a class that the protocol does not know. */
export const UNKNOWN_ERROR = withProps(new CustomError("custom"), { code: 7 });

/** Rows of `[name, object, how many own properties arrive]`. */
export const OBJECTS = [
  ["an empty object", {}, 0],
  ["three properties", { a: 1, b: 2, c: 3 }, 3],
  ["undefined properties", { a: undefined, b: undefined }, 2],
  ["nested objects", { a: { b: 1, c: 2 }, d: [1, 2, 3] }, 2],
  ["names of Object.prototype", { kept: 1, constructor: 2, toString: 3, valueOf: 4, hasOwnProperty: 5 }, 1],
  ["toJSON", { kept: 1, toJSON: 2 }, 1],
  ["a thousand properties", Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`key${i}`, i])), 1000],
];
