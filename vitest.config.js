// The interop tests inside workerd, against the built conformance Worker.
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [cloudflareTest({ wrangler: { configPath: "./tests/worker/wrangler.toml" } })],
  test: { include: ["tests/interop/**/*.test.js"] },
});
