//! The Cap'n Web protocol.
