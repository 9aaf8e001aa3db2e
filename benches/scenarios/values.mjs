// The values that scenarios send, in wire form: arrays are wrapped, dates are expressions.

const DAY_MS = 86_400_000;

/** What `users` gives, as the reference Worker makes it. */
export function user(i) {
  return {
    id: i,
    name: `User ${i}`,
    tags: [[`team-${i % 5}`, `floor-${i % 3}`, "staff"]],
    active: i % 2 === 0,
    score: i * 1.5,
    joined: ["date", 1_700_000_000_000 + i * DAY_MS],
  };
}

/** Whether a value has a user's shape: what the users are called is each server's own affair. */
export function isUser({ id, name, tags: [tags], active, score, joined }) {
  const kinds = [typeof id, typeof name, typeof active, typeof score, joined[0], typeof joined[1]];
  return kinds.join() === "number,string,boolean,number,date,number"
    && tags.length === 3 && tags.every((tag) => typeof tag === "string");
}

/** A user for `updateUser`: every second one has a nick. */
export function updateArgument(i) {
  return i % 2 === 0 ? user(i) : { ...user(i), nick: `nick-${i}` };
}

/** An object of about so many bytes of JSON, as an API would give it: records of strings, numbers and lists. */
export function document(bytes, text = "Line one\nsays \"two\"") {
  const value = { title: "Report", generated: ["date", 1_750_000_000_000], records: [[]] };
  let size = Buffer.byteLength(JSON.stringify(value));
  for (let i = 0; size < bytes; i += 1) {
    const entry = bytes < 1000 ? small(i) : record(i, text);
    value.records[0].push(entry);
    size += Buffer.byteLength(JSON.stringify(entry)) + 1;
  }
  return value;
}

function small(i) {
  return { id: i, name: `Item ${i}`, ok: true };
}

function record(i, text) {
  return {
    id: 1000 + i,
    key: `record-${(i * 2654435761 >>> 0).toString(16)}`,
    name: `Record number ${i}`,
    note: `${text}, and a longer remark about record ${i} that goes on for a while.`,
    price: Math.round(i * 137.31) / 100,
    ratio: i / 7,
    open: i % 3 === 0,
    parent: i % 4 === 0 ? null : 1000 + (i >> 1),
    tags: [[`group-${i % 12}`, "common", `zone-${i % 5}`]],
    position: { x: i * 0.25, y: 10 - i, path: [[i, i + 1, i + 2, i + 3]] },
  };
}
