// The Worker with its handler as a plain object.
import * as rust from "./build/index.js";
export * from "./build/index.js";

export default rust.Topsail.handler(rust.default);
