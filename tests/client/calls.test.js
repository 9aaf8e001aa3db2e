import { newHttpBatchRpcResponse, RpcTarget } from "capnweb";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rejection } from "../interop/expectations.js";
import { client, conformance, KINDS, listen, nobody, SOCKETS } from "./peers.js";

let rust;
beforeAll(() => {
  rust = client();
});
afterAll(() => rust[Symbol.dispose]());

/** Rows of `[method, arguments, result]`: they pass through Rust as they are. */
const CALLS = [
  ["add", [2, 3], 5],
  ["greet", ["Ada", "?"], "Hello, Ada?"],
  ["returnUndefined", [], undefined],
  ["returnNull", [], null],
  ["range", [3], [0, 1, 2]],
  ["echo", [{ list: [[1], []], text: "é\n\"" }], { list: [[1], []], text: "é\n\"" }],
  ["echo", [new Date(5)], new Date(5)],
  ["echo", [12345678901234567890n], 12345678901234567890n],
  ["echo", [new Uint8Array([0, 255])], Buffer.from([0, 255])],
  ["typeOf", [undefined], "undefined"],
];

describe.each(KINDS)("calls by %s", (kind) => {
  it.each(CALLS)("%s, row %#", async (method, args, result) => {
    expect(await rust.call(conformance(kind), method, ...args)).toStrictEqual(result);
  });

  it("a property", async () => {
    const nested = await rust.get(conformance(kind), "nested");
    expect([nested.list, nested.deep]).toEqual([[1, 2, 3], { value: 42 }]);
  });

  it("typed calls", async () => {
    const [square, hello, question, list] = await rust.plain(conformance(kind));
    expect([square, hello, question, list]).toEqual([25, "Hello, Ada!", "Hello, Ada?", [1, 2, 3]]);
  });

  it("calls on results that are not there yet", async () => {
    expect(await rust.pipelined(conformance(kind))).toEqual([4, 5, 7, 14]);
  });

  it("maps over results", async () => {
    expect(await rust.mapped(conformance(kind))).toEqual([
      [0, 1, 4, 9, 16],
      [10, 11, 13, 16],
    ]);
  });

  it("a call whose result is left is made", async () => {
    expect(await rust.left(conformance(kind))).toEqual(["left"]);
  });

  it("many sessions at once, in many requests", async () => {
    const runs = Array.from({ length: 20 }, async (_, i) => {
      using own = client();
      return await own.call(conformance(kind), "square", i);
    });
    expect(await Promise.all(runs)).toEqual(runs.map((_, i) => i * i));
  });

  it.each([
    [
      "throwWithProps",
      {
        kind: "TypeError",
        message: "with props",
        code: "E_TEST",
        details: { at: 7 },
        cause: { kind: "Error", message: "inner" },
      },
    ],
    ["throwError", { kind: "RangeError", message: "test error" }],
    ["fail", { kind: "Error", message: "refused" }],
    ["missing", { kind: "TypeError", message: "'missing' is not a function." }],
  ])("the error of %s", async (method, error) => {
    expect(await rust.caught(conformance(kind), method, "refused")).toEqual(error);
  });

  it("a message above the limit ends the session", async () => {
    const { message } = await rust.limited(conformance(kind));
    expect(message).toMatch(/1000|large|limit/i);
  });

  it("nobody listens", async () => {
    expect(await rejection(rust.call(await nobody(kind), "square", 2))).toBeInstanceOf(Error);
  });

  it("an address that is none", async () => {
    expect(await rejection(rust.call({ kind, url: "no address" }, "square", 2))).toBeInstanceOf(Error);
  });
});

describe.each(SOCKETS)("capabilities by %s", (kind) => {
  it("a counter of the server lives on in the caller's hands", async () => {
    using counter = await rust.call(conformance(kind), "makeCounter", 3);
    expect([await counter.increment(), await counter.increment(2)]).toEqual([4, 6]);
  });

  it("a function of the caller is called through Rust", async () => {
    expect(await rust.call(conformance(kind), "callFunction", (i) => i * 2, 21)).toEqual({ result: 42 });
  });

  it("functions and targets of Rust are called by the server", async () => {
    expect(await rust.callbacks(conformance(kind))).toEqual([42, [9, 16], 5, 5]);
  });

  it("a kept callback lives as long as it is kept", async () => {
    expect(await rust.kept(conformance(kind))).toEqual([12, true, false]);
  });

  it("a callback's error comes back", async () => {
    const error = { kind: "RangeError", message: "from Rust", code: "E_RUST" };
    expect(await rust.failingCallback(conformance(kind))).toEqual(error);
  });

  it("a callback's error passes on_send_error", async () => {
    expect(await rust.rewrittenError(conformance(kind))).toEqual({ kind: "Error", message: "hidden" });
  });
});

class Squares extends RpcTarget {
  square(i) {
    return i * i;
  }

  makeCounter(i) {
    return new Counter(i);
  }
}

class Counter extends RpcTarget {
  #value;

  constructor(value) {
    super();
    this.#value = value;
  }

  increment(amount = 1) {
    return (this.#value += amount);
  }

  get value() {
    return this.#value;
  }
}

const ENDED = { kind: "Error", message: "Batch RPC request ended." };

/** npm `capnweb` as the server of batches. */
function npmServer() {
  const onRequest = async (body, response) => {
    const answer = await newHttpBatchRpcResponse(new Request("http://npm.test", { method: "POST", body }), new Squares());
    response.end(await answer.text());
  };
  return listen({ onRequest });
}

describe("a batch", () => {
  it("has all calls in one request", async () => {
    await using server = await npmServer();
    expect(await rust.pipelined(server.at("batch"))).toEqual([4, 5, 7, 14]);
    expect(server.bodies.length).toBe(1);
  });

  it("is over when it was answered", async () => {
    await using server = await npmServer();
    expect(await rust.late(server.at("batch"))).toEqual([4, ENDED, ENDED]);
    expect(server.bodies.length).toBe(1);
  });

  it("without a call is not sent", async () => {
    await using server = await npmServer();
    expect(await rust.idle(server.at("batch"), server.at("batch"))).toBe(9);
    expect(server.bodies.length).toBe(1);
  });

  it("has no callbacks", async () => {
    const error = await rejection(rust.callbacks(conformance("batch")));
    expect(error.message).toMatch(/batch/i);
  });

  const RESULT = '["resolve",1,4]';
  const failed = (message, kind = "Error") => ({ kind, message });

  it.each([
    ["status 500", 500, "", failed("RPC request failed: 500 Internal Server Error")],
    ["status 404 with a result", 404, RESULT, failed("RPC request failed: 404 Not Found")],
    ["status 304", 304, "", failed("RPC request failed: 304 Not Modified")],
    ["nothing", 200, "", ENDED],
    ["no answer to the call", 200, '["resolve",2,4]', undefined],
    ["an abort", 200, '["abort",["error","RangeError","enough"]]', failed("enough", "RangeError")],
    ["a rejection", 200, '["reject",1,["error","URIError","no"]]', failed("no", "URIError")],
    ["no messages", 200, "<html>", undefined],
  ])("that is answered with %s rejects", async (_what, status, body, error) => {
    await using server = await listen({ onRequest: (_, response) => response.writeHead(status).end(body) });
    const caught = await rust.caught(server.at("batch"), "square", 2);
    expect(caught).toEqual(error ?? { kind: expect.any(String), message: expect.any(String) });
    expect(server.bodies).toEqual(['["push",["pipeline",0,["square"],[2]]]\n["pull",1]']);
  });

  it.each([200, 201, 299])("that is answered with status %i resolves", async (status) => {
    await using server = await listen({ onRequest: (_, response) => response.writeHead(status).end(RESULT) });
    expect(await rust.call(server.at("batch"), "square", 2)).toBe(4);
  });

  it("fails with the connection", async () => {
    await using server = await listen({ onRequest: (_, response) => response.destroy() });
    const [waiting, broken, later] = await rust.lost(server.at("batch"));
    expect(waiting.message).toMatch(/network|connection/i);
    expect([broken, later]).toEqual([waiting, waiting]);
  });
});
