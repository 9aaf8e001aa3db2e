import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    dir: import.meta.dirname,
    include: ["*.test.js"],
    globalSetup: [`${import.meta.dirname}/serve.js`],
  },
});
