// Builds the example Workers and reports their size. Fails when one is above its budget.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { build } from "./build.mjs";
import { ROOT, fail, isMain } from "./process.mjs";

const BUDGET = "scripts/size-budget.json";

/** What is uploaded. */
const FILES = ["build/index_bg.wasm", "build/index.js"];

export function size() {
  const budget = JSON.parse(readFileSync(join(ROOT, BUDGET), "utf8"));
  for (const folder of Object.keys(budget)) build(folder);
  const above = Object.entries(budget).filter(([folder, limit]) => report(folder, limit) > limit);
  if (above.length > 0) fail(`Above the budget in ${BUDGET}: ${above.map(([folder]) => folder).join(", ")}`);
}

/** Prints the sizes of a Worker's files and returns the sum of the compressed ones. */
function report(folder, limit) {
  const sizes = FILES.map((file) => measure(join(folder, file)));
  sizes.forEach(({ file, raw, gzip }) => console.log(`${file}: ${raw} bytes, ${gzip} gzipped`));
  const total = sizes.reduce((sum, { gzip }) => sum + gzip, 0);
  console.log(`${folder}: ${total} bytes gzipped in all (budget ${limit})`);
  return total;
}

function measure(file) {
  const bytes = readFileSync(join(ROOT, file));
  return { file, raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

if (isMain(import.meta)) size();
