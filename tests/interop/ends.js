/**
 * Ends of streams that do what a script says, and what they see of the other end: `{ chunks, end }`, so many chunks
 * and what happens then. Both the client's, and those of the reference as a server.
 */

/** Whoever goes on writing chunks of so many bytes soon notices that nobody reads. */
const MUCH = 64 << 10;

const seen = (error) => `${error?.name}: ${error?.message}`;

const chunk = (i, isBody) => (isBody ? new Uint8Array([i]) : i);

/** How many chunks one counts as, where a body may have joined some: as many as follow the last one. */
function size(value, count) {
  // What the runtime writes comes as buffers.
  const numbers = typeof value === "number" ? [value] : [...(value instanceof ArrayBuffer ? new Uint8Array(value) : value)];
  const rest = numbers.findIndex((number, i) => number !== count + 1 + i);
  return rest === -1 ? numbers.length : rest;
}

/** A stream that is read, and a promise of what its source sees. */
export function source({ chunks, end, lose }, isBody) {
  let i = 0;
  const { promise, resolve } = Promise.withResolvers();
  const endings = {
    close: (controller) => {
      controller.close();
      resolve("closed");
    },
    fail: (controller) => {
      controller.error(new RangeError("given up"));
      resolve("failed");
    },
    more: (controller) => controller.enqueue(new Uint8Array(MUCH)),
    lose: async (controller) => {
      await lose();
      controller.enqueue(new Uint8Array(MUCH));
    },
  };
  const readable = new ReadableStream({
    pull: (controller) => {
      if (i < chunks) return controller.enqueue(chunk((i += 1), isBody));
      return endings[end](controller);
    },
    cancel: (reason) => resolve(seen(reason)),
  }, { highWaterMark: 0 });
  return { readable, outcome: promise };
}

/** A stream that is written to, and a promise of what its sink sees. */
export function sink({ chunks, end, lose }) {
  let count = 0;
  const { promise, resolve } = Promise.withResolvers();
  const refuse = () => {
    resolve("cancelled");
    throw new RangeError("enough");
  };
  const writable = new WritableStream({
    write: async (value) => {
      if (end === "cancel" && count >= chunks) refuse();
      if (end === "lose" && count === chunks) await lose();
      count += size(value, count);
    },
    close: () => (end === "refuse" ? refuse() : resolve(`closed after ${count}`)),
    abort: (reason) => resolve(seen(reason)),
  });
  return { writable, outcome: promise };
}

/** Writes to a stream. Gives what becomes of it. */
export async function write(writable, { chunks, end, lose }, isBody) {
  const writer = writable.getWriter();
  // It rejects beside what is awaited.
  writer.closed.catch(() => {});
  try {
    for (let i = 1; i <= chunks; i += 1) await writer.write(chunk(i, isBody));
    if (end === "close") return await writer.close().then(() => "closed");
    if (end === "fail") return await writer.abort(new RangeError("given up")).then(() => "failed");
    if (end === "drop") return "dropped";
    if (end === "lose") await lose();
    for (;;) await writer.write(new Uint8Array(MUCH));
  } catch (error) {
    return seen(error);
  } finally {
    writer.releaseLock();
  }
}

/** Reads from a stream. Gives what becomes of it. */
export async function read(readable, { chunks, end, lose }) {
  const reader = readable.getReader();
  let count = 0;
  try {
    for (;;) {
      if (count >= chunks) {
        if (end === "cancel") return await reader.cancel(new RangeError("enough")).then(() => "cancelled");
        if (end === "drop") return "dropped";
        if (end === "lose") await lose();
      }
      const { done, value } = await reader.read();
      if (done) return `closed after ${count}`;
      count += size(value, count);
    }
  } catch (error) {
    return seen(error);
  } finally {
    reader.releaseLock();
  }
}

const REQUEST = { method: "POST", duplex: "half" };

/** Where a stream stands in what is sent: how it gets there and out again, and whether it is a body of bytes. */
export const PLACES = {
  plain: { put: (stream) => stream, take: (stream) => stream },
  /** Through a stream of JavaScript and back, on the server. */
  javascript: { put: (stream) => stream, take: (stream) => stream },
  bytes: { put: (stream) => stream, take: (stream) => stream, isBody: true },
  nested: { put: (stream) => ({ list: [1, stream] }), take: ({ list }) => list[1] },
  request: {
    put: (body) => new Request("https://example.com/", { ...REQUEST, body }),
    take: ({ body }) => body,
    isBody: true,
  },
  response: { put: (body) => new Response(body), take: ({ body }) => body, isBody: true },
  /** In a stream that ends behind it. */
  chunk: { put: (stream) => ReadableStream.from([stream]), take: async (outer) => (await outer.getReader().read()).value },
};
