//! What the macros' output does at run time: seen from the wire, and through typed stubs.

#[path = "macros/interfaces.rs"]
mod interfaces;
#[path = "macros/targets.rs"]
mod targets;
#[path = "macros/wire.rs"]
mod wire;
