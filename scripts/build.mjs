// Builds the Worker in a crate's folder for release, into that folder's build/. With `--panic-unwind` a
// panic ends only what it happens in; that takes a nightly compiler and its standard library's source.
import { join } from "node:path";
import { ROOT, fail, isMain, run, say } from "./process.mjs";
import { buildTools, setup } from "./setup.mjs";

export function build(folder, flags = []) {
  setup();
  say(["Building the Worker in", folder, "for release", ...flags].join(" "));
  const { workerBuild, env } = buildTools();
  // The compilers would throw out each other's work.
  const target = flags.includes("--panic-unwind") ? { CARGO_TARGET_DIR: join(ROOT, "target/unwind") } : {};
  run(workerBuild, ["--release", ...flags], { cwd: join(ROOT, folder), env: { ...env, ...target } });
}

if (isMain(import.meta)) build(process.argv[2] ?? fail("Which crate's folder?"), process.argv.slice(3));
