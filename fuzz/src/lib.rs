//! Fuzz targets of `topsail-core`: each module's `run` takes one input of the fuzzer, and panics if
//! something that must hold does not.

mod gate;
mod host;
pub mod json;
pub mod messages;
mod objects;
pub mod session;
pub mod thaw;
