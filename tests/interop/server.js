/**
 * Which Worker the interop tests run against: `TOPSAIL_SERVER` is `conformance` (the default) or `reference`, and
 * `TOPSAIL_PANIC` is `unwind` where the first was built with `--panic-unwind`.
 */
import { fileURLToPath } from "node:url";

const FOLDERS = { conformance: "worker", reference: "reference" };

/** The server's name; tests read it as `inject("server")`. */
export const server = process.env.TOPSAIL_SERVER ?? "conformance";
if (!Object.hasOwn(FOLDERS, server)) {
  throw new Error(`TOPSAIL_SERVER is "${server}", not one of: ${Object.keys(FOLDERS).join(", ")}`);
}

/** What a panic does to the Worker's instance; tests read it as `inject("panic")`. */
export const panic = process.env.TOPSAIL_PANIC ?? "abort";
if (!["abort", "unwind"].includes(panic)) {
  throw new Error(`TOPSAIL_PANIC is "${panic}", not "abort" or "unwind"`);
}

export const configPath = fileURLToPath(new URL(`../${FOLDERS[server]}/wrangler.toml`, import.meta.url));
