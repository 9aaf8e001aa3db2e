// Counts the instructions that the core takes for fixed pieces of work (core/benches/work), and fails when one takes
// more than its budget. `--update` writes what was measured as the new budget.
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROOT, capture, fail, isMain, output, say } from "./process.mjs";

const BUDGET = join(ROOT, "scripts/instruction-budget.json");

/** Part of the budget that may be exceeded: allocators and string functions of C differ between machines. */
const TOLERANCE = 0.03;

/** Long copies by vectors, not by one instruction that counts once for every byte. */
const ENV = { GLIBC_TUNABLES: "glibc.cpu.x86_rep_movsb_threshold=1000000000" };

export function instructions({ update = false } = {}) {
  if (process.platform !== "linux" || process.arch !== "x64" || output("valgrind", ["--version"]) === undefined) {
    return say("Skipped: counting instructions takes valgrind on Linux on x86-64.");
  }
  const program = build();
  const budget = JSON.parse(readFileSync(BUDGET, "utf8"));
  const counts = Object.fromEntries(Object.keys(budget).map((job) => [job, count(program, job)]));
  if (update) return writeFileSync(BUDGET, `${JSON.stringify(counts, undefined, 2)}\n`);
  const above = Object.keys(budget).filter((job) => report(job, counts[job], budget[job]) > 1 + TOLERANCE);
  if (above.length > 0) fail(`Above the budget in scripts/instruction-budget.json: ${above.join(", ")}`);
}

/** The path of the program. */
function build() {
  const args = ["bench", "-p", "topsail-core", "--bench", "work", "--no-run", "--message-format=json", "--quiet"];
  const messages = capture("cargo", args).stdout.split("\n").filter((line) => line.startsWith("{"));
  const program = messages.map((line) => JSON.parse(line)).find(({ target, executable }) => target?.name === "work" && executable);
  return program?.executable ?? fail("The benchmark of the core could not be built.");
}

/** Instructions for one of the operations of a job. */
function count(program, job) {
  const args = [
    "--tool=callgrind",
    "--collect-atstart=no",
    "--toggle-collect=*work*measured*",
    `--callgrind-out-file=${join(tmpdir(), `topsail-${job}.callgrind`)}`,
    program,
    "--count",
    job,
  ];
  const { stdout, stderr } = capture("valgrind", args, { env: ENV });
  const total = stderr.match(/Collected : (\d+)/)?.[1];
  if (total === undefined) fail(`valgrind could not count ${job}:\n${stderr}`);
  return Math.round(total / Number(stdout));
}

/** Prints a count, and gives it as a part of its budget. */
function report(job, count, limit) {
  const change = (count / limit - 1) * 100;
  console.log(`${job.padEnd(18)} ${String(count).padStart(9)} instructions (budget ${limit}, ${change.toFixed(1)} %)`);
  return count / limit;
}

if (isMain(import.meta)) instructions({ update: process.argv.includes("--update") });
