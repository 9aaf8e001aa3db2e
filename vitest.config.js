// The interop tests inside workerd, against the built conformance Worker or the one that TOPSAIL_SERVER chooses.
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { defineConfig } from "vitest/config";
import { configPath, panic, server } from "./tests/interop/server.js";
import "./tests/interop/garbage.js";

// The reference does not sleep.
const HIBERNATION = server === "reference" ? [] : ["tests/hibernation/**/*.test.js"];

export default defineConfig({
  // Vitest imports node:inspector: without the flag workerd warns of that in every file.
  plugins: [
    cloudflareTest({
      wrangler: { configPath },
      miniflare: { compatibilityFlags: ["enable_nodejs_inspector_module"] },
    }),
  ],
  test: {
    include: ["tests/interop/**/*.test.js", ...HIBERNATION],
    provide: { panic, server },
    // What hangs ends; a busy machine takes its time.
    testTimeout: 30_000,
  },
});
