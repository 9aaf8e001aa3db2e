//! Requests and responses of the Fetch API as plain data.

mod body;
mod init;
mod request;
mod response;

pub use self::body::Body;
pub use self::request::Request;
pub use self::response::Response;
