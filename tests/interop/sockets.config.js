import { defineConfig } from "vitest/config";
import { panic, server } from "./server.js";

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ["**/*.test.js"],
    provide: { panic, server },
    // What hangs ends; a busy machine takes its time.
    testTimeout: 30_000,
    globalSetup: [`${import.meta.dirname}/serve.js`],
  },
});
