/** The chat Worker; `POST /sleep/ROOM` puts a room to sleep, as the runtime does after some seconds without events. */
import Chat from "../../examples/chat/build/index.js";

export * from "../../examples/chat/build/index.js";

/** Not a literal: wrangler would look for a module of that name to bundle. */
const UNSAFE = "workerd:unsafe";

export default class extends Chat {
  async fetch(request) {
    const [, route, room] = new URL(request.url).pathname.split("/");
    if (route !== "sleep") return super.fetch(request);
    const { default: unsafe } = await import(UNSAFE);
    await unsafe.evict(this.env.ROOMS.getByName(room), { webSockets: "hibernate" });
    return new Response("asleep");
  }
}
