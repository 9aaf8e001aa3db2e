// What memory long streams take: node benches/memory.mjs [--megabytes 100] [--no-build]
// Each stream of bytes goes over a WebSocket to a process of its own, after a short one that has grown its heaps. What is
// printed is the resident memory before, and the most and the last of what was read every 20 ms.
import { parseArgs } from "node:util";
import { CONTENDERS, prepare } from "./contenders.mjs";
import { Socket } from "./net/websocket.mjs";
import { chunk, Streamer } from "./scenarios/streams.mjs";
import { Server } from "./server.mjs";

const CHUNK_BYTES = 64 << 10;
const PATTERN = 251;
const WARM_BYTES = 8_000_000;
const EVERY_MS = 20;

const FLAGS = { megabytes: { type: "string", default: "100" }, "no-build": { type: "boolean" } };
const { values } = parseArgs({ options: FLAGS });
const total = Number(values.megabytes) * 1_000_000;
const parts = Array.from({ length: PATTERN }, (_, i) => chunk(i * CHUNK_BYTES, CHUNK_BYTES));

/** Whole chunks only. */
const chunksOf = (bytes) => Array.from({ length: Math.floor(bytes / CHUNK_BYTES) }, (_, i) => parts[i % PATTERN]);

const DIRECTIONS = {
  "from the server": (bytes) => {
    const received = chunksOf(bytes);
    return { call: ["bytesOf", [received.length * CHUNK_BYTES, CHUNK_BYTES]], received };
  },
  "to the server": (bytes) => {
    const sent = chunksOf(bytes);
    return { call: ["sumBytes"], sent, expected: sumOf(sent.length * CHUNK_BYTES) };
  },
};

function sumOf(length) {
  let sum = 0;
  for (let i = 0; i < length; i += 1) sum += i % PATTERN;
  return { length, sum };
}

async function stream(server, scenario) {
  const socket = await Socket.open(server.port, "/api", "memory");
  await new Streamer(socket, scenario).run();
  socket.close?.();
}

async function measure(config, direction) {
  const server = await Server.start(config);
  try {
    await stream(server, direction(WARM_BYTES));
    const before = server.resident();
    let most = before;
    const timer = setInterval(() => (most = Math.max(most, server.resident())), EVERY_MS);
    await stream(server, direction(total));
    clearInterval(timer);
    return [before, most, server.resident()];
  } finally {
    await server.stop();
  }
}

for (const contender of CONTENDERS.filter(({ name }) => name !== "transport")) {
  const config = prepare(contender, { compile: !values["no-build"] });
  for (const [name, direction] of Object.entries(DIRECTIONS)) {
    const [before, most, after] = (await measure(config, direction)).map((bytes) => Math.round(bytes / 1_000_000));
    console.log(`${contender.label}, ${values.megabytes} MB ${name}: before ${before}, at most ${most}, after ${after} MB`);
  }
}
process.exit(0);
