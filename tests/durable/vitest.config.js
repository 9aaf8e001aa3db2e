// In workerd, where objects can be put to sleep.
import { cloudflareTest } from "@cloudflare/vitest-plugin";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";
import "../interop/garbage.js";

export default defineConfig({
  plugins: [
    cloudflareTest({
      wrangler: { configPath: fileURLToPath(new URL("wrangler.toml", import.meta.url)) },
      miniflare: { compatibilityFlags: ["enable_nodejs_inspector_module"] },
    }),
  ],
  test: { dir: import.meta.dirname, include: ["*.test.js"] },
});
