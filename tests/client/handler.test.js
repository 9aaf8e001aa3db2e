import { expect, inject, it } from "vitest";

/** Rows of `[path, status, text]`. What follows a panic is answered by a new instance. */
const ROWS = [
  ["/handler/ready", 200, "at once"],
  ["/handler/waits", 200, "later"],
  ["/handler/fails", 500, "The server failed."],
  ["/handler/panics", 500, "The server failed."],
  ["/handler/ready", 200, "at once"],
  ["/handler/waits-and-panics", 500, "The server failed."],
  ["/handler/waits", 200, "later"],
  ["/handler/nowhere", 404, "Not found"],
];

it.each(["client", "plain"])("the Worker %s answers for its handler, whatever that does", async (name) => {
  for (const [path, status, text] of ROWS) {
    const response = await fetch(inject(name) + path);
    expect([path, response.status, await response.text()]).toEqual([path, status, text]);
  }
});
