// Every scenario, by topic. Each is `{ name, about, script, options? }`, run with the npm client, or
// `{ name, about, frames }`, frames written by hand for what the npm client never sends.

import { bodies } from "./scenarios/bodies.mjs";
import { calls } from "./scenarios/calls.mjs";
import { callbacks } from "./scenarios/callbacks.mjs";
import { capabilities } from "./scenarios/capabilities.mjs";
import { errors } from "./scenarios/errors.mjs";
import { handwritten } from "./scenarios/handwritten.mjs";
import { map } from "./scenarios/map.mjs";
import { pipelining } from "./scenarios/pipelining.mjs";
import { sessions } from "./scenarios/sessions.mjs";
import { streams } from "./scenarios/streams.mjs";
import { values } from "./scenarios/values.mjs";

export const scenarios = [
  ...values,
  ...calls,
  ...errors,
  ...pipelining,
  ...capabilities,
  ...callbacks,
  ...map,
  ...sessions,
  ...streams,
  ...bodies,
  ...handwritten,
];
