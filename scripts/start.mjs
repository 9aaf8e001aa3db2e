// Serves the demo Worker on this machine. wrangler.toml names its address and its build, which wrangler runs.
// Arguments go to wrangler: `npm start -- --port 8788`.
import { spawn } from "node:child_process";
import { ROOT, say } from "./process.mjs";
import { setup } from "./setup.mjs";

function start() {
  setup();
  say("Building and serving the demo Worker");
  const stdio = ["inherit", "inherit", "inherit", "ipc"];
  const wrangler = spawn("wrangler", ["dev", ...process.argv.slice(2)], { cwd: ROOT, stdio });
  wrangler.on("message", (message) => announce(JSON.parse(message)));
  wrangler.on("exit", (code) => process.exit(code ?? 0));
  // Ctrl-C reaches wrangler too, which then ends in order and this process after it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => wrangler.kill("SIGTERM"));
}

function announce({ event, ip, port }) {
  if (event !== "DEV_SERVER_READY") return;
  say(`The demo Worker is at http://${ip}:${port}. In a second terminal, try:

  sh examples/demo/batch.sh        a batch of calls, with curl
  npm run demo                     the npm package capnweb as the client
`);
}

start();
