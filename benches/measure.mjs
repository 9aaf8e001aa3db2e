// How a scenario is measured: on a fresh process of each server, all of them side by side.
import { checkAnswer, lines, resolved } from "./frames.mjs";
import { Loaded } from "./loaded.mjs";
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
/** The servers take turns of so long: what the machine does meanwhile meets all of them. */
const TURN_MS = 100;
/** How many times the usual time is taken. */
const USUAL = { warm: 1, timed: 1 };
/** Of a scenario in which most time is workerd's: what it runs of Wasm and JavaScript is optimized later. */
const SLOW = { warm: 5, timed: 1 };
/**
 * Of one that keeps garbage of workerd's for each request: the process grows until V8 has collected all of it for the
 * first time, which takes the longer the less garbage there is, and then does so every few seconds.
 */
const STEADY = { warm: 12, timed: 12 };

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

/** One sample of a scenario for each config, of fresh servers: `{value, wall}` in the scenario's unit, or `{error}`. */
export function measure(scenario, configs, times) {
  return scenario.measure ? measureApart(scenario, configs) : measureLoads(scenario, configs, times);
}

async function measureApart(scenario, configs) {
  const samples = [];
  const failed = ({ message }) => ({ error: message });
  for (const config of configs) samples.push(await scenario.measure(config).catch(failed));
  return samples;
}

async function measureLoads(scenario, configs, { warmMs, measureMs }) {
  const { warm, timed } = scenario.steady ? STEADY : scenario.slow ? SLOW : USUAL;
  const servers = [];
  try {
    for (const config of configs) servers.push(await Loaded.start(config, scenario));
    await inTurns(servers, warmMs * warm);
    servers.forEach((server) => server.begin());
    await inTurns(servers, measureMs * timed);
    return servers.map((server) => server.sample());
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
  }
}

/** Each of the servers runs its load for so long. */
async function inTurns(servers, ms) {
  const runs = servers.map((server) => ({ server, spent: 0 }));
  while (runs.some(({ spent }) => spent < ms)) {
    for (const run of runs) if (run.spent < ms) run.spent += await run.server.run(TURN_MS);
    runs.reverse();
  }
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
