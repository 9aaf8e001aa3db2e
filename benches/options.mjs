// The command line.
import { parseArgs } from "node:util";
import { fail } from "../scripts/process.mjs";
import { CONTENDERS } from "./contenders.mjs";
import { SCENARIOS } from "./measure.mjs";

const FULL = { rounds: 5, warmMs: 1000, measureMs: 700 };
const QUICK = { rounds: 2, warmMs: 300, measureMs: 300 };

const FLAGS = {
  quick: { type: "boolean" },
  only: { type: "string" },
  contenders: { type: "string" },
  rounds: { type: "string" },
  "no-build": { type: "boolean" },
};

/** What to measure and how. Only a whole run at full length is `complete`: its results are saved. */
export function options() {
  const { values } = parseArgs({ options: FLAGS });
  const times = { ...(values.quick ? QUICK : FULL) };
  if (values.rounds) times.rounds = Number(values.rounds);
  return {
    ...times,
    scenarios: chosen(SCENARIOS, values.only),
    contenders: chosen(CONTENDERS, values.contenders),
    compile: !values["no-build"],
    complete: !values.quick && !values.only && !values.contenders && times.rounds >= FULL.rounds,
  };
}

function chosen(all, names) {
  if (names === undefined) return all;
  const known = all.map((entry) => entry.name).join(", ");
  const find = (name) => all.find((entry) => entry.name === name) ?? fail(`No ${name}. There are: ${known}`);
  return names.split(",").map(find);
}
