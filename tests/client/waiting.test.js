/** What a request has begun ends with it: then nothing will wake that any more. */
import { afterAll, beforeAll, expect, it } from "vitest";
import { open } from "./peers.js";

/** So many answers that wait are not watched. */
const UNWATCHED = 8;

let observer;
beforeAll(() => {
  observer = open("/waiting");
});
afterAll(() => observer[Symbol.dispose]());

const living = () => observer.living();

it.each(["wait", "sleep"])("calls of a socket that is closed are given up: %s", async (method) => {
  const before = await living();
  const session = open("/waiting");
  const calls = Array.from({ length: 5 }, () => session[method](() => {}));
  calls.forEach((call) => call.catch(() => {}));
  await expect.poll(living).toBe(before + 5);
  session[Symbol.dispose]();
  await expect.poll(living).toBe(before);
});

/** Batches with a call that waits. */
const BATCHES = [
  ["of a method", '["push",["pipeline",0,["wait"],[]]]\n["pull",1]'],
  ["of a native function", '["push",["pipeline",0,["never"],[]]]\n["push",["pipeline",1,[],[]]]\n["pull",2]'],
];

it.each(BATCHES)("batches whose requests are cancelled are given up, but for a few: %s", async (_, batch) => {
  for (let round = 0; round < 2; round += 1) {
    const session = open("/waiting");
    session.ask(20, batch).catch(() => {});
    await expect.poll(living).toBeGreaterThanOrEqual(20);
    session[Symbol.dispose]();
    await expect.poll(living).toBeLessThanOrEqual(UNWATCHED);
  }
});
