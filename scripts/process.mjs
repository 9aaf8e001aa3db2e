// What the scripts share: the project's root, and running other programs from there.
import { spawnSync } from "node:child_process";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

export const ROOT = fileURLToPath(new URL("..", import.meta.url));

// The npm packages' programs come first: among them is the Node that wrangler and vitest need.
process.env.PATH = [join(ROOT, "node_modules/.bin"), process.env.PATH].join(delimiter);

export function say(text) {
  console.log(`\n${text}`);
}

/** Runs a program in the foreground and ends this process when it fails. */
export function run(program, args, { cwd = ROOT, env = {} } = {}) {
  const { status, signal, error } = start(program, args, { cwd, env, stdio: "inherit" });
  if (status === 0) return;
  fail(`${[program, ...args].join(" ")} failed (${error?.message ?? signal ?? `exit code ${status}`}).`);
}

/** What a program prints, or undefined when it is missing or fails. */
export function output(program, args) {
  const { status, stdout } = start(program, args, { cwd: ROOT, stdio: ["ignore", "pipe", "inherit"] });
  return status === 0 ? stdout.trim() : undefined;
}

/** What a program prints, on both streams. */
export function capture(program, args, { env = {} } = {}) {
  return start(program, args, { cwd: ROOT, env, stdio: "pipe", maxBuffer: 1 << 28 });
}

export function fail(text) {
  console.error(`\n${text}`);
  process.exit(1);
}

export function isMain(meta) {
  return process.argv[1] === fileURLToPath(meta.url);
}

function start(program, args, { env = {}, ...options }) {
  return spawnSync(program, args, { ...options, encoding: "utf8", env: { ...process.env, ...env } });
}
