// The demo's main module: the Rust Worker, with a handler that is a plain object.
import * as rust from "./build/index.js";
export * from "./build/index.js";
export default rust.Topsail.handler(rust.default);
