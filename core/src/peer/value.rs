//! Capabilities in dynamic values.

use super::{RawStub, RpcPromise, RpcReadable, RpcStub, RpcWritable};
use crate::Value;

impl Value {
    /// One more reference to the capability, if the value is one.
    ///
    /// ```
    /// use topsail_core::{RpcStub, Value, function};
    ///
    /// let value = Value::from(function(|i: i64| i * 2));
    /// let double = value.as_stub().expect("a stub");
    /// let four = futures::executor::block_on(double.invoke::<i64>((2,)))?;
    /// assert_eq!(four, 4);
    /// assert_eq!(Value::Null.as_stub(), None);
    /// # Ok::<(), topsail_core::RpcError>(())
    /// ```
    pub fn as_stub(&self) -> Option<RpcStub> {
        match self {
            Value::Stub(raw) => Some(RpcStub::from_raw(raw.clone())),
            _ => None,
        }
    }

    /// The stream to be read, if the value is one. Of the stream and all clones of the value only
    /// one gets the chunks.
    pub fn as_readable(&self) -> Option<RpcReadable> {
        match self {
            Value::Readable(raw) => RpcReadable::from_raw(raw.clone()).ok(),
            _ => None,
        }
    }

    /// The stream to be written to, if the value is one.
    pub fn as_writable(&self) -> Option<RpcWritable> {
        match self {
            Value::Writable(raw) => RpcWritable::from_raw(raw.clone()).ok(),
            _ => None,
        }
    }
}

impl From<RawStub> for Value {
    fn from(raw: RawStub) -> Self {
        raw.into_value()
    }
}

impl<T: ?Sized> From<RpcStub<T>> for Value {
    fn from(stub: RpcStub<T>) -> Self {
        Value::Stub(stub.into_raw())
    }
}

/// The receiver gets the value that the promise becomes.
impl<T> From<RpcPromise<T>> for Value {
    fn from(promise: RpcPromise<T>) -> Self {
        Value::Stub(promise.raw().clone())
    }
}

impl<T> From<RpcReadable<T>> for Value {
    fn from(stream: RpcReadable<T>) -> Self {
        Value::Readable(stream.into_raw())
    }
}

impl<T> From<RpcWritable<T>> for Value {
    fn from(stream: RpcWritable<T>) -> Self {
        Value::Writable(stream.into_raw())
    }
}
