import { WorkerEntrypoint } from "cloudflare:workers";
import { Counter } from "./counter.js";
import { Ends } from "./js_ends.js";

/** A native service, behind the binding `GREETER`. */
export class Greeter extends WorkerEntrypoint {
  greet(name) {
    return `Hello, ${name}!`;
  }

  makeCounter(value) {
    return new Counter(value);
  }

  /** Ends of streams that go by scripts. */
  ends() {
    return new Ends();
  }
}
