//! From the parsed block to the model. What cannot be understood is reported and left out.

mod interface;
mod method;
mod parameter;
mod target;

pub(crate) use interface::interface;
pub(crate) use target::target;
