import { defineConfig } from "vitest/config";
import { panic, server } from "./server.js";

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ["**/*.test.js"],
    provide: { panic, server },
    globalSetup: [`${import.meta.dirname}/serve.js`],
  },
});
