//! What a panic of the application's code ends.

use crate::RpcError;

/// Runs code of the application. Where panics unwind, one becomes an error of the call that it
/// happened in; where they abort, this does nothing.
pub(super) fn contain<R>(run: impl FnOnce() -> R) -> Result<R, RpcError> {
    #[cfg(panic = "unwind")]
    {
        // What it worked on is the application's, which may find it half done as it would after
        // an early return.
        std::panic::catch_unwind(std::panic::AssertUnwindSafe(run)).map_err(|_| panicked())
    }
    #[cfg(not(panic = "unwind"))]
    Ok(run())
}

/// The message of the panic is the server's own affair: the hook has logged it.
#[cfg(panic = "unwind")]
#[cold]
fn panicked() -> RpcError {
    RpcError::error("The call failed: the server panicked.")
}
