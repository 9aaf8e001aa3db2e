import { defineConfig } from "vitest/config";

export default defineConfig({
  test: { dir: import.meta.dirname, include: ["*.test.js"], testTimeout: 20_000, hookTimeout: 60_000 },
});
