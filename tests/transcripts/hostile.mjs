// Runs every block of core/tests/hostile.txt against the npm package's server and tells where the package
// does something else than the file says. The file's head describes its format.
//
//     node tests/transcripts/hostile.mjs             exit 1 when a block is wrong about the package
//     node tests/transcripts/hostile.mjs --verbose   also list the blocks where Topsail is to differ
//
// A block is right about the package when the package does what `# reference:` says, or, without that line,
// what the expectation says.

import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { deliver, startServer } from "./pair.mjs";

const file = new URL("../../core/tests/hostile.txt", import.meta.url);

async function main() {
  // The package leaves some rejections of a peer's making unhandled; they are not what is tested here.
  process.on("unhandledRejection", () => {});
  const blocks = readFileSync(file, "utf8").trim().split(/\n{2,}/).slice(1).map(parseBlock);
  let wrong = 0;
  for (const block of blocks) {
    const seen = await run(block);
    const claimed = block.reference ?? block.expected;
    if (!agrees(claimed, seen)) {
      wrong += 1;
      console.error(`${block.what}: the file says "${claimed}", the package does: ${describe(seen)}`);
    } else if (block.reference && process.argv.includes("--verbose")) {
      console.log(`${block.what}: "${block.expected}" wanted, the package does: ${describe(seen)}`);
    }
  }
  console.log(`${blocks.length} blocks, ${wrong} wrong`);
  if (wrong > 0) process.exitCode = 1;
}

function parseBlock(text) {
  const block = { frames: [] };
  for (const line of text.split("\n")) {
    if (line.startsWith("# reference: ")) block.reference = line.slice(13).split("; ")[0];
    else if (line.startsWith("# ")) block.what ??= line.slice(2);
    else if (line.startsWith("> @")) block.frames.push(expand(line.slice(3)));
    else if (line.startsWith("> ")) block.frames.push(line.slice(2));
    else if (line.startsWith("= ")) block.expected = line.slice(2);
    else throw new Error(`not a line of a block: ${line}`);
  }
  if (!block.what || !block.expected || block.frames.length === 0) throw new Error(`not a block:\n${text}`);
  if (block.reference === block.expected) throw new Error(`no difference: ${block.what}`);
  return block;
}

/** `["a", "b", 3]` is `abbb`: a number says how often the string before it stands there. */
function expand(text) {
  let frame = "";
  let last = "";
  for (const item of JSON.parse(text)) {
    if (typeof item === "string") {
      frame += item;
      last = item;
    } else {
      frame += last.repeat(item - 1);
    }
  }
  return frame;
}

async function run({ frames }) {
  const { end } = startServer();
  await deliver(frames, end);
  const sent = end.sent.map((frame) => JSON.parse(frame));
  return { aborted: end.closed, sent };
}

function agrees(claim, { aborted, sent }) {
  const [outcome, id, ...rest] = claim.split(" ");
  const answered = (kind) => sent.filter((message) => message[0] === kind).map((message) => message[1]);
  if (outcome === "abort") return aborted;
  if (aborted) return false;
  if (outcome === "ignored") return answered("reject").length === 0;
  if (outcome === "reject") return answered("reject").includes(Number(id));
  if (outcome === "resolve") {
    const answer = sent.find((message) => message[0] === "resolve" && message[1] === Number(id));
    return answer !== undefined && isDeepStrictEqual(answer[2], JSON.parse(rest.join(" ")));
  }
  throw new Error(`no such outcome: ${claim}`);
}

function describe({ aborted, sent }) {
  const text = sent.map((message) => JSON.stringify(message).slice(0, 300)).join(" ");
  return `${aborted ? "session ended" : "session goes on"} ${text}`;
}

await main();
