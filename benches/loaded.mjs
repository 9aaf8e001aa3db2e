// A fresh server under the load of a scenario.
import { Server } from "./server.mjs";

const NS = { "µs": 1000, ms: 1_000_000 };

/** What fails in it once is not tried again, and is its sample. */
export class Loaded {
  #unit;
  #server;
  #load;
  #before;
  #wallNs = 0;
  #operations = 0;
  #error;

  static async start(config, scenario, flags) {
    const loaded = new Loaded();
    loaded.#unit = scenario.unit;
    await loaded.#attempt(async () => {
      loaded.#server = await Server.start(config, flags);
      loaded.#load = await scenario.open(loaded.#server, scenario);
    });
    return loaded;
  }

  /**
   * Runs the load for so long, once at least, and gives the milliseconds that it took; of one that has failed, for
   * ever. The checks of answers do not count as wall time.
   */
  async run(ms) {
    const begin = performance.now();
    const spent = () => performance.now() - begin;
    await this.#attempt(async () => {
      const { step, operations } = this.#load;
      do {
        this.#wallNs += await step();
        this.#operations += operations;
      } while (spent() < ms);
    });
    return this.#error ? Infinity : spent();
  }

  /** From now on counts. */
  begin() {
    if (this.#error) return;
    this.#before = this.#server.cpu();
    this.#wallNs = 0;
    this.#operations = 0;
  }

  /** CPU of the server, and wall time, of one operation since `begin`; or `{error}`. */
  sample() {
    if (this.#error) return { error: this.#error };
    const each = (ns) => ns / this.#operations / NS[this.#unit];
    return { value: each(this.#server.cpuSince(this.#before)), wall: each(this.#wallNs) };
  }

  get error() {
    return this.#error;
  }

  get inspectorPort() {
    return this.#server?.inspectorPort;
  }

  stop() {
    return this.#server?.stop();
  }

  async #attempt(work) {
    if (this.#error) return;
    try {
      await work();
    } catch (error) {
      this.#error = `${error.message}\n${this.#server?.log.slice(0, 2000) ?? ""}`.trim();
      // It may be busy for ever.
      await this.stop();
    }
  }
}
