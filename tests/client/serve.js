/**
 * Vitest's global setup: `wrangler dev` of the Worker under test (`client`), of the same with a plain object as its
 * handler (`plain`), and of the one it calls (`conformance`).
 */
import { fileURLToPath } from "node:url";
import { start } from "../interop/serve.js";

const CONFIGS = { client: "client/wrangler.toml", plain: "client/plain.toml", conformance: "worker/wrangler.toml" };

export default async function setup({ provide }) {
  const workers = await Promise.all(Object.entries(CONFIGS).map(([name, config]) => serve(name, config, provide)));
  return () => Promise.all(workers.map((worker) => worker.dispose()));
}

async function serve(name, config, provide) {
  const worker = await start(fileURLToPath(new URL(`../${config}`, import.meta.url)));
  provide(name, (await worker.url).origin);
  return worker;
}
