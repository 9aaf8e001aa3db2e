// Sets up what builds and tests need, and skips what is there already. Every other script calls it.
import { readFileSync, rmSync, statSync, existsSync } from "node:fs";
import { join } from "node:path";
import { ROOT, capture, fail, isMain, output, run, say } from "./process.mjs";

const TARGET = "wasm32-unknown-unknown";
const TOOLS = join(ROOT, ".tools");

export function setup() {
  installPackages();
  installTarget();
  installTools();
}

/** Where worker-build is, and the environment that keeps it from downloading the other tools. */
export function buildTools() {
  const npmProgram = (name) => join(ROOT, "node_modules/.bin", name);
  return {
    workerBuild: tool("worker-build"),
    env: {
      WASM_BINDGEN_BIN: tool("wasm-bindgen"),
      WASM_OPT_BIN: npmProgram("wasm-opt"),
      ESBUILD_BIN: npmProgram("esbuild"),
    },
  };
}

export function installPackages() {
  const installed = modified("node_modules/.package-lock.json");
  if (installed !== undefined && installed >= modified("package-lock.json")) return;
  say("Installing the npm packages (under a minute, again when package-lock.json changes)");
  run("npm", ["ci", "--no-audit", "--no-fund", "--loglevel=error"]);
}

export function installTarget() {
  const libraries = output("rustc", ["--print", "target-libdir", "--target", TARGET]);
  if (libraries === undefined) fail("rustc does not run here: install Rust with rustup (https://rustup.rs).");
  if (existsSync(libraries)) return;
  say(`Installing Rust's ${TARGET} target`);
  run("rustup", ["target", "add", TARGET]);
}

/** Whether there is what a build with `--panic-unwind` takes. */
export function hasNightly() {
  const installed = capture("rustup", ["component", "list", "--toolchain", "nightly", "--installed"]);
  return installed.stdout?.split("\n").includes("rust-src") ?? false;
}

export function installNightly() {
  if (hasNightly()) return;
  say("Installing a nightly Rust, with the source of its standard library");
  run("rustup", ["toolchain", "install", "nightly", "--profile", "minimal", "--component", "rust-src", "--target", TARGET]);
}

function installTools() {
  install("worker-build", "worker-build", "0.8.7", ["--locked"]);
  // The command and the crate must be of one version. Not locked: its lock file names a
  // webpki-roots that the registry does not offer.
  install("wasm-bindgen-cli", "wasm-bindgen", lockedVersion("wasm-bindgen"));
  rmSync(join(TOOLS, "target"), { recursive: true, force: true });
}

function install(crate, program, version, flags = []) {
  if (installedVersion(program) === version) return;
  say(`Installing ${program} ${version} into .tools (about 2 minutes, once)`);
  const env = {
    CARGO_TARGET_DIR: join(TOOLS, "target"),
    // They run for moments: an optimized build would take longer than it ever saves.
    CARGO_PROFILE_RELEASE_OPT_LEVEL: "0",
  };
  run("cargo", ["install", `${crate}@${version}`, "--force", "--root", TOOLS, ...flags], { env });
}

function installedVersion(program) {
  return existsSync(tool(program)) ? output(tool(program), ["--version"])?.split(" ").at(-1) : undefined;
}

function lockedVersion(crate) {
  const lock = readFileSync(join(ROOT, "Cargo.lock"), "utf8");
  const entry = lock.match(new RegExp(`name = "${crate}"\nversion = "(.+)"`));
  return entry ? entry[1] : fail(`Cargo.lock names no ${crate}.`);
}

function tool(program) {
  return join(TOOLS, "bin", program);
}

function modified(path) {
  return statSync(join(ROOT, path), { throwIfNoEntry: false })?.mtimeMs;
}

if (isMain(import.meta)) setup();
