// The main module of a build without the feature `beyond`, which the benchmark serves: `index.js` with what the
// contract names alone.
import * as rust from "./build/index.js";
export * from "./build/index.js";
export { Greeter } from "./greeter.js";
export { JsRoom } from "./js_room.js";

export default rust.Topsail.handler(rust.default);
export class Room extends rust.Room.native(rust.Room) {}
