// The table on the terminal.
const SERVERS = ["transport", "npm", "Topsail"];
const COLUMNS = ["scenario", "", ...SERVERS, "×less", "share", "spread", "wall:", ...SERVERS, "target"];
const NAMES = ["transport", "npm", "topsail"];

export function printTable(rows) {
  print([COLUMNS, ...rows.map(cells)]);
  failures(rows).forEach(({ title, name, error }) => console.log(`\n${name} failed at “${title}”: ${error}`));
}

export function printSizes(sizes) {
  const cells = sizes.map(({ name, raw, gzip, target }) => [name, kb(raw), kb(gzip), verdict(target)]);
  print([["bundle", "KB", "KB gzip", "target"], ...cells]);
}

/** Every contender's failure, as `{title, name, error}`. */
export function failures(rows) {
  return rows.flatMap(({ title, contenders }) => Object.entries(contenders)
    .filter(([, { error }]) => error)
    .map(([name, { error }]) => ({ title, name, error })));
}

function cells({ title, unit, contenders, ratio, share, target }) {
  const values = NAMES.map((name) => shown(contenders[name], "value"));
  const walls = NAMES.map((name) => `${shown(contenders[name], "wall")}${rate(contenders[name])}`);
  return [title, unit, ...values, figure(ratio), figure(share), spread(contenders), "", ...walls, verdict(target)];
}

function shown(summary, key) {
  return summary?.error ? "failed" : figure(summary?.[key]);
}

function rate(summary) {
  return summary?.rate ? ` (${figure(summary.rate)} MB/s)` : "";
}

/** How far the samples lie from their median, for the worst of the contenders. */
function spread(contenders) {
  const whole = Object.values(contenders).filter(({ error }) => !error);
  const worst = Math.max(...whole.map(({ value, low, high }) => Math.max(high - value, value - low) / value));
  return Number.isFinite(worst) ? `±${Math.round(worst * 100)} %` : "";
}

function verdict(target) {
  if (!target) return "";
  if (target.met === undefined) return target.text;
  return `${target.text}: ${target.met ? "met" : `MISSED (${figure(target.figure)})`}`;
}

/** Three significant digits. */
export function figure(number) {
  if (number === undefined) return "";
  return Math.abs(number) >= 100 ? String(Math.round(number)) : String(Number(number.toPrecision(3)));
}

function kb(bytes) {
  return (bytes / 1000).toFixed(1);
}

function print(table) {
  const widths = table[0].map((_, column) => Math.max(...table.map((row) => row[column].length)));
  const line = (row) => row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join("  ");
  console.log();
  table.forEach((row) => console.log(line(row).trimEnd()));
}
