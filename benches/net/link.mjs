// A line between a client and a server on this machine: delay, jitter and a limited bandwidth, in both directions.
import { connect, createServer } from "node:net";

/** Settles with a line to the port, once it listens; times are milliseconds, and jitter is the most that is added. */
export async function openLink(port, { bytesPerMs, delay, jitter }) {
  const link = { down: 0, sockets: new Set() };
  const server = createServer((near) => {
    const far = connect(port, "127.0.0.1");
    for (const socket of [near, far]) {
      socket.setNoDelay(true);
      socket.on("error", () => {});
      link.sockets.add(socket);
    }
    carry(near, far, { bytesPerMs, delay, jitter }, () => {});
    carry(far, near, { bytesPerMs, delay, jitter }, (bytes) => (link.down += bytes));
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: server.address().port,
    /** Bytes that have arrived at clients. */
    arrived: () => link.down,
    close: () => (link.sockets.forEach((socket) => socket.destroy()), server.close()),
  };
}

/** What the line itself holds before it takes no more, beyond what is under way. */
const QUEUE_MS = 100;

function carry(from, to, { bytesPerMs, delay, jitter }, onArrival) {
  const underWay = [];
  let [free, last] = [0, 0];
  const deliver = () => {
    while (underWay.length > 0 && underWay[0].at <= performance.now()) {
      const { bytes } = underWay.shift();
      onArrival(bytes.length);
      to.write(bytes);
    }
    if (underWay.length > 0) setTimeout(deliver, underWay[0].at - performance.now());
  };
  from.on("data", (bytes) => {
    const now = performance.now();
    free = Math.max(now, free) + bytes.length / bytesPerMs;
    // In order, however late.
    last = Math.max(last, free + delay + Math.random() * jitter);
    if (underWay.push({ at: last, bytes }) === 1) setTimeout(deliver, last - now);
    if (free - now > QUEUE_MS) {
      from.pause();
      setTimeout(() => from.resume(), free - now - QUEUE_MS);
    }
  });
  from.on("end", () => to.end());
}
