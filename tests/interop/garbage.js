/** Has the workerd under test collect garbage on command: `gc()`. Miniflare reads this. */
process.env.MINIFLARE_WORKERD_V8_FLAGS = "--expose-gc";
