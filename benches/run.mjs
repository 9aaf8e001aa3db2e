// Compares Topsail, npm capnweb and the bare transport in the same workerd, in one go. benches/README.md explains it.
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ROOT, fail, say } from "../scripts/process.mjs";
import { installPackages } from "../scripts/setup.mjs";
import { chart } from "./chart.mjs";
import { HELLO, bundleSize, prepare } from "./contenders.mjs";
import { environment } from "./environment.mjs";
import { measure } from "./measure.mjs";
import { options } from "./options.mjs";
import { failures, printSizes, printTable } from "./report.mjs";
import { spin } from "./spinner.mjs";
import { compare, judge, summarize } from "./statistics.mjs";

const HELLO_GZIP = 90_000;

async function bench() {
  const chosen = options();
  installPackages();
  const contenders = chosen.contenders.map((contender) => ({ ...contender, config: prepare(contender, chosen) }));
  const sizes = measureSizes(chosen);
  const rows = table(chosen.scenarios, await sample(chosen, contenders));
  printTable(rows);
  printSizes(sizes);
  if (chosen.complete) save(rows, sizes, chosen.rounds);
  const broken = failures(rows).filter(({ name }) => name !== "npm").map(({ name, title }) => `${name}, ${title}`);
  if (broken.length > 0) fail(`Wrong answers or none: ${broken.join("; ")}`);
}

/** Samples by scenario and contender. Each is of a new process. */
async function sample({ scenarios, rounds, ...times }, contenders) {
  const stop = spin();
  const none = () => new Map(contenders.map(({ name }) => [name, []]));
  const samples = new Map(scenarios.map(({ name }) => [name, none()]));
  for (let round = 0; round < rounds; round += 1) {
    say(`Round ${round + 1} of ${rounds}`);
    for (const scenario of scenarios) {
      await addTo(samples.get(scenario.name), scenario, rotated(contenders, round), times);
      process.stdout.write(`${scenario.name} `);
    }
  }
  stop();
  return samples;
}

/** One sample more of each contender. What failed once is not tried again. */
async function addTo(samples, scenario, contenders, times) {
  const whole = contenders.filter(({ name }) => !samples.get(name).at(-1)?.error);
  const taken = await measure(scenario, whole.map(({ config }) => config), times);
  whole.forEach(({ name }, i) => samples.get(name).push(taken[i]));
}

function rotated(list, by) {
  const at = by % list.length;
  return [...list.slice(at), ...list.slice(0, at)];
}

function table(scenarios, samples) {
  const rows = scenarios.map(({ name, title, unit, bytes }) => {
    const summaries = [...samples.get(name)].map(([contender, taken]) => [contender, summarize(taken)]);
    const contenders = Object.fromEntries(summaries);
    return { name, title, unit, bytes, contenders: rated(contenders, unit, bytes), ...compare(contenders) };
  });
  return rows.map((row, i) => {
    const { target } = scenarios[i];
    return target ? { ...row, target: judge(target, row, rows) } : row;
  });
}

/** With the megabytes of a second, where operations have bytes. */
function rated(contenders, unit, bytes) {
  if (!bytes) return contenders;
  const seconds = { "µs": 1e-6, ms: 1e-3 }[unit];
  const rate = (summary) => (summary.error ? summary : { ...summary, rate: bytes / 1e6 / (summary.wall * seconds) });
  return Object.fromEntries(Object.entries(contenders).map(([name, summary]) => [name, rate(summary)]));
}

function measureSizes({ contenders, compile }) {
  const wanted = HELLO.filter(({ of }) => contenders.some(({ name }) => name === of));
  const hello = wanted.filter(({ entry }) => compile || existsSync(join(ROOT, entry)));
  hello.forEach((worker) => prepare(worker, { compile }));
  return [...contenders, ...hello].map((worker) => {
    const size = { name: worker.name, ...bundleSize(worker) };
    if (worker.name !== "hello-topsail") return size;
    const target = { text: `${HELLO_GZIP / 1000} KB gzip`, figure: size.gzip / 1000, met: size.gzip <= HELLO_GZIP };
    return { ...size, target };
  });
}

function save(rows, sizes, rounds) {
  const results = { ...environment(), rounds, rows, sizes };
  writeFileSync(join(ROOT, "benches/results/latest.json"), `${JSON.stringify(results, null, 2)}\n`);
  writeFileSync(join(ROOT, "benches/results/chart.svg"), chart(results));
  say("Saved benches/results/latest.json and chart.svg");
}

await bench();
