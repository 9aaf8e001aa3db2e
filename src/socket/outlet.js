// The way out of a socket. To hand a frame to the runtime costs more than most calls cost here, and
// many together cost little more than one: what leaves a busy socket is held for a moment.

/** With more sends in so many milliseconds a socket may be busy: it is tried what a moment brings. */
const BUSY_SENDS = 8;
const BUSY_TIME = 8;

/** From so many frames in a moment on, on average, holding pays. Fewer may be all that the other side waits for. */
const MANY_FRAMES = 12;

/** Milliseconds without a send after which a socket is not busy any more. */
const PAUSE = 4;

/** Longer messages are not held, and no more characters than so many: what those cost is their length. */
const LONG = 4 << 10;
const HELD_CHARACTERS = 64 << 10;

/** Milliseconds without holding, the first time that it has not paid; then twice that, and so on. */
const SHORTEST_REST = 16;
const LONGEST_REST = 1024;

/** Milliseconds after which a timer will not come any more. */
const OVERDUE = 50;

/** Those that hold, by their sockets. The timer that ends it may never come: not where the request has ended. */
const holding = new WeakMap();

/** Sends what is held for a socket. */
export function flush(socket) {
  holding.get(socket)?.flush();
}

export class Outlet {
  #socket;
  /** Sends that nobody has counted yet, until there is a pace; -1 where frames are never held. */
  #sends;
  #pace;

  /** Frames may be held if the event that sends them lasts as long as the socket. */
  constructor(socket, mayHold) {
    this.#socket = socket;
    this.#sends = mayHold ? 0 : -1;
  }

  /** Sends each line in a frame of its own, at once or in a moment. */
  send(lines) {
    if (this.#pace) this.#pace.send(lines);
    else {
      sendNow(this.#socket, lines);
      // Most sockets are idle ones, which have no more than this object.
      if (this.#sends >= 0 && ++this.#sends === BUSY_SENDS) this.#pace = new Pace(this.#socket);
    }
  }

  /** Sends one frame, in which nobody looks for lines. */
  sendFrame(frame) {
    if (frame.length <= LONG) return this.send(frame);
    flush(this.#socket);
    sendAll(this.#socket, [frame]);
  }

  close(code, reason) {
    flush(this.#socket);
    try {
      this.#socket.close(code, reason);
    } catch {
      // It is closed.
    }
  }
}

/** When a socket's frames are sent. */
class Pace {
  #socket;
  #held = [];
  #characters = 0;
  /** When the moment began that frames are held for, and how many there were in it. */
  #since = 0;
  #frames = 0;
  /** Until when it is known to be busy, and how many frames a moment has brought lately. */
  #busyUntil = 0;
  #average = 0;
  /** Since when sends are counted. */
  #counted = Date.now();
  #sends = BUSY_SENDS;
  #rest = SHORTEST_REST;
  #restsUntil = 0;

  constructor(socket) {
    this.#socket = socket;
  }

  send(lines) {
    if (lines.length <= LONG && this.#isToHold(Date.now())) return this.#hold(lines);
    this.flush();
    sendNow(this.#socket, lines);
  }

  flush() {
    const held = this.#held;
    if (held.length === 0) return;
    this.#held = [];
    this.#characters = 0;
    held.forEach((lines) => sendNow(this.#socket, lines));
  }

  #isToHold(now) {
    if (this.#since > 0) {
      if (now - this.#since <= OVERDUE) return true;
      this.#end(now);
    }
    if (now < this.#restsUntil) return false;
    const isBusy = now <= this.#busyUntil || this.#seemsBusy(now);
    if (isBusy) this.#begin(now);
    return isBusy;
  }

  #seemsBusy(now) {
    if (now - this.#counted > BUSY_TIME) {
      this.#counted = now;
      this.#sends = 0;
    }
    this.#sends += 1;
    return this.#sends > BUSY_SENDS;
  }

  #begin(now) {
    if (now > this.#busyUntil) this.#average = 0;
    this.#since = now;
    this.#frames = 0;
    holding.set(this.#socket, this);
    setTimeout(() => this.#end(Date.now()), 0);
  }

  #end(now) {
    if (this.#since === 0) return;
    this.#since = 0;
    holding.delete(this.#socket);
    this.flush();
    this.#average = this.#average > 0 ? (this.#average + this.#frames) / 2 : this.#frames;
    if (this.#average >= MANY_FRAMES) {
      this.#busyUntil = now + PAUSE;
      this.#rest = SHORTEST_REST;
    } else {
      this.#restsUntil = now + this.#rest;
      this.#rest = Math.min(2 * this.#rest, LONGEST_REST);
    }
  }

  #hold(lines) {
    this.#held.push(lines);
    this.#frames += lines.split("\n").length;
    this.#characters += lines.length;
    if (this.#characters > HELD_CHARACTERS) this.flush();
  }
}

function sendNow(socket, lines) {
  sendAll(socket, lines.includes("\n") ? lines.split("\n") : [lines]);
}

function sendAll(socket, frames) {
  try {
    for (const frame of frames) socket.send(frame);
  } catch {
    // The socket is closed, whose event ends the session.
  }
}
