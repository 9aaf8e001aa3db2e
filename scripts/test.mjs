// Runs every test there is, or only the steps that are named as arguments.
import { fail, run, say } from "./process.mjs";
import { build } from "./build.mjs";
import { buildChat } from "./chat.mjs";
import { hasNightly, installNightly, installTarget, setup } from "./setup.mjs";
import { instructions } from "./instructions.mjs";
import { size } from "./size.mjs";

const DENY = ["--", "-D", "warnings"];
const WASM_CRATES = ["topsail", "topsail-conformance", "topsail-client-tests", "topsail-durable-tests", "topsail-chat", "topsail-demo", "topsail-hello"].flatMap((crate) => [
  "-p",
  crate,
]);

const FUZZ = "fuzz/Cargo.toml";

const STEPS = {
  format: ["The Rust code is formatted", format],
  lint: ["Clippy finds nothing, natively and for Wasm", lint],
  core: ["topsail-core builds without its default features, and its optional ones work", core],
  rust: ["Rust's tests, doctests included", () => run("cargo", ["test", "--workspace"])],
  workerd: ["Interop tests in workerd", workerd],
  unwind: ["Panics in a Worker that was built with --panic-unwind", unwind],
  sockets: ["Interop tests in Node over real sockets", sockets],
  client: ["Client sessions of a Rust Worker, and origins", client],
  durable: ["Durable Objects that sleep, as applications decide", durable],
  instructions: ["The instructions of the core for fixed work", instructions],
  chat: ["The chat example in Chromium, with sleep in between", chat],
  size: ["The sizes of the example Workers", size],
};

function test(names) {
  for (const name of names) {
    const [what, step] = STEPS[name] ?? fail(`No step ${name}. There are: ${Object.keys(STEPS).join(", ")}`);
    say(`${name}: ${what}`);
    step();
  }
  say(`Passed: ${names.join(", ")}`);
}

function format() {
  run("cargo", ["fmt", "--all", "--check"]);
  run("cargo", ["fmt", "--manifest-path", FUZZ, "--check"]);
}

function lint() {
  installTarget();
  run("cargo", ["clippy", "--workspace", "--all-targets", ...DENY]);
  const args = ["clippy", ...WASM_CRATES, "--target", "wasm32-unknown-unknown", ...DENY];
  // As worker-build sets it: wasm-bindgen's macros expand to other code.
  run("cargo", args, { env: { WASM_BINDGEN_USE_JS_SYS: "1" } });
  // As the benchmark builds it.
  const contract = ["clippy", "-p", "topsail-conformance", "--no-default-features", "--target", "wasm32-unknown-unknown", ...DENY];
  run("cargo", contract, { env: { WASM_BINDGEN_USE_JS_SYS: "1" } });
  // As worker-build --panic-unwind does, but for the standard library, which takes a nightly.
  const unwind = { WASM_BINDGEN_USE_JS_SYS: "1", RUSTFLAGS: "-C panic=unwind", CARGO_TARGET_DIR: "target/unwind" };
  // What the macros make of an application too; as a library, since a cdylib would be linked.
  const check = ["rustc", "-p", "topsail-conformance", "--lib", "--crate-type", "rlib", "--profile", "check"];
  run("cargo", [...check, "--target", "wasm32-unknown-unknown"], { env: unwind });
  // Without building libFuzzer.
  const fuzz = ["clippy", "--manifest-path", FUZZ, "--no-default-features", "--all-targets", "--locked", ...DENY];
  run("cargo", fuzz, { env: { CARGO_TARGET_DIR: "target/fuzz" } });
}

function core() {
  run("cargo", ["clippy", "-p", "topsail-core", "--no-default-features", ...DENY]);
  const optional = ["--features", "jiff,chrono,num-bigint"];
  run("cargo", ["test", "-p", "topsail-core", "--test", "codec", ...optional, "with::"]);
}

function workerd() {
  build("tests/worker");
  run("vitest", ["run"]);
}

function unwind() {
  installNightly();
  build("tests/worker", ["--panic-unwind"]);
  const suites = ["tests/hibernation", "tests/interop/panic", "tests/interop/room", "tests/interop/native_rust"];
  run("vitest", ["run", ...suites], { env: { TOPSAIL_PANIC: "unwind" } });
}

function sockets() {
  build("tests/worker");
  run("vitest", ["run", "--config", "tests/interop/sockets.config.js"]);
}

function client() {
  build("tests/worker");
  build("tests/client");
  run("vitest", ["run", "--config", "tests/client/vitest.config.js"]);
}

function durable() {
  build("tests/durable");
  run("vitest", ["run", "--config", "tests/durable/vitest.config.js"]);
}

function chat() {
  buildChat();
  run("vitest", ["run", "--config", "tests/chat/vitest.config.js"]);
}

/** All steps, but for what takes a compiler that is not there. */
function all() {
  if (hasNightly()) return Object.keys(STEPS);
  say("unwind: left out, as there is no nightly Rust with rust-src (npm run test:unwind installs it)");
  return Object.keys(STEPS).filter((name) => name !== "unwind");
}

const named = process.argv.slice(2);
if (named.length === 0) setup();
test(named.length > 0 ? named : all());
