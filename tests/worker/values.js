import { Counter } from "./counter.js";

/** Values that Workers RPC carries, by name. */
const VALUES = {
  undefined: () => undefined,
  null: () => null,
  boolean: () => true,
  number: () => 1.5,
  nan: () => NaN,
  infinity: () => -Infinity,
  string: () => "text \u{1f600}",
  long: () => ["\u00e9\u{1f600}".repeat(500), 2],
  halves: () => ["\ud800".repeat(600), 2],
  thrown: () => {
    throw new RangeError("\u00e9".repeat(1000));
  },
  bigint: () => 12345678901234567890n,
  date: () => new Date(Date.UTC(2026, 0, 1)),
  invalidDate: () => new Date(NaN),
  array: () => [1, ["two"], []],
  object: () => ({ b: 1, a: { c: [undefined] } }),
  numericKeys: () => ({ b: () => "b", 1: () => "one" }),
  uint8Array: () => new Uint8Array([1, 2, 255]),
  int8Array: () => new Int8Array([-1, 2]),
  uint8ClampedArray: () => new Uint8ClampedArray([1, 255]),
  int16Array: () => new Int16Array([-300, 2]),
  uint16Array: () => new Uint16Array([60000]),
  int32Array: () => new Int32Array([-70000]),
  uint32Array: () => new Uint32Array([4000000000]),
  float32Array: () => new Float32Array([1.5, -2]),
  float64Array: () => new Float64Array([0.1]),
  bigInt64Array: () => new BigInt64Array([-7n]),
  bigUint64Array: () => new BigUint64Array([7n]),
  arrayBuffer: () => new Uint8Array([3, 4]).buffer,
  dataView: () => new DataView(new Uint8Array([5, 6, 7]).buffer, 1),
  error: () => new RangeError("a value"),
  evalError: () => new EvalError("a value"),
  referenceError: () => new ReferenceError("a value"),
  syntaxError: () => new SyntaxError("a value"),
  uriError: () => new URIError("a value"),
  errorWithCause: () => new TypeError("outer", { cause: new Error("inner") }),
  headers: () => new Headers({ "x-test": "1" }),
  blob: () => new Blob(["blob"], { type: "text/plain" }),
  request: () => new Request("https://a.test/b", { method: "POST", headers: { "x-test": "1" }, body: "request" }),
  response: () => new Response("response", { status: 201, headers: { "x-test": "2" } }),
  emptyResponse: () => new Response(null, { status: 204 }),
  map: () => new Map([[1, "a"], ["k", new Date(0)]]),
  mapOfStrings: () => new Map([["a", 1], ["b", [2]]]),
  set: () => new Set(["a", 1]),
  regexp: () => /a+/gi,
  function: () => (x) => x + 1,
  target: () => new Counter(5),
  readable: () => new Blob(["stream"]).stream(),
  float16Array: () => new Float16Array([1.5]),
  booleanObject: () => [Object(true)],
  longBigInt: () => [10n ** 16_384n],
  errorResponse: () => ({ response: Response.error() }),
  deep: () => nested(256, 7),
  deepResponse: () => nested(255, new Response()),
  aggregateError: () => new AggregateError([new RangeError("one")], "several"),
  sparse: () => [1, , 3],
  cyclic: () => {
    const value = { list: [1] };
    value.list.push({ again: value });
    return value;
  },
};

function nested(levels, value) {
  for (let i = 0; i < levels; i++) value = [value];
  return value;
}

export function make(name) {
  return VALUES[name]();
}
