// Every kind of value, to the server and back.

import assert from "node:assert/strict";
import { inspect } from "node:util";

/** Echoes the values one after another and checks that they come back as they went. */
function echoes(name, about, values, same = assert.deepEqual) {
  return {
    name: `values_${name}`,
    about,
    async script({ api }) {
      for (const value of values) same(await api.echo(value), value);
    },
  };
}

const buffer = Uint8Array.from({ length: 16 }, (_, i) => i * 17).buffer;
const containers = [
  new Uint8Array(0),
  new Uint8Array([1]),
  new Uint8Array([1, 2]),
  new Uint8Array([1, 2, 3]),
  new Uint8Array([251, 255, 254, 63]),
  buffer,
  new DataView(buffer, 2, 5),
  new Int8Array([-1, 1]),
  new Uint8ClampedArray([0, 255]),
  new Int16Array([-2, 258]),
  new Uint16Array([258]),
  new Int32Array([-3]),
  new Uint32Array([16909060]),
  new BigInt64Array([-4n]),
  new BigUint64Array([5n]),
  new Float32Array([1.5, -0.25]),
  new Float64Array([Math.PI]),
  new Float64Array(0),
];

function sameBytes(actual, expected) {
  assert.equal(Object.prototype.toString.call(actual), Object.prototype.toString.call(expected));
  const bytes = (value) => (ArrayBuffer.isView(value)
    ? [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)]
    : [...new Uint8Array(value)]);
  assert.deepEqual(bytes(actual), bytes(expected));
}

/** For dates: two invalid ones are equal. */
function sameText(actual, expected) {
  assert.equal(inspect(actual), inspect(expected));
}

function sameMixed({ bytes, ...actual }, { bytes: expectedBytes, ...expected }) {
  sameBytes(bytes, expectedBytes);
  assert.deepEqual(actual, expected);
}

function sameError(actual, expected) {
  assert.equal(actual.constructor, expected.constructor);
  assert.equal(actual.message, expected.message);
  assert.equal(actual.cause?.message, expected.cause?.message);
  assert.equal(actual.errors?.length, expected.errors?.length);
}

class CustomError extends Error {
  name = "CustomError";
}

async function errors({ api }) {
  for (const type of [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError]) {
    sameError(await api.echo(new type("of its type")), new type("of its type"));
  }
  sameError(await api.echo(new Error("")), new Error(""));
  const custom = await api.echo(new CustomError("unknown name"));
  assert.equal(custom.constructor, Error);
}

async function errorProps({ api }) {
  const full = Object.assign(new RangeError("full"), {
    code: "E_FULL", count: 3, list: [1, [2]], when: new Date(5), nothing: undefined,
  });
  const back = await api.echo(full);
  assert.deepEqual({ ...back }, { ...full });

  const caused = new Error("outer", { cause: new TypeError("middle", { cause: { plain: true } }) });
  sameError(await api.echo(caused), caused);

  const many = new AggregateError([new Error("one"), "two", 3], "many");
  sameError(await api.echo(many), many);

  const nested = await api.echo({ inside: [new Error("nested")] });
  sameError(nested.inside[0], new Error("nested"));
}

function sameHeaders(actual, expected) {
  assert.deepEqual([...actual], [...expected]);
}

async function requests({ api }) {
  const url = "https://example.com/path?q=1";
  const plain = await api.echo(new Request(url));
  assert.equal(plain.url, url);
  const full = await api.echo(new Request(url, {
    method: "DELETE", headers: { "x-one": "1", accept: "text/plain" }, redirect: "manual",
  }));
  assert.equal(full.method, "DELETE");
  assert.equal(full.headers.get("x-one"), "1");
  await api.echo(new Request(url, {
    cache: "no-store", integrity: "sha256-AAAA", mode: "same-origin", credentials: "include", keepalive: true,
    referrer: "https://example.com/from", referrerPolicy: "origin",
  }));
}

async function responses({ api }) {
  const plain = await api.echo(new Response(null));
  assert.equal(plain.status, 200);
  const full = await api.echo(new Response(null, {
    status: 404, statusText: "Nowhere", headers: { "x-test": "yes" },
  }));
  assert.equal(full.status, 404);
  assert.equal(full.statusText, "Nowhere");
}

export const values = [
  echoes("json", "null, booleans, strings and small numbers are plain JSON",
    [null, true, false, "", "text", 0, 1, -1, 1.5]),
  echoes("strings", "escapes, control characters, text of every plane, strings that look like messages",
    ["quote \" slash / backslash \\", "\b\f\n\r\t\u0000\u001f\u007f", "é ✓ 漢字 😀", "\u2028\u2029",
      "[\"push\",1]", "__proto__"]),
  echoes("numbers", "numbers at the edges of a double",
    [9007199254740991, -9007199254740991, 4294967296, 0.1, 1e21, 1.7976931348623157e308, 5e-324,
      -2.5e-7]),
  echoes("special_numbers", "infinities and not-a-number", [Infinity, -Infinity, NaN, { in: [Infinity, NaN] }]),
  echoes("undefined", "undefined on its own, in arrays and in objects",
    [undefined, [undefined], [undefined, null], { gone: undefined, null: null }]),
  echoes("arrays", "arrays are escaped by a second pair of brackets",
    [[], [[]], [1, "two", [3, [4]]], [["date", 5]], ["undefined"], [[[[]]]]]),
  echoes("objects", "objects are plain, what is inside is not",
    [{}, { a: 1, b: { c: [{ d: null }] } }, { "": 0, "with space": 1, "0": 2 }, [{ a: [] }, {}]]),
  echoes("bigint", "big integers in decimal", [0n, 1n, -1n, 9007199254740993n, -(2n ** 128n), [7n]]),
  echoes("date", "dates in milliseconds, null for the invalid one",
    [new Date(0), new Date(1749342170815), new Date(-1), new Date(8.64e15), new Date(NaN), { at: new Date(1) }],
    sameText),
  echoes("bytes", "bytes in base64 without padding; every container", containers, sameBytes),
  { name: "values_error", about: "errors of each type; a stack never goes along", script: errors },
  { name: "values_error_props", about: "own properties, cause and errors of errors", script: errorProps },
  echoes("url", "URLs", [new URL("https://example.com/a b?q=ü#f"), new URL("about:blank")]),
  echoes("headers", "headers as pairs",
    [new Headers(), new Headers([["X-Test", "1"], ["accept", "a"], ["accept", "b"]])], sameHeaders),
  { name: "values_request", about: "requests without a body", script: requests },
  { name: "values_response", about: "responses without a body", script: responses },
  echoes("mixed", "everything in one value", [{
    list: [1n, new Date(2), [undefined, -Infinity]],
    bytes: new Uint8Array([9]),
    object: { nested: { deep: [[new URL("https://example.com/")]] } },
  }], sameMixed),
];
