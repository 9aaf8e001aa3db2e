// Builds the Worker in a crate's folder for release, into that folder's build/.
import { join } from "node:path";
import { ROOT, fail, isMain, run, say } from "./process.mjs";
import { buildTools, setup } from "./setup.mjs";

export function build(folder) {
  setup();
  say(`Building the Worker in ${folder} for release`);
  const { workerBuild, env } = buildTools();
  run(workerBuild, ["--release"], { cwd: join(ROOT, folder), env });
}

if (isMain(import.meta)) build(process.argv[2] ?? fail("Which crate's folder?"));
