import { describe, expect, inject, it } from "vitest";
import { connect, SESSIONS } from "./connect.js";
import { rejection } from "./expectations.js";
import { ClientCounter, trackedFunction } from "./targets.js";

/** What this Worker's own tests are about: the reference has no such objects. */
const isReference = inject("server") === "reference";

/** Vitest's plugin wraps the classes of the Worker in its own, which take every member for a method. */
const isWrapped = globalThis.navigator?.userAgent === "Cloudflare-Workers";

const newName = () => `face-${crypto.randomUUID()}`;

/** What JavaScript gets that calls a Rust object natively. */
const USED = {
  greeting: "Hello, JS!",
  answer: 42,
  counted: [4, 6, 6],
  own: 10,
  echoed: { date: new Date(0), list: [1n, undefined] },
  error: ["TypeError", "with props", "E_TEST", "inner"],
};

describe.skipIf(isReference)("Rust objects called natively", () => {
  it.skipIf(isWrapped)("a Durable Object by JavaScript", async () => {
    using api = await connect();
    const used = await api.getDurableObject(newName()).useRust("FACE", newName());
    expect(used).toEqual({ ...USED, notified: 1, heard: ["news"] });
  });

  it.skipIf(isWrapped)("an entrypoint by JavaScript", async () => {
    using api = await connect();
    const used = await api.getDurableObject(newName()).useRust("RUST_GREETER");
    // It is made anew for each request.
    expect(used).toEqual({ ...USED, notified: "nobody has subscribed", heard: [] });
  });

  it.each(SESSIONS)("a Durable Object by Rust, for a client over %s", async (_, open) => {
    using api = await open();
    const face = api.getFace(newName());
    const counter = face.makeCounter(1);
    expect(await Promise.all([face.greet("you"), counter.increment(), counter.increment(2)])).toEqual([
      "Hello, you!",
      2,
      4,
    ]);
  });

  it.skipIf(isWrapped)("a getter of a Durable Object by Rust", async () => {
    using api = await connect();
    expect(await api.getFace(newName()).answer).toBe(42);
  });

  it("a callback of a client is kept, called later and disposed of", async () => {
    using api = await connect();
    const face = api.getFace(newName());
    const callback = trackedFunction((value) => `heard ${value}`);
    await face.subscribe(callback);
    expect(await face.notify("one")).toBe("heard one");
    expect(callback.released).toBe(false);
    await face.unsubscribe();
    await callback.whenReleased;
    expect((await rejection(face.notify("two"))).message).toBe("nobody has subscribed");
  });

  it("a function of a client is called that stands behind a number", async () => {
    using api = await connect();
    expect(await api.getFace(newName()).apply(5, (i) => i * 2)).toBe(10);
  });

  it("a target of a client is called and comes back", async () => {
    using api = await connect();
    const face = api.getFace(newName());
    expect(await face.callCounter(new ClientCounter(6))).toBe(7);
    using echoed = await face.echo(new ClientCounter(1));
    expect(await echoed.increment()).toBe(2);
  });
});
