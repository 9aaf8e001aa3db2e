// The conformance Worker's main module: the built Rust Worker, and beside it the JavaScript it is tested with.
import * as rust from "./build/index.js";
export * from "./build/index.js";
export { Greeter } from "./greeter.js";
export { JsRoom } from "./js_room.js";

export default rust.Topsail.handler(rust.default);
export class Face extends rust.Face.native(rust.Face) {}
export class Room extends rust.Room.native(rust.Room) {}
export class RustGreeter extends rust.RustGreeter.native(rust.RustGreeter) {}
