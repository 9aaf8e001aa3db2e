/** Vitest's global setup: `wrangler dev` of the Worker under test (`client`) and of the one it calls (`conformance`). */
import { fileURLToPath } from "node:url";
import { start } from "../interop/serve.js";

const FOLDERS = { client: "client", conformance: "worker" };

export default async function setup({ provide }) {
  const workers = await Promise.all(Object.entries(FOLDERS).map(([name, folder]) => serve(name, folder, provide)));
  return () => Promise.all(workers.map((worker) => worker.dispose()));
}

async function serve(name, folder, provide) {
  const worker = await start(fileURLToPath(new URL(`../${folder}/wrangler.toml`, import.meta.url)));
  provide(name, (await worker.url).origin);
  return worker;
}
