// A workerd process that serves one contender, and what the kernel says about it.
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { WORKERD } from "./contenders.mjs";

const TICK_NS = 10_000_000;

export class Server {
  #process;
  #log = "";

  /** Settles when the server listens; it says so itself on a pipe, so nothing is polled. */
  static async start(config, flags = []) {
    const server = new Server();
    const args = ["serve", "--binary", config, "--socket-addr=http=127.0.0.1:0", "--control-fd=3", ...flags];
    server.startedAt = process.hrtime.bigint();
    server.#process = spawn(WORKERD, args, { stdio: ["ignore", "pipe", "pipe", "pipe"] });
    server.#process.stdout.on("data", (text) => (server.#log += text));
    server.#process.stderr.on("data", (text) => (server.#log += text));
    running.add(server);
    await server.#listening();
    return server;
  }

  get pid() {
    return this.#process.pid;
  }

  /** What the server printed, for error messages. */
  get log() {
    return this.#log;
  }

  /** CPU of all threads so far. A difference of two readings is `cpuSince`. */
  cpu() {
    return { threads: threadTimes(this.pid), total: processTime(this.pid) };
  }

  /** Nanoseconds of CPU since an earlier reading. */
  cpuSince(earlier) {
    const now = this.cpu();
    let sum = 0;
    for (const [id, time] of now.threads) sum += time - (earlier.threads.get(id) ?? 0);
    // A thread that ended takes its time along; the process's total keeps it, but counts in ticks.
    return Math.max(sum, now.total - earlier.total - 2 * TICK_NS);
  }

  /** Resident bytes. */
  resident() {
    return Number(readFileSync(`/proc/${this.pid}/status`, "utf8").match(/VmRSS:\s*(\d+)/)[1]) * 1024;
  }

  stop() {
    running.delete(this);
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    if (this.#process.exitCode !== null || this.#process.signalCode !== null) return Promise.resolve();
    this.#process.kill("SIGKILL");
    return ended;
  }

  /** Reads the ports from the pipe; the inspector's, where there is one, comes before the server's. */
  #listening() {
    return new Promise((resolve, reject) => {
      createInterface(this.#process.stdio[3]).on("line", (line) => {
        const { event, port } = line ? JSON.parse(line) : {};
        if (event === "listen-inspector") this.inspectorPort = port;
        if (event === "listen") resolve((this.port = port));
      });
      this.#process.once("exit", () => reject(new Error(`workerd ended before it listened:\n${this.#log}`)));
    });
  }
}

const running = new Set();
process.on("exit", () => running.forEach((server) => server.stop()));
for (const signal of ["SIGINT", "SIGTERM"]) process.on(signal, () => process.exit(130));

function threadTimes(pid) {
  const times = new Map();
  for (const id of readdirSync(`/proc/${pid}/task`)) {
    const time = read(`/proc/${pid}/task/${id}/schedstat`);
    if (time !== undefined) times.set(id, Number(time.split(" ")[0]));
  }
  return times;
}

function processTime(pid) {
  // The name in parentheses may hold spaces; user and system time are the 12th and 13th field after it.
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ").at(-1).split(" ");
  return (Number(fields[11]) + Number(fields[12])) * TICK_NS;
}

/** A file's text, or undefined when its thread ended meanwhile. */
function read(path) {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
