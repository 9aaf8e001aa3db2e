/**
 * Vitest's global setup for tests over real sockets: gives them `origin`, the server under test.
 *
 * That is `TOPSAIL_URL` when it is set, and else a `wrangler dev` of the Worker that `TOPSAIL_SERVER`
 * chooses, which ends with the tests.
 */
import { unstable_startWorker } from "wrangler";
import "./garbage.js";
import { configPath } from "./server.js";

export default async function setup({ provide }) {
  if (process.env.TOPSAIL_URL) {
    provide("origin", new URL(process.env.TOPSAIL_URL).origin);
    return;
  }
  const worker = await start(configPath);
  provide("origin", (await worker.url).origin);
  return () => worker.dispose();
}

/** A `wrangler dev` on a free port. */
export function start(config) {
  return unstable_startWorker({
    config,
    dev: {
      server: { hostname: "127.0.0.1", port: 0 },
      inspector: false,
      watch: false,
      // What a run before has stored is none of this one's.
      persist: false,
      logLevel: "error",
    },
  });
}
