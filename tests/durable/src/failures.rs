//! Errors of the crate `worker`, as an application gets them.

use std::io;

use worker::Error;

/// The error that the last part of a path names.
pub(crate) fn failure(path: &str) -> Error {
    match path.rsplit('/').next() {
        Some("rate") => Error::RateLimitExceeded("slow down".into()),
        Some("recipient") => Error::EmailRecipientNotAllowed("not to them".into()),
        Some("text") => Error::JsError("a text".into()),
        Some("io") => Error::Io(io::Error::other("the disk is full")),
        Some("utf-8") => match String::from_utf8(vec![0xff]) {
            Ok(text) => Error::RustError(text),
            Err(error) => Error::Utf8Error(error.utf8_error()),
        },
        _ => Error::RustError("of its own".into()),
    }
}
