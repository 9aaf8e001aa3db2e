/** Functions of JavaScript that Rust gives to a client: they can be called, and that is all. */
import { describe, expect, inject, it } from "vitest";

/** The answer to a batch that does something with the `place`th function, which is import 2. */
async function answer(place, ...expression) {
  const lines = [
    ["push", ["pipeline", 0, ["answering"], []]],
    ["push", ["pipeline", 1, [place]]],
    ["push", ["pipeline", 2, ...expression]],
    ["pull", 3],
  ];
  const body = lines.map((line) => JSON.stringify(line)).join("\n");
  const response = await fetch(`${inject("client")}/waiting`, { method: "POST", body });
  return (await response.text()).split("\n").map((line) => JSON.parse(line)).at(-1);
}

describe.each([
  ["as a stub", 0],
  ["in a value", 1],
])("a function of JavaScript %s", (_, place) => {
  it("is called", async () => {
    expect(await answer(place, [], ["you"])).toEqual(["resolve", 3, "Hello, you!"]);
  });

  it.each(["bind", "prototype", "original", "_wbg_cb_unref"])("has no %s", async (name) => {
    const [kind, , value] = await answer(place, [name]);
    expect([kind, value[1]]).toEqual(["reject", "TypeError"]);
  });
});
