import { defineConfig } from "vitest/config";
import { server } from "./server.js";

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ["**/*.test.js"],
    provide: { server },
    globalSetup: [`${import.meta.dirname}/serve.js`],
  },
});
