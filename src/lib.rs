//! Cap'n Web RPC for Rust on Cloudflare Workers.
