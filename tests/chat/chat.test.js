/** The chat example in Chromium: two pages, and a room that sleeps in between. */
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";
import { start } from "../interop/serve.js";

const CHROMIUM = process.env.CHROMIUM ?? "/usr/bin/chromium";
const SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const path = (name) => fileURLToPath(new URL(name, import.meta.url));

let worker;
let browser;
let address;

beforeAll(async () => {
  if (!existsSync(CHROMIUM)) {
    throw new Error(`There is no Chromium at ${CHROMIUM}: install it (on Debian, apt-get install chromium), or set CHROMIUM.`);
  }
  worker = await start(path("wrangler.toml"));
  address = (await worker.url).origin;
  browser = await chromium.launch({ executablePath: CHROMIUM, args: SWITCHES });
});

afterAll(async () => {
  await browser?.close();
  await worker?.dispose();
});

/** A page in a room, and how often it has opened a WebSocket. */
async function open(room) {
  const page = await browser.newPage({ viewport: { width: 900, height: 560 } });
  const visitor = { page, sockets: 0, errors: [] };
  page.on("websocket", () => (visitor.sockets += 1));
  page.on("pageerror", (error) => visitor.errors.push(error.message));
  await page.goto(`${address}/?room=${room}`);
  await page.getByText(`In “${room}”`).waitFor();
  return visitor;
}

async function join(room, name) {
  const visitor = await open(room);
  await visitor.page.getByLabel("Your name").fill(name);
  await visitor.page.getByRole("button", { name: "Join" }).click();
  await visitor.page.locator("#members li", { hasText: name }).waitFor();
  return visitor;
}

async function say({ page }, text) {
  await page.getByLabel("Message", { exact: true }).fill(text);
  await page.getByRole("button", { name: "Send" }).click();
}

/** Waits until a page shows these messages. */
async function shows({ page }, texts) {
  await expect.poll(() => page.locator("#messages li").evaluateAll((items) => items.map((item) => item.lastChild.textContent))).toEqual(texts);
}

async function members({ page }, names) {
  await expect.poll(() => page.locator("#members li").allTextContents()).toEqual(names);
}

async function sleep(room) {
  const response = await fetch(`${address}/sleep/${room}`, { method: "POST" });
  expect(await response.text()).toBe("asleep");
}

it("two people talk in a room that sleeps in between", async () => {
  const ann = await join("harbor", "Ann");
  const bob = await join("harbor", "Bob");
  await members(ann, ["Ann", "Bob"]);
  await say(ann, "Is the boat ready?");
  await shows(bob, ["Is the boat ready?"]);
  await sleep("harbor");
  await say(bob, "The topsail is up.");
  await shows(ann, ["Is the boat ready?", "The topsail is up."]);
  await sleep("harbor");
  await say(ann, "Then we sail at noon.");
  await say(bob, "Aye!");
  const all = ["Is the boat ready?", "The topsail is up.", "Then we sail at noon.", "Aye!"];
  await shows(ann, all);
  await shows(bob, all);
  if (process.env.SCREENSHOT) await ann.page.screenshot({ path: process.env.SCREENSHOT });

  const cid = await open("harbor");
  await shows(cid, all);
  await sleep("harbor");
  await bob.page.close();
  await members(ann, ["Ann"]);
  expect([ann.sockets, ann.errors, cid.errors]).toEqual([1, [], []]);
});

it("a name that is none is refused, and the page says why", async () => {
  const { page } = await open("pier");
  await page.getByLabel("Your name").fill("   ");
  await page.getByRole("button", { name: "Join" }).click();
  await page.getByRole("alert").waitFor();
  await page.getByLabel("Your name").fill("Dee");
  await page.getByRole("button", { name: "Join" }).click();
  await page.locator("#members li", { hasText: "Dee" }).waitFor();
  await page.getByRole("alert").waitFor({ state: "hidden" });
});
