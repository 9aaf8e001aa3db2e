// Keeps every virtual core awake with work of idle priority, as an idle core's wake-ups would be booked on the
// request that wakes it. Such work gives way to anything else at once.
import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";

const LOOP = `
  process.on("disconnect", () => process.exit());
  setInterval(() => { for (const end = Date.now() + 100; Date.now() < end;); }, 0);
`;

/** Gives a function that ends it. */
export function spin() {
  const spinners = Array.from({ length: availableParallelism() }, start);
  return () => spinners.forEach((spinner) => spinner.kill("SIGKILL"));
}

/** The channel ends the loop when this process dies in any other way. */
function start() {
  const stdio = ["ignore", "ignore", "inherit", "ipc"];
  const spinner = spawn("chrt", ["--idle", "0", process.execPath, "-e", LOOP], { stdio });
  spinner.unref();
  spinner.channel.unref();
  return spinner;
}
