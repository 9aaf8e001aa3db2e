// Builds the chat example: the Worker, and the page's script.
import { build } from "./build.mjs";
import { isMain, run } from "./process.mjs";

export function buildChat() {
  build("examples/chat");
  run("esbuild", [
    "examples/chat/page/page.js",
    "--bundle",
    "--format=esm",
    "--minify",
    "--log-level=warning",
    "--outfile=examples/chat/public/page.js",
  ]);
}

if (isMain(import.meta)) buildChat();
