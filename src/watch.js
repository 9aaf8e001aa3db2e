// Tasks that end with their request. When the runtime cancels a request, or its socket is closed, it drops all that
// would wake the request's tasks, and says nothing: they would stay in memory for ever.

/** For longer the runtime shall not take a request for one that waits for its timer. */
const WATCH_MS = 60_000;

/** By the number of the task. */
const watched = new Map();
const registry = globalThis.FinalizationRegistry && new FinalizationRegistry(abandoned);
let giveUp;

// One object: wasm-bindgen 0.2.130 makes esbuild warn of a module that it imports from twice.
export const watches = { watch, unwatch };

/** Says what gives up the task with a number. */
export function onAbandoned(run) {
  giveUp = run;
}

/**
 * Has a task given up if the request that runs now ends without `unwatch`. The runtime drops the timers of a request
 * with it, and only then a timer's function is garbage.
 */
export function watch(number) {
  const watch = { number };
  watched.set(number, watch);
  const end = () => watched.delete(number);
  registry?.register(end, watch);
  watch.timer = setTimeout(end, WATCH_MS);
}

export function unwatch(number) {
  const watch = watched.get(number);
  if (watch === undefined) return;
  watched.delete(number);
  clearTimeout(watch.timer);
}

/** The tasks are lost, and others will have their numbers. */
export function unwatchAll() {
  watched.clear();
}

function abandoned(watch) {
  if (watched.get(watch.number) !== watch) return;
  watched.delete(watch.number);
  giveUp(watch.number);
}
