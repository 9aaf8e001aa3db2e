// How much of a line a server's stream fills: node benches/link.mjs [--seconds 12] [--no-build]
// A stream of bytes goes through a line of this machine with delay, jitter and limited bandwidth; what arrives in the
// second half of the time is compared with the bandwidth.
import { parseArgs } from "node:util";
import { CONTENDERS, prepare } from "./contenders.mjs";
import { openLink } from "./net/link.mjs";
import { Socket } from "./net/websocket.mjs";
import { chunk, Streamer } from "./scenarios/streams.mjs";
import { Server } from "./server.mjs";

const CHUNK_BYTES = 32 << 10;
const CHUNKS = 20_000;
const PATTERN = 251;

/** Bandwidths in bytes a millisecond: 2 and 10 MB/s. */
const LINES = [
  { bytesPerMs: 2000, delay: 25, jitter: 0 },
  { bytesPerMs: 2000, delay: 25, jitter: 20 },
  { bytesPerMs: 10_000, delay: 25, jitter: 0 },
  { bytesPerMs: 10_000, delay: 25, jitter: 20 },
];

const { values } = parseArgs({ options: { seconds: { type: "string", default: "12" }, "no-build": { type: "boolean" } } });
const parts = Array.from({ length: PATTERN }, (_, i) => chunk(i * CHUNK_BYTES, CHUNK_BYTES));
const scenario = {
  call: ["bytesOf", [CHUNKS * CHUNK_BYTES, CHUNK_BYTES]],
  received: Array.from({ length: CHUNKS }, (_, i) => parts[i % PATTERN]),
  answerAfterMs: 0,
};

async function fill(config, line, ms) {
  const server = await Server.start(config);
  const link = await openLink(server.port, line);
  try {
    const streamer = new Streamer(await Socket.open(link.port, "/api", "link"), scenario);
    const broken = streamer.run().catch((error) => error);
    await new Promise((resolve) => setTimeout(resolve, ms / 2));
    const half = await Promise.race([broken, undefined]);
    if (half) throw half;
    const [start, before] = [performance.now(), link.arrived()];
    await new Promise((resolve) => setTimeout(resolve, ms / 2));
    const end = await Promise.race([broken, undefined]);
    if (end) throw end;
    return (link.arrived() - before) / (performance.now() - start);
  } finally {
    link.close();
    await server.stop();
  }
}

const servers = CONTENDERS.filter(({ name }) => name !== "transport");
const configs = servers.map((contender) => [contender.label, prepare(contender, { compile: !values["no-build"] })]);
for (const line of LINES) {
  for (const [label, config] of configs) {
    const rate = await fill(config, line, Number(values.seconds) * 1000);
    const what = `${line.bytesPerMs / 1000} MB/s, ${line.delay} ms each way, up to ${line.jitter} ms late`;
    console.log(`${what}: ${label} ${(rate / 1000).toFixed(2)} MB/s, ${Math.round((100 * rate) / line.bytesPerMs)} %`);
  }
}
process.exit(0);
