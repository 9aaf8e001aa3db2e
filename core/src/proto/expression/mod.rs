//! Expressions: which forms there are, and what is checked before one is let in.
//!
//! Everything that enters is checked here, once, because it may leave again as bytes: an
//! expression that another peer would choke on must not get that far.

mod base64;
mod data;
mod fetch;
mod form;

pub(super) use data::is_data;
pub(super) use form::{Form, is_double, read};
