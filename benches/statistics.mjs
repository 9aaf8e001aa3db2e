// Figures from samples.

export function median(numbers) {
  const sorted = numbers.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** A contender's samples of one scenario as `{value, wall, low, high}`, or `{error}` when a sample failed. */
export function summarize(samples) {
  const failed = samples.find(({ error }) => error);
  if (failed) return { error: failed.error };
  const values = samples.map(({ value }) => value);
  const walls = samples.map(({ wall }) => wall).filter((wall) => wall !== undefined);
  const summary = { value: median(values), low: Math.min(...values), high: Math.max(...values) };
  return walls.length > 0 ? { ...summary, wall: median(walls) } : summary;
}

/**
 * What the contenders' summaries say of each other: how many times less Topsail takes than npm, and which share of
 * what npm adds to the bare transport it adds.
 */
export function compare({ transport, npm, topsail }) {
  const ratio = npm?.value / topsail?.value;
  const share = (topsail?.value - transport?.value) / (npm?.value - transport?.value);
  return { ratio: finite(ratio), share: finite(share) };
}

/** Whether a target is met: `{text, met}`, where `met` is undefined as long as a figure is missing. */
export function judge(target, row, rows) {
  const { topsail, npm } = row.contenders;
  if (target.ratio) return verdict(`${target.ratio}x less`, row.ratio, row.ratio >= target.ratio);
  if (target.share) return verdict(`share ${target.share.toFixed(2)}`, row.share, row.share <= target.share);
  if (target.beside) return judgeOwn(target.beside, row, rows);
  if (target.cpu) {
    const part = finite(topsail?.value / npm?.value);
    return verdict(`${target.cpu} of npm's CPU`, part, part <= target.cpu);
  }
  if (target.later) {
    const later = finite(topsail?.wall - npm?.wall);
    return verdict(`${target.later} ms later`, later, later <= target.later);
  }
  const from = rows.find(({ name }) => name === target.growth.from)?.contenders.topsail;
  const growth = finite(topsail?.value / from?.value);
  return verdict(`${target.growth.within}x ${target.growth.from}`, growth, growth <= target.growth.within);
}

/** What Topsail adds to the transport, against what npm adds to it in another scenario. */
function judgeOwn(beside, { contenders: { topsail, transport } }, rows) {
  const other = rows.find(({ name }) => name === beside)?.contenders;
  const part = finite((topsail?.value - transport?.value) / (other?.npm?.value - other?.transport?.value));
  return verdict(`npm's in ${beside}`, part, part <= 1);
}

function verdict(text, figure, met) {
  return figure === undefined ? { text } : { text, figure, met };
}

function finite(number) {
  return Number.isFinite(number) ? number : undefined;
}
