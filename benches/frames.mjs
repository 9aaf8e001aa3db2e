// Frames as the npm client writes them, and the check of what comes back.
import { isDeepStrictEqual } from "node:util";

/** A call's push: of a method of import `target`, with arguments in wire form. */
export function call(target, method, args) {
  return ["push", ["pipeline", target, [method], args]];
}

/** Pulls of the imports `first` to `last`. */
export function pulls(first, last = first) {
  return Array.from({ length: last - first + 1 }, (_, i) => ["pull", first + i]);
}

/** An HTTP batch's body. */
export function lines(frames) {
  return frames.map((frame) => JSON.stringify(frame)).join("\n");
}

/** The answer to a batch that resolves the imports from `first` on to `values`. */
export function resolved(first, values) {
  return lines(values.map((value, i) => ["resolve", first + i, value]));
}

/**
 * Throws unless the answer resolves exactly the imports from `first` on, each to its expected value: one in wire
 * form, or a function that says whether a value is right. A value may come in parts, as promises that the same
 * answer resolves (npm answers a map so).
 */
export function checkAnswer(text, first, expected) {
  const results = resolutions(text);
  const promised = new Set();
  expected.forEach((value, i) => {
    if (!results.has(first + i)) throw new Error(`no answer for import ${first + i}`);
    checkValue(filled(results.get(first + i), results, promised), value, `import ${first + i}`);
  });
  if (results.size !== expected.length + promised.size) throw new Error("more answers than were pulled or promised");
}

/** What each id resolves to. Any other frame but a release is an error. */
function resolutions(text) {
  const results = new Map();
  for (const line of text === "" ? [] : text.split("\n")) {
    const [kind, id, value] = JSON.parse(line);
    if (kind === "release") continue;
    if (kind !== "resolve" || results.has(id)) throw new Error(`an unexpected frame: ${line.slice(0, 200)}`);
    results.set(id, value);
  }
  return results;
}

/** The value with its promises replaced by what they resolve to. */
function filled(value, results, promised) {
  if (typeof value !== "object" || value === null) return value;
  if (!Array.isArray(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, filled(part, results, promised)]));
  }
  if (value[0] !== "promise") return value.map((part) => filled(part, results, promised));
  promised.add(value[1]);
  return filled(results.get(value[1]), results, promised);
}

export function checkValue(value, expected, what) {
  const right = typeof expected === "function" ? expected(value) : isDeepStrictEqual(value, expected);
  if (!right) throw new Error(`a wrong answer for ${what}: ${JSON.stringify(value)?.slice(0, 200)}`);
}
