// Serves the demo Worker on this machine, or with `npm start -- chat` the chat room. Their wrangler.toml name the
// address and the build, which wrangler runs. Other arguments go to wrangler: `npm start -- --port 8788`.
import { spawn } from "node:child_process";
import { ROOT, say } from "./process.mjs";
import { setup } from "./setup.mjs";

function start() {
  setup();
  const [, , ...args] = process.argv;
  const isChat = args[0] === "chat";
  if (isChat) args.splice(0, 1, "-c", "examples/chat/wrangler.toml");
  say(`Building and serving the ${isChat ? "chat room" : "demo Worker"}`);
  const stdio = ["inherit", "inherit", "inherit", "ipc"];
  const wrangler = spawn("wrangler", ["dev", ...args], { cwd: ROOT, stdio });
  wrangler.on("message", (message) => announce(JSON.parse(message), isChat));
  wrangler.on("exit", (code) => process.exit(code ?? 0));
  // Ctrl-C reaches wrangler too, which then ends in order and this process after it.
  process.on("SIGINT", () => {});
  process.on("SIGTERM", () => wrangler.kill("SIGTERM"));
}

function announce({ event, ip, port }, isChat) {
  if (event !== "DEV_SERVER_READY") return;
  if (isChat) return say(`The chat room is at http://${ip}:${port}. Open it in two windows.`);
  say(`The demo Worker is at http://${ip}:${port}. In a second terminal, try:

  sh examples/demo/batch.sh        a batch of calls, with curl
  npm run demo                     the npm package capnweb as the client
`);
}

start();
