/** Which Worker the interop tests run against: `TOPSAIL_SERVER` is `conformance` (the default) or `reference`. */
import { fileURLToPath } from "node:url";

const FOLDERS = { conformance: "worker", reference: "reference" };

/** The server's name; tests read it as `inject("server")`. */
export const server = process.env.TOPSAIL_SERVER ?? "conformance";
if (!Object.hasOwn(FOLDERS, server)) {
  throw new Error(`TOPSAIL_SERVER is "${server}", not one of: ${Object.keys(FOLDERS).join(", ")}`);
}

export const configPath = fileURLToPath(new URL(`../${FOLDERS[server]}/wrangler.toml`, import.meta.url));
