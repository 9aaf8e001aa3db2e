use topsail::{ByteArray, Container, Value};

/// What a value was decoded as.
pub(crate) fn kind_of(value: &Value) -> String {
    let name = match value {
        Value::Undefined => "undefined",
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::BigInt(_) => "bigint",
        Value::Date(_) => "date",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
        Value::Url(_) => "url",
        Value::Stub(_) => "stub",
        Value::Readable(_) => "readable",
        Value::Writable(_) => "writable",
        Value::Headers(_) => "headers",
        Value::Request(_) => "request",
        Value::Response(_) => "response",
        Value::Blob(_) => "blob",
        Value::Bytes(bytes) => return kind_of_bytes(bytes),
        Value::Error(error) => return format!("error:{}", error.kind()),
        Value::Other(expression) => expression.form().unwrap_or("unknown"),
        _ => "unknown",
    };
    name.to_owned()
}

fn kind_of_bytes(bytes: &ByteArray) -> String {
    match bytes.container() {
        Container::Uint8Array => "bytes".to_owned(),
        other => format!("bytes:{}", other.name()),
    }
}
