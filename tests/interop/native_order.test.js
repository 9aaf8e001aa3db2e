/** In which order calls on native objects arrive, whatever of them is ready and what is not. */
import { RpcTarget } from "capnweb";
import { describe, expect, it } from "vitest";
import { connect, SESSIONS } from "./connect.js";
import { beyondReference } from "./expectations.js";

const newName = () => `order-${crypto.randomUUID()}`;

/** Rows of `[what, calls, results]`: each result tells which calls have come before. */
const ORDERS = [
  [
    "calls on one object",
    ({ room }) => [room.setValue(1), room.getValue(), room.setValue(2), room.getValue()],
    [undefined, 1, undefined, 2],
  ],
  [
    "calls on the promise of an object",
    ({ room }) => {
      const counter = room.makeCounter(0);
      return [counter.increment(), counter.increment(2), counter.increment(5), counter.value];
    },
    [1, 3, 8, 8],
  ],
  [
    "getters are read when their values are asked for, as the runtime has it: behind the calls of a client's turn",
    ({ room }) => {
      const counter = room.makeCounter(0);
      return [counter.value, counter.increment(), counter.value, counter.increment()];
    },
    [2, 1, 2, 2],
  ],
  [
    "calls on the promises of two objects, in turns",
    ({ room, greeter }) => {
      const [one, other] = [room.makeCounter(0), greeter.makeCounter(10)];
      return [one.increment(), other.increment(), one.increment(2), other.increment(2), one.increment()];
    },
    [1, 11, 3, 13, 4],
  ],
  [
    "native calls between calls of Rust",
    ({ api, room }) => [api.log("a"), room.setValue(3), api.log("b"), room.getValue(), api.logged()],
    [undefined, undefined, undefined, 3, ["a", "b"]],
  ],
];

/** Answers a native call once its gate opens. */
class Held extends RpcTarget {
  #gate;
  #value;

  constructor(gate, value) {
    super();
    this.#gate = gate;
    this.#value = value;
  }

  async increment() {
    await this.#gate;
    return this.#value;
  }
}

/**
 * Rows of `[what, calls, log]`: the log of the main object once all calls are answered. What is `held` is a native
 * result that comes when all else has been done.
 */
const LOGS = [
  [
    "calls that wait for results of one native object",
    ({ api, room }) => ["a", "b", "c"].map((entry) => api.log(room.echo(entry))),
    ["a", "b", "c"],
  ],
  [
    "calls that wait for native results let those go first that do not",
    ({ api, held }) => [api.log("a"), api.log(held("native")), api.log("b"), api.log(held("later")), api.log("c")],
    ["a", "b", "c", "native", "later"],
  ],
  [
    "calls on a result of Rust that holds native results",
    ({ api, held }) => {
      const echoed = api.echo({ self: api.self(), value: held("native") });
      return [echoed.self.log("a"), echoed.self.log("b"), api.log("first")];
    },
    ["first", "a", "b"],
  ],
];

const objects = (api) => ({ api, room: api.getDurableObject(newName()), greeter: api.getGreeter() });

describe.each(SESSIONS)("order of native calls over %s", (_, open) => {
  it.each(ORDERS)("%s", async (_what, calls, results) => {
    using api = await open();
    expect(await Promise.all(calls(objects(api)))).toEqual(results);
  });
});

describe("order of native calls", () => {
  it.each(LOGS)("%s", async (_what, calls, log) => {
    using api = await connect();
    const { promise: gate, resolve: open } = Promise.withResolvers();
    const { room } = objects(api);
    const answers = Promise.all(calls({ api, room, held: (value) => room.callCounter(new Held(gate, value)) }));
    await api.logged();
    open();
    await answers;
    expect(await api.logged()).toEqual(log);
  });

  it("calls on a promise come before calls on the native object that it became", async () => {
    using api = await connect();
    const promise = objects(api).room.makeCounter(0);
    const early = [promise.increment(), promise.increment(2)];
    using counter = await promise;
    expect(await Promise.all([...early, counter.increment(), counter.value])).toEqual([1, 3, 4, 4]);
  });

  beyondReference("calls wait in order for a promise that becomes a native object late", async () => {
    using api = await connect();
    using counter = await objects(api).room.makeCounter(10);
    const { promise: gate, resolve: release } = Promise.withResolvers();
    const late = api.callFunction(() => gate, 0).result;
    const waiting = [late.increment(), late.increment(2), late.value];
    expect(await counter.increment(100)).toBe(110);
    release(counter.dup());
    expect(await Promise.all(waiting)).toEqual([111, 113, 113]);
    expect(await counter.value).toBe(113);
  });
});
