// The chart for the README: for each scenario, what Topsail takes beside npm capnweb and the bare transport.
import { figure } from "./report.mjs";

const CHARTED = [
  "batch-1", "batch-1000", "chain-200", "map-1000", "update-user-200",
  "users-200", "echo-15k", "echo-1m", "ws-call", "callback",
];
const SERIES = [
  ["transport", "transport alone"],
  ["npm", "npm capnweb"],
  ["topsail", "Topsail"],
];
const [WIDTH, LEFT, BAR, GAP, TOP] = [770, 260, 12, 14, 64];
const FOOT = 30;
const SCALE = WIDTH - LEFT - 120;

/** Results as SVG text, or undefined when no charted scenario was measured. Each scenario has its own scale. */
export function chart({ rows, ...run }) {
  const charted = CHARTED.map((name) => rows.find((row) => row.name === name)).filter(Boolean);
  if (charted.length === 0) return undefined;
  const series = SERIES.filter(([name]) => charted.some(({ contenders }) => contenders[name]));
  const step = series.length * BAR + GAP;
  const height = TOP + charted.length * step + FOOT;
  const groups = charted.map((row, i) => group(row, series, TOP + i * step));
  return [head(height), legend(series), ...groups, foot(run, height), "</svg>"].join("\n") + "\n";
}

function head(height) {
  const size = `width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} role="img">
<title>CPU of the server per operation, in µs: less is better</title>
<style>
  text { font: 12px system-ui, sans-serif; fill: #1f2328; }
  .title { font-weight: 600; font-size: 14px; }
  .figure { font-size: 11px; }
  .page { fill: #ffffff; }
  .transport { fill: #8c959f; } .npm { fill: #d4763b; } .topsail { fill: #1f7a8c; }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3; }
    .page { fill: #0d1117; }
    .transport { fill: #6e7681; } .npm { fill: #e08b52; } .topsail { fill: #3fb6cc; }
  }
</style>
<rect class="page" width="${WIDTH}" height="${height}" rx="8"/>
<text class="title" x="16" y="26">CPU of the server per operation, in µs (less is better)</text>`;
}

/** When, what and on what was measured. */
function foot({ date, versions, machine, rounds }, height) {
  const contenders = `Topsail ${versions.topsail}, capnweb ${versions.capnweb}, workerd ${versions.workerd}`;
  const text = `${date.slice(0, 10)}, medians of ${rounds} rounds: ${contenders}; ${machine.cpu}, ${machine.cores} cores`;
  return `<text x="16" y="${height - 12}" class="figure">${escape(text)}</text>`;
}

function legend(series) {
  return series.map(([name, label], i) => {
    const x = 16 + i * 140;
    const key = `<rect class="${name}" x="${x}" y="38" width="${BAR}" height="${BAR}"/>`;
    return `${key}<text x="${x + 18}" y="48">${label}</text>`;
  }).join("\n");
}

function group({ title, contenders }, series, top) {
  const largest = Math.max(...series.map(([name]) => contenders[name]?.value ?? 0));
  const middle = top + (series.length * BAR) / 2 + 4;
  const label = `<text x="${LEFT - 10}" y="${middle}" text-anchor="end">${escape(title)}</text>`;
  const bars = series.map(([name], i) => bar(name, contenders[name], largest, top + i * BAR));
  return [label, ...bars].join("\n");
}

function bar(name, summary, largest, y) {
  const width = summary?.value ? Math.max(1, (summary.value / largest) * SCALE) : 0;
  const text = summary?.error ? "failed" : figure(summary?.value);
  return `<rect class="${name}" x="${LEFT}" y="${y}" width="${width.toFixed(1)}" height="${BAR - 1}"/>`
    + `<text x="${(LEFT + width + 6).toFixed(1)}" y="${y + BAR - 2}" class="figure">${text}</text>`;
}

function escape(text) {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
}
