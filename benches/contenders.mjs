// The servers that are compared: how each is built, and its workerd config.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { build as buildRust } from "../scripts/build.mjs";
import { ROOT, run } from "../scripts/process.mjs";

export const WORKERD = join(ROOT, "node_modules/.bin/workerd");
const MOST_BYTES = 1 << 26;
const OUT = join(ROOT, "target/bench");
const COMPATIBILITY_DATE = "2026-08-01";

export const CONTENDERS = [
  {
    name: "transport",
    label: "transport alone",
    entry: "benches/transport/worker.js",
    wrangler: "benches/transport/wrangler.toml",
  },
  {
    name: "npm",
    label: "npm capnweb",
    entry: "tests/reference/worker.js",
    wrangler: "tests/reference/wrangler.toml",
  },
  {
    name: "topsail",
    label: "Topsail",
    entry: "tests/worker/contract.js",
    crate: "tests/worker",
    flags: ["--no-default-features"],
    // Of the same bindings: those of the contract.
    wrangler: "tests/reference/wrangler.toml",
  },
];

/** The smallest useful Worker of each library, for the sizes. */
export const HELLO = [
  { name: "hello-npm", of: "npm", entry: "benches/hello/worker.js" },
  { name: "hello-topsail", of: "topsail", entry: "examples/hello/build/index.js", crate: "examples/hello" },
];

/** Builds a contender and gives the path of its workerd config, parsed: the start of a process is not to include that. */
export function prepare(contender, { compile = true, minify = true } = {}) {
  if (contender.crate && compile) buildRust(contender.crate, contender.flags);
  const folder = bundle(contender, minify);
  const config = join(folder, "config.capnp");
  const storage = join(folder, "objects");
  mkdirSync(storage);
  writeFileSync(config, configText(modules(folder), bindings(contender), storage));
  return compiled(config);
}

function compiled(config) {
  const binary = config.replace(/capnp$/, "bin");
  writeFileSync(binary, execFileSync(WORKERD, ["compile", "--config-only", config], { maxBuffer: MOST_BYTES }));
  return binary;
}

/** Bytes of all modules of a contender that was prepared. */
export function bundleSize({ name }) {
  const files = modules(join(OUT, name)).map((file) => readFileSync(join(OUT, name, file)));
  const sum = (size) => files.reduce((total, file) => total + size(file), 0);
  return { raw: sum((file) => file.length), gzip: sum((file) => gzipSync(file, { level: 9 }).length) };
}

/** As wrangler bundles: one ES module, and Wasm as modules beside it. */
function bundle({ name, entry }, minify) {
  const folder = join(OUT, name);
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const options = ["--bundle", "--format=esm", "--target=esnext", "--conditions=workerd,worker,browser"];
  const modules = ["--external:cloudflare:*", "--external:node:*", "--loader:.wasm=copy"];
  const out = [`--outfile=${join(folder, "worker.js")}`, "--log-level=warning", ...(minify ? ["--minify"] : [])];
  run("esbuild", [entry, ...options, ...modules, ...out]);
  return folder;
}

function modules(folder) {
  const files = readdirSync(folder).filter((file) => [".js", ".wasm"].includes(extname(file)));
  return files.sort((a, b) => (b === "worker.js") - (a === "worker.js"));
}

/** The bindings a wrangler.toml names, as workerd's config has them. */
function bindings({ wrangler }) {
  const toml = wrangler && existsSync(join(ROOT, wrangler)) ? readFileSync(join(ROOT, wrangler), "utf8") : "";
  const objects = [...toml.matchAll(/^name = "(\w+)"\nclass_name = "(\w+)"/gm)];
  const services = [...toml.matchAll(/^binding = "(\w+)"\nservice = ".+"\nentrypoint = "(\w+)"/gm)];
  const service = (entrypoint) => `service = (name = "main", entrypoint = "${entrypoint}")`;
  const entries = [
    ...objects.map(([, name, className]) => `(name = "${name}", durableObjectNamespace = "${className}")`),
    ...services.map(([, name, entrypoint]) => `(name = "${name}", ${service(entrypoint)})`),
  ];
  return { entries, classes: objects.map(([, , className]) => className) };
}

function configText(files, { entries, classes }, storage) {
  const moduleText = (file) => `(name = "${file}", ${extname(file) === ".js" ? "esModule" : "wasm"} = embed "${file}")`;
  const namespaces = classes.map((name) => `(className = "${name}", uniqueKey = "${name}", enableSql = true)`);
  return `using Workerd = import "/workerd/workerd.capnp";

const config :Workerd.Config = (
  services = [
    (name = "main", worker = .worker),
    (name = "objects", disk = (path = "${storage}", writable = true)),
  ],
  sockets = [ (name = "http", http = (), service = "main") ],
);

const worker :Workerd.Worker = (
  modules = [ ${files.map(moduleText).join(", ")} ],
  compatibilityDate = "${COMPATIBILITY_DATE}",
  bindings = [ ${entries.join(", ")} ],
  durableObjectNamespaces = [ ${namespaces.join(", ")} ],
  durableObjectStorage = (localDisk = "objects"),
);
`;
}
