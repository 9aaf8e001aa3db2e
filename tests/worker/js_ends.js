// Ends of streams that go by scripts (`tests/interop/ends.js`), for servers of JavaScript.
import { RpcTarget } from "cloudflare:workers";
import { PLACES, read, sink, source, write } from "../interop/ends.js";

/** What ends of streams have seen, by their names. */
const outcomes = new Map();

export class Ends extends RpcTarget {
  readable(script, place) {
    const { readable, outcome } = source(script, PLACES[place].isBody);
    note(script, outcome);
    return PLACES[place].put(readable);
  }

  writable(script, place) {
    const { writable, outcome } = sink(script);
    note(script, outcome);
    return PLACES[place].put(writable);
  }

  async read(value, script, place) {
    await note(script, read(await PLACES[place].take(value), script));
  }

  async write(value, script, place) {
    await note(script, write(await PLACES[place].take(value), script, PLACES[place].isBody));
  }

  outcome(name) {
    return outcomes.get(name) ?? null;
  }
}

async function note({ name }, outcome) {
  outcomes.set(name, await outcome);
}
