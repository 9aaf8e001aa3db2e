// When, with what and on what the figures were measured.
import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, release, totalmem, type } from "node:os";
import { join } from "node:path";
import { ROOT, output } from "../scripts/process.mjs";

export function environment() {
  return {
    date: new Date().toISOString(),
    versions: {
      topsail: output("git", ["describe", "--always", "--dirty"]),
      capnweb: packageVersion("capnweb"),
      workerd: packageVersion("workerd"),
      esbuild: packageVersion("esbuild"),
      binaryen: packageVersion("binaryen"),
      rustc: output("rustc", ["--version"]),
      node: process.version,
    },
    machine: {
      cpu: cpus()[0].model,
      cores: availableParallelism(),
      memoryGb: Math.round(totalmem() / 1e9),
      kernel: `${type()} ${release()} ${arch()}`,
    },
  };
}

function packageVersion(name) {
  return JSON.parse(readFileSync(join(ROOT, "node_modules", name, "package.json"), "utf8")).version;
}
