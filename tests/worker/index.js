// The conformance Worker's main module: the built Rust Worker, and beside it the JavaScript it is tested with.
export * from "./build/index.js";
export { default } from "./build/index.js";
export { Greeter } from "./greeter.js";
export { JsRoom } from "./js_room.js";
