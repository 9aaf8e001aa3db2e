// Makes core/tests/transcripts/*.txt by running the npm package `capnweb` against itself.
//
//     node tests/transcripts/generate.mjs            write the files
//     node tests/transcripts/generate.mjs --check    exit 1 when a file is not what would be written
//
// A transcript is UTF-8 text, one item a line:
//
//     # text      a comment: first what the scenario shows, later what the client does next
//     # free: why the second line of some: the `<` frames are one of several right answers
//     > frame     a frame from the client to the server
//     < frame     a frame from the server to the client
//                 (empty) ends a step
//     # end server exports N imports N client exports N imports N
//
// A step is all frames one side had sent when it became idle. They are handed over one at a time, each dealt
// with completely before the next, and what the other side sends meanwhile is the next step. The last line
// has the table sizes of both sessions once nothing moves any more, entry 0 of each table counted: 1 and 1
// mean that nothing is left. `client …` is missing where the `>` frames are written by hand, and `closed`
// stands in place of a side's sizes when its session has ended.
//
// Within a step, frames that one incoming frame caused stand in the order of the package's microtasks.

import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { deliver, idle, startClient, startServer } from "./pair.mjs";
import { scenarios } from "./scenarios.mjs";

const folder = new URL("../../core/tests/transcripts/", import.meta.url);

async function main() {
  const wanted = new Map();
  for (const scenario of scenarios) {
    const file = `${scenario.name}.txt`;
    if (wanted.has(file)) throw new Error(`two scenarios are named ${scenario.name}`);
    wanted.set(file, await transcript(scenario));
  }
  if (process.exitCode) return;
  if (process.argv.includes("--check")) check(wanted);
  else write(wanted);
}

function write(wanted) {
  mkdirSync(folder, { recursive: true });
  for (const file of present()) if (!wanted.has(file)) rmSync(new URL(file, folder));
  for (const [file, text] of wanted) writeFileSync(new URL(file, folder), text);
  console.log(`${wanted.size} transcripts in ${fileURLToPath(folder)}`);
}

function check(wanted) {
  const stale = present().filter((file) => !wanted.has(file));
  for (const [file, text] of wanted) {
    const place = new URL(file, folder);
    if (!existsSync(place) || readFileSync(place, "utf8") !== text) stale.push(file);
  }
  for (const file of stale) console.error(`not as generated: ${file}`);
  if (stale.length > 0) process.exitCode = 1;
  else console.log(`${wanted.size} transcripts are as generated`);
}

function present() {
  return existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith(".txt")) : [];
}

async function transcript(scenario) {
  const record = new Record(scenario);
  try {
    await (scenario.script ? runScript(scenario, record) : runFrames(scenario, record));
  } catch (error) {
    console.error(`scenario ${scenario.name} fails after:\n${record.text()}`, error);
    process.exitCode = 1;
  }
  return record.text();
}

/** A client script: the npm client makes the frames. */
async function runScript(scenario, record) {
  const server = startServer();
  const client = startClient(scenario.options);
  const waiting = [];
  const quiet = () => new Promise((resolve) => waiting.push(resolve));
  let running = true;
  let failure;
  const tools = { api: client.main, note: (text) => record.note(text), quiet };
  scenario.script(tools).catch((error) => (failure = error)).finally(() => (running = false));

  for (;;) {
    await idle();
    if (failure) throw failure;
    if (await exchange(client.end, server.end, record)) continue;
    if (waiting.length > 0) waiting.shift()();
    else if (running) throw new Error("the script waits for something that never comes");
    else break;
  }
  record.end(server, client);
}

/** Carries one step in each direction and records it; false when there was nothing to carry. */
async function exchange(client, server, record) {
  const up = client.sent.splice(0);
  record.step(">", up);
  await deliver(up, server);
  const down = server.sent.splice(0);
  record.step("<", down);
  await deliver(down, client);
  return up.length + down.length > 0;
}

/** Frames written by hand: there is no client, what the server sends is only recorded. */
async function runFrames(scenario, record) {
  const server = startServer();
  for (const step of scenario.frames.trim().split("\n\n")) {
    const lines = step.split("\n");
    for (const line of lines.filter((line) => line.startsWith("# "))) record.note(line.slice(2));
    const up = lines.filter((line) => line.startsWith("> ")).map((line) => line.slice(2));
    record.step(">", up);
    await deliver(up, server.end);
    record.step("<", server.end.sent.splice(0));
  }
  record.end(server);
}

class Record {
  #steps;
  #notes = [];

  constructor({ about, free }) {
    this.#steps = [free ? `# ${about}\n# free: ${free}` : `# ${about}`];
  }

  note(text) {
    this.#notes.push(`# ${text}`);
  }

  step(mark, frames) {
    if (frames.length === 0) return;
    this.#steps.push([...this.#notes.splice(0), ...frames.map((frame) => `${mark} ${frame}`)].join("\n"));
  }

  end(server, client) {
    if (this.#notes.length > 0) this.#steps.push(this.#notes.splice(0).join("\n"));
    const sides = [`server ${sizes(server)}`];
    if (client) sides.push(`client ${sizes(client)}`);
    this.#steps.push(`# end ${sides.join(" ")}`);
  }

  text() {
    return `${this.#steps.join("\n\n")}\n`;
  }
}

function sizes({ end, session }) {
  if (end.closed) return "closed";
  const { exports, imports } = session.getStats();
  return `exports ${exports} imports ${imports}`;
}

await main();
