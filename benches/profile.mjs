// Where a scenario's time goes: node benches/profile.mjs SCENARIO [CONTENDER] [--seconds 5] [--rows 40] [--no-build]
// It samples workerd's JavaScript and Wasm with V8's profiler while the scenario runs.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT, fail, run, say } from "../scripts/process.mjs";
import { buildTools, setup } from "../scripts/setup.mjs";
import { CONTENDERS, prepare } from "./contenders.mjs";
import { Loaded } from "./loaded.mjs";
import { SCENARIOS } from "./measure.mjs";
import { Inspector } from "./net/inspector.mjs";

const FLAGS = {
  seconds: { type: "string", default: "5" },
  rows: { type: "string", default: "40" },
  "no-build": { type: "boolean" },
};
const WARM_MS = 2000;

async function profile() {
  const { values, positionals } = parseArgs({ options: FLAGS, allowPositionals: true });
  const [name, contender = "topsail"] = positionals;
  const scenario = SCENARIOS.find((entry) => entry.name === name && entry.open);
  if (!scenario) fail(`No scenario ${name} to profile.`);
  const config = prepare(profiled(contender, !values["no-build"]), { compile: false, minify: false });
  const taken = await sampled(scenario, config, Number(values.seconds) * 1000);
  const file = join(ROOT, "target/bench", `${contender}-${name}.cpuprofile`);
  writeFileSync(file, JSON.stringify(taken));
  print(selfTimes(taken), Number(values.rows));
  say(`Saved ${file}: open it in the Performance panel of Chrome's DevTools for the call tree.`);
}

/** The contender, of a build that keeps the names of Wasm's functions. */
function profiled(name, compile) {
  const contender = CONTENDERS.find((entry) => entry.name === name) ?? fail(`No contender ${name}.`);
  if (!contender.crate) return contender;
  if (compile) {
    buildWithNames(join(ROOT, contender.crate), contender.flags);
  }
  return { ...contender, name: "profile" };
}

function buildWithNames(folder, flags = []) {
  setup();
  const { workerBuild, env } = buildTools();
  run(workerBuild, ["--profiling", ...flags], { cwd: folder, env: { ...env, CARGO_PROFILE_RELEASE_STRIP: "debuginfo" } });
}

async function sampled(scenario, config, ms) {
  const server = await Loaded.start(config, scenario, ["--inspector-addr=127.0.0.1:0"]);
  try {
    await server.run(WARM_MS);
    const inspector = await Inspector.open(server.inspectorPort);
    await inspector.ask("Profiler.enable");
    await inspector.ask("Profiler.setSamplingInterval", { interval: 200 });
    await inspector.ask("Profiler.start");
    await server.run(ms);
    const { profile } = await inspector.ask("Profiler.stop");
    inspector.close();
    if (server.error) fail(server.error);
    return profile;
  } finally {
    await server.stop();
  }
}

/** Functions with the share of samples that were in them and not in what they call. */
function selfTimes({ nodes, samples }) {
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const counts = new Map();
  for (const id of samples) {
    const frame = byId.get(id);
    const label = `${frame.functionName || "(anonymous)"}  ${place(frame)}`.trim();
    if (frame.functionName !== "(idle)") counts.set(label, (counts.get(label) ?? 0) + 1);
  }
  const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
  return [...counts].map(([label, count]) => ({ label, share: count / total })).sort((a, b) => b.share - a.share);
}

function place({ url, lineNumber }) {
  if (url.startsWith("wasm:")) return "[wasm]";
  return url ? `${url.split("/").at(-1)}:${lineNumber + 1}` : "";
}

function print(times, rows) {
  console.log("\nself time, of all that was not idle");
  const line = ({ label, share }) => `${(share * 100).toFixed(1).padStart(5)} %  ${label}`;
  console.log(times.slice(0, rows).map(line).join("\n"));
}

await profile();
