//! Peers, their stubs and promises: pairs and triples joined in memory, stepped message by message.

mod at_once;
mod calls;
mod closing;
mod fetch;
mod getters;
mod hibernate;
mod local;
mod map;
mod note;
mod promised;
mod reentrancy;
mod settle;
mod streams;
mod stubs;
mod targets;
mod turns;
mod values;
mod world;
