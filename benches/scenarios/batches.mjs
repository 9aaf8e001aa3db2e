// HTTP batches: each is one request, precomputed. `exchange()` gives its frames, the first import it pulls, and
// the values those imports resolve to (see `checkAnswer`); `per` is how many operations one request makes.
import { call, pulls } from "../frames.mjs";
import { document, isUser, updateArgument, user } from "./values.mjs";

const times = (n, make) => Array.from({ length: n }, (_, i) => make(i));

export const BATCHES = [
  {
    name: "batch-1",
    title: "batch of 1 call, per request",
    steady: true,
    target: { ratio: 1 },
    exchange: () => squares(1),
  },
  {
    name: "batch-1000",
    title: "batch of 1000 calls, per call",
    per: 1000,
    target: { ratio: 8 },
    exchange: () => squares(1000),
  },
  chain(50),
  { ...chain(200), target: { ratio: 35 } },
  chain(1000),
  { ...chain(10_000), target: { growth: { from: "chain-200", within: 1.5 } } },
  { ...mapped(1000), target: { ratio: 15 } },
  mapped(100_000),
  echo("echo-200b", "echo of 200 B", 200),
  { ...echo("echo-15k", "echo of 15 KB", 15_000), target: { ratio: 1.7 } },
  echo("echo-15k-unicode", "echo of 15 KB, text beyond ASCII", 15_000, "Zürich – 東京 “ok”"),
  { ...echo("echo-1m", "echo of 1 MB", 1_000_000), target: { ratio: 3 } },
  {
    name: "users-200",
    title: "users(200), per request",
    target: { ratio: 2 },
    exchange: () => ({
      frames: [call(0, "users", [200]), ...pulls(1)],
      first: 1,
      values: [[times(200, user)]],
      expected: [([users]) => users.length === 200 && users.every(isUser)],
    }),
  },
  {
    name: "update-user-200",
    title: "200 × updateUser, per call",
    per: 200,
    target: { ratio: 6 },
    exchange: () => ({
      frames: [...times(200, (i) => call(0, "updateUser", [updateArgument(i)])), ...pulls(1, 200)],
      first: 1,
      values: times(200, (i) => ({ ...updateArgument(i), id: i + 1 })),
    }),
  },
  { ...native("getGreeter", [], "greet", "World", "Hello, World!"), target: { ratio: 1 } },
  { ...native("getDurableObject", ["bench"], "echo", user(7), user(7)), target: { ratio: 1 } },
  { ...native("getGreeter", [], "greet", "World", "Hello, World!", 1), steady: true, target: { ratio: 1 } },
  { ...native("getDurableObject", ["bench"], "echo", user(7), user(7), 1), steady: true, target: { ratio: 1 } },
  // No padding, which npm `capnweb` leaves out.
  nativeBytes(3 * 21_845),
  native("getNativeRoom", ["bench"], "echo", user(7), user(7), 1),
  native("getNativeRoom", ["bench"], "echo", user(7), user(7)),
  native("getRoom", ["bench"], "echo", user(7), user(7), 1),
  native("getRoom", ["bench"], "echo", user(7), user(7)),
];

function squares(n) {
  const frames = [...times(n, (i) => call(0, "square", [i + 7])), ...pulls(1, n)];
  return { frames, first: 1, values: times(n, (i) => (i + 7) ** 2) };
}

function chain(n) {
  const links = times(n, (i) => call(i, "self", []));
  const exchange = () => ({
    frames: [...links, call(n, "square", [7]), ...pulls(n + 1)],
    first: n + 1,
    values: [49],
  });
  return { name: `chain-${n}`, title: `pipelined chain of ${n}, per link`, per: n, exchange };
}

/** Bytes inside an object, to a native object and back. */
function nativeBytes(length) {
  const value = { deep: { bytes: ["bytes", Buffer.alloc(length, 171).toString("base64")] } };
  const scenario = native("getDurableObject", ["bench"], "echo", value, value, 1);
  const kilobytes = Math.round(length / 1024);
  return { ...scenario, name: `native-bytes-${kilobytes}k`, title: `echo of ${kilobytes} KB of bytes through getDurableObject` };
}

/** Calls that are passed through to a native object. */
function native(getter, of, method, argument, value, n = 100) {
  const exchange = () => ({
    frames: [call(0, getter, of), ...times(n, () => call(1, method, [argument])), ...pulls(2, n + 1)],
    first: 2,
    values: times(n, () => value),
  });
  return { name: `${getter}-${n}`, title: `${n} × ${method} through ${getter}, per call`, per: n, slow: true, exchange };
}

function mapped(n) {
  const recorded = [["pipeline", -1, ["square"], [["pipeline", 0]]], ["pipeline", 1]];
  const remap = ["push", ["remap", 1, [], [["import", 0]], recorded]];
  const exchange = () => ({
    frames: [call(0, "range", [n]), remap, ...pulls(2)],
    first: 2,
    values: [[times(n, (i) => i * i)]],
  });
  return { name: `map-${n}`, title: `map over ${n} elements, per element`, per: n, exchange };
}

function echo(name, title, bytes, text) {
  const exchange = () => {
    const value = document(bytes, text);
    return { frames: [call(0, "echo", [value]), ...pulls(1)], first: 1, values: [value] };
  };
  return { name, title, exchange };
}
