import { RpcStub, RpcTarget } from "capnweb";
import { describe, expect, it } from "vitest";
import { connect, SESSIONS } from "./connect.js";
import { beyondReference, rejection } from "./expectations.js";
import { ClientCounter } from "./targets.js";

describe.each(SESSIONS)("capabilities of the server over %s", (_, open) => {
  it("makeCounter counts", async () => {
    using api = await open();
    const counter = api.makeCounter(10);
    expect(await Promise.all([counter.increment(), counter.increment(5), counter.value])).toEqual([11, 16, 16]);
  });

  it("each counter counts by itself", async () => {
    using api = await open();
    const [a, b] = [api.makeCounter(0), api.makeCounter(100)];
    expect(await Promise.all([a.increment(), b.increment(), a.increment(2)])).toEqual([1, 101, 3]);
  });

  it("a counter handed back to the server is the same counter", async () => {
    using api = await open();
    const counter = api.makeCounter(4);
    const [there, here] = await Promise.all([api.incrementCounter(counter, 2), counter.increment(3)]);
    expect([there, here]).toEqual(there === 6 ? [6, 9] : [9, 7]);
  });

  it("friends are three names with three counters", async () => {
    using api = await open();
    using friends = await api.friends();
    expect(friends).toHaveLength(3);
    expect(friends.map(({ name }) => typeof name)).toEqual(["string", "string", "string"]);
    expect(friends.map(({ counter }) => typeof counter.increment)).toEqual(["function", "function", "function"]);
  });
});

describe("capabilities of the server", () => {
  it("stay in use after their call", async () => {
    using api = await connect();
    using counter = await api.makeCounter(1);
    expect(await counter.increment()).toBe(2);
    expect(await counter.increment(10)).toBe(12);
    expect(await counter.value).toBe(12);
  });

  it("may be handed back as awaited stubs", async () => {
    using api = await connect();
    using counter = await api.makeCounter(1);
    expect(await api.incrementCounter(counter, 2)).toBe(3);
    expect(await api.incrementCounter(counter)).toBe(4);
    expect(await counter.value).toBe(4);
  });

  it("friends count each by itself", async () => {
    using api = await connect();
    using friends = await api.friends();
    const before = await Promise.all(friends.map(({ counter }) => counter.value));
    const after = await Promise.all(friends.map(({ counter }, i) => counter.increment(i + 1)));
    expect(after).toEqual(before.map((value, i) => value + i + 1));
  });

  it("self is the very target of the session", async () => {
    using api = await connect();
    using self = await api.self();
    await self.log("through self");
    expect(await api.logged()).toEqual(["through self"]);
    expect(await api.callSquare(self, 4)).toEqual({ result: 16 });
  });

  it("come back from echo in use", async () => {
    using api = await connect();
    using counter = await api.echo(api.makeCounter(1));
    using inside = await api.echo({ list: [api.makeCounter(10), api.makeCounter(20)] });
    expect(await counter.increment()).toBe(2);
    expect(await inside.list[0].increment()).toBe(11);
    expect(await inside.list[1].increment()).toBe(21);
  });

  beyondReference("come back from echo in use as awaited stubs, alone and inside values", async () => {
    using api = await connect();
    using counter = await api.makeCounter(1);
    using alone = await api.echo(counter);
    using inside = await api.echo({ list: [counter, counter] });
    expect(await alone.increment()).toBe(2);
    expect(await inside.list[0].increment()).toBe(3);
    expect(await inside.list[1].increment()).toBe(4);
    expect(await counter.value).toBe(4);
  });

  it("come out of nested in use", async () => {
    using api = await connect();
    using nested = await api.nested;
    expect(await nested.square(12)).toBe(144);
    expect(await nested.counter.increment(2)).toBe(2);
    expect(await nested.counter.value).toBe(2);
  });
});

describe("callbacks", () => {
  it.each([
    ["a number", (i) => i + 1, 4],
    ["undefined", () => {}, undefined],
    ["an object", (i) => ({ i, at: new Date(i) }), { i: 3, at: new Date(3) }],
    ["bytes", (i) => new Float32Array([i]), new Float32Array([3])],
    ["an array", (i) => [[i], []], [[3], []]],
    ["a promise", (i) => Promise.resolve(i * 2), 6],
  ])("return %s", async (_what, callback, result) => {
    using api = await connect();
    expect(await api.callFunction(callback, 3)).toEqual({ result });
  });

  it("may be async", async () => {
    using api = await connect();
    const later = async (i) => {
      await Promise.resolve();
      return i + 0.5;
    };
    expect(await api.callFunction(later, 1)).toEqual({ result: 1.5 });
  });

  it("are called twice at once by callTwice", async () => {
    using api = await connect();
    const both = Promise.withResolvers();
    const seen = [];
    const callback = async (i) => {
      seen.push(i);
      if (seen.length === 2) {
        both.resolve();
      }
      await both.promise;
      return i * 10;
    };
    expect(await api.callTwice(callback, 1)).toEqual([10, 20]);
    expect(seen).toEqual([1, 2]);
  });

  it("call the server while it serves the call that called them", async () => {
    using api = await connect();
    const callback = async (i) => (await api.square(i)) + (await api.add(i, 1));
    expect(await api.callFunction(callback, 3)).toEqual({ result: 13 });
  });

  it("nest: a callback passes a callback", async () => {
    using api = await connect();
    const inner = (i) => i + 1;
    const outer = async (i) => (await api.callFunction(inner, i * 10)).result;
    expect(await api.callFunction(outer, 2)).toEqual({ result: 21 });
  });

  it("return promises of the server", async () => {
    using api = await connect();
    expect(await api.callFunction((i) => api.square(i), 5)).toEqual({ result: 25 });
  });

  it("return values with promises of the server inside", async () => {
    using api = await connect();
    const callback = (i) => ({ squares: [api.square(i), api.square(i + 1)] });
    expect(await api.callFunction(callback, 2)).toEqual({ result: { squares: [4, 9] } });
  });

  it("return targets of the client", async () => {
    using api = await connect();
    using answer = await api.callFunction((i) => new ClientCounter(i), 5);
    expect(await answer.result.increment(2)).toBe(7);
  });

  beyondReference("return targets of the server", async () => {
    using api = await connect();
    using answer = await api.callFunction((i) => api.makeCounter(i), 5);
    expect(await answer.result.increment(3)).toBe(8);
  });

  it("are pipelined upon before they have returned", async () => {
    using api = await connect();
    expect(await api.callFunction((i) => new ClientCounter(i), 5).result.increment(2)).toBe(7);
    const callback = async (i) => ({ counter: await api.makeCounter(i) });
    expect(await api.callFunction(callback, 5).result.counter.increment(2)).toBe(7);
  });

  beyondReference("are pipelined upon before they have returned a target of the server", async () => {
    using api = await connect();
    expect(await api.callFunction((i) => api.makeCounter(i), 5).result.increment(2)).toBe(7);
  });

  it("take capabilities as arguments", async () => {
    using api = await connect();
    const callback = async (counter) => counter.increment(4);
    await api.keep(callback);
    expect(await api.callKept(api.makeCounter(1))).toBe(5);
    expect(await api.callKept(new ClientCounter(2))).toBe(6);
    await api.dropKept();
  });
});

describe("targets of the client", () => {
  it("are called by the server", async () => {
    using api = await connect();
    const counter = new ClientCounter(4);
    expect(await api.incrementCounter(counter, 9)).toBe(13);
    expect(await api.incrementCounter(counter)).toBe(14);
    expect(counter.value).toBe(14);
  });

  it("may be a stub, a target or a plain function", async () => {
    using api = await connect();
    class Squares extends RpcTarget {
      square(i) {
        return i * i;
      }
    }
    using stub = new RpcStub(new Squares());
    expect(await api.callSquare(stub, 3)).toEqual({ result: 9 });
    expect(await api.callSquare(new Squares(), 4)).toEqual({ result: 16 });
    expect(await api.callFunction((i) => -i, 5)).toEqual({ result: -5 });
  });

  it("may be passed twice in one call, and in two calls", async () => {
    using api = await connect();
    const counter = new ClientCounter(0);
    using answer = await api.echo([counter, counter]);
    expect(await answer[0].increment()).toBe(1);
    expect(await answer[1].increment()).toBe(2);
    expect(await Promise.all([api.incrementCounter(counter), api.incrementCounter(counter)])).toEqual([3, 4]);
  });

  it("come back from echo to their owner", async () => {
    using api = await connect();
    const counter = new ClientCounter(7);
    using answer = await api.echo({ counter });
    expect(await answer.counter.increment()).toBe(8);
    expect(counter.value).toBe(8);
  });

  it("are pipelined upon through echo", async () => {
    using api = await connect();
    const counter = new ClientCounter(7);
    expect(await api.echo({ counter }).counter.increment(3)).toBe(10);
    expect(await api.echo(counter).increment(3)).toBe(13);
  });

  it("fail the server's call of a method that they lack", async () => {
    using api = await connect();
    expect((await rejection(api.callSquare(new ClientCounter(1), 2))).message).toMatch(/square/);
    expect((await rejection(api.incrementCounter(() => 1))).message).toMatch(/increment/);
  });

  it("are read by getters of the server's results", async () => {
    using api = await connect();
    const counter = new ClientCounter(3);
    expect(await api.echo({ counter }).counter.value).toBe(3);
  });
});

describe("capabilities of one session given to another", () => {
  it("are called through the client between them", async () => {
    using first = await connect();
    using second = await connect();
    using counter = await first.makeCounter(20);
    expect(await second.incrementCounter(counter, 2)).toBe(22);
    expect(await second.callSquare(first.self(), 5)).toEqual({ result: 25 });
    expect(await counter.value).toBe(22);
  });

  it("as callbacks too", async () => {
    using first = await connect();
    using second = await connect();
    expect(await second.callFunction(first.square, 6)).toEqual({ result: 36 });
  });
});
