// Reports the size of the built demo Worker and fails when its Wasm is above the budget.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { ROOT, fail, isMain } from "./process.mjs";

const BUDGET = "scripts/size-budget.json";

export function size() {
  const budget = JSON.parse(readFileSync(join(ROOT, BUDGET), "utf8"));
  const above = Object.entries(budget).filter(([file, { gzip }]) => measure(file).gzip > gzip);
  Object.entries(budget).forEach(([file, limit]) => report(file, measure(file), limit));
  if (above.length > 0) fail(`Above the budget in ${BUDGET}: ${above.map(([file]) => file).join(", ")}`);
}

function measure(file) {
  const bytes = readFileSync(join(ROOT, file));
  return { raw: bytes.length, gzip: gzipSync(bytes, { level: 9 }).length };
}

function report(file, { raw, gzip }, limit) {
  console.log(`${file}: ${raw} bytes, ${gzip} gzipped (budget ${limit.gzip})`);
}

if (isMain(import.meta)) size();
