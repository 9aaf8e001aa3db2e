// How a scenario is measured on one fresh server process: warmed up, then timed.
import { checkAnswer, lines, resolved } from "./frames.mjs";
import { HttpConnection, requestBytes } from "./net/http.mjs";
import { Socket } from "./net/websocket.mjs";
import { BATCHES } from "./scenarios/batches.mjs";
import { FANOUT } from "./scenarios/fanout.mjs";
import { Caller, SOCKETS } from "./scenarios/sockets.mjs";
import { STREAMS, Streamer } from "./scenarios/streams.mjs";
import { Server } from "./server.mjs";
import { median } from "./statistics.mjs";

/** V8 collects garbage of sessions at other times for each contender: the mean of many, once its heap has grown. */
const IDLE_SESSIONS = 3000;
const WARM_SESSIONS = 1000;
const COLD_STARTS = 5;
/** Of a `slow` scenario, in which most time is workerd's: what it runs of Wasm and JavaScript is optimized later. */
const SLOW_WARM = 5;

/** Every scenario: with a load to `open`, or with its own `measure`. */
export const SCENARIOS = [
  ...BATCHES.map((scenario) => ({ ...scenario, unit: "µs", open: openBatch })),
  ...SOCKETS.map((scenario) => ({ ...scenario, unit: "µs", open: openSession })),
  FANOUT,
  ...STREAMS.map((scenario) => ({ ...scenario, slow: true, open: openStream })),
  { name: "cold", title: "first answer after the start", unit: "ms", target: { later: 10 }, measure: coldStart },
  {
    name: "idle-session",
    title: "memory of an idle session",
    unit: "KB",
    target: { share: 1 / 2 },
    measure: idleSessions,
  },
];

/** One sample of a scenario, of a fresh server: `{value, wall}` in the scenario's unit. */
export function measure(scenario, config, times) {
  return scenario.measure ? scenario.measure(config) : measureLoad(scenario, config, times);
}

async function measureLoad(scenario, config, { warmMs, measureMs }) {
  const server = await Server.start(config);
  try {
    const warm = scenario.slow ? warmMs * SLOW_WARM : warmMs;
    return await drive(server, scenario, warm, (repeat) => timed(server, repeat, measureMs, scenario.unit));
  } finally {
    await server.stop();
  }
}

/** Opens the scenario's load and warms it up; then `work` may repeat it for so many milliseconds. */
export async function drive(server, scenario, warmMs, work) {
  try {
    const load = await scenario.open(server, scenario);
    await repeat(load, warmMs);
    return await work((ms) => repeat(load, ms));
  } catch (error) {
    throw new Error(`${error.message}\n${server.log.slice(0, 2000)}`.trim());
  }
}

const NS = { "µs": 1000, ms: 1_000_000 };

/** CPU of the server, and wall time, of one operation. */
async function timed(server, repeat, ms, unit) {
  const before = server.cpu();
  const { wallNs, operations } = await repeat(ms);
  return { value: server.cpuSince(before) / operations / NS[unit], wall: wallNs / operations / NS[unit] };
}

/** Runs the load for so long, once at least. The checks of answers do not count as wall time. */
async function repeat({ step, operations }, ms) {
  const end = performance.now() + ms;
  let [wallNs, done] = [0, 0];
  do {
    wallNs += await step();
    done += operations;
  } while (performance.now() < end);
  return { wallNs, operations: done };
}

async function openBatch(server, { name, per = 1, exchange }) {
  const { frames, first, values, expected = values } = exchange();
  await teach(server, name, resolved(first, values));
  const connection = new HttpConnection(server.port);
  const request = requestBytes("POST", name, lines(frames));
  let right;
  const step = async () => {
    const [body, ns] = await stopwatch(() => connection.send(request));
    // Bytes that were right once need no second look.
    if (!right?.equals(body)) checkAnswer(body.toString(), first, expected);
    right = body;
    return ns;
  };
  return { step, operations: per };
}

/** Tells the bare transport what to answer. The others refuse that, and may close the connection over it. */
async function teach(server, scenario, answer) {
  const connection = new HttpConnection(server.port);
  await connection.send(requestBytes("PUT", scenario, answer)).catch(() => {});
  connection.close();
}

async function openSession(server, scenario) {
  const caller = new Caller(await Socket.open(server.port, scenario.path ?? "/api", scenario.name), scenario);
  const step = async () => (await stopwatch(() => caller.run(scenario.burst)))[1];
  return { step, operations: scenario.burst };
}

async function openStream(server, scenario) {
  const streamer = new Streamer(await Socket.open(server.port, "/api", scenario.name), scenario);
  const step = async () => (await stopwatch(() => streamer.run()))[1];
  return { step, operations: scenario.operations };
}

/** Milliseconds from the start of the process to its first right answer, of CPU and of wall time. */
async function coldStart(config) {
  const starts = [];
  for (let i = 0; i < COLD_STARTS; i += 1) starts.push(await firstAnswer(config));
  return { value: median(starts.map(({ value }) => value)), wall: median(starts.map(({ wall }) => wall)) };
}

async function firstAnswer(config) {
  const server = await Server.start(config);
  try {
    const answer = await new HttpConnection(server.port).send(requestBytes("POST", "cold", COLD_BATCH));
    const wall = Number(process.hrtime.bigint() - server.startedAt) / 1e6;
    checkAnswer(answer.toString(), 1, [49]);
    return { value: server.cpuSince(NO_CPU) / 1e6, wall };
  } finally {
    await server.stop();
  }
}

const NO_CPU = { threads: new Map(), total: 0 };
const COLD_BATCH = lines([["push", ["pipeline", 0, ["square"], [7]]], ["pull", 1]]);

/** KB that one idle session adds to the resident memory. Each has answered one call. */
async function idleSessions(config) {
  const server = await Server.start(config);
  try {
    const warm = await openSessions(server, WARM_SESSIONS);
    const before = server.resident();
    const idle = await openSessions(server, IDLE_SESSIONS);
    const memory = (server.resident() - before) / IDLE_SESSIONS / 1024;
    [...warm, ...idle].forEach((socket) => socket.close());
    return { value: memory };
  } finally {
    await server.stop();
  }
}

async function openSessions(server, count) {
  const scenario = SOCKETS[0];
  const sockets = [];
  for (let i = 0; i < count; i += 1) {
    const socket = await Socket.open(server.port, "/api", scenario.name);
    await new Caller(socket, scenario).run(1);
    sockets.push(socket);
  }
  return sockets;
}

async function stopwatch(work) {
  const start = process.hrtime.bigint();
  const result = await work();
  return [result, Number(process.hrtime.bigint() - start)];
}
