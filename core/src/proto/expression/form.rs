use super::base64::decoded_length;
use super::fetch;
use crate::json::{Elements, Kind, View};
use crate::proto::limits::Limits;
use crate::{RpcError, refusal, web};

/// What an array that is not an escaped array means.
#[derive(Debug)]
pub(in crate::proto) enum Form<'a> {
    /// A value with nothing to evaluate in it.
    Value,
    /// An error, with the props to evaluate.
    Error(Option<View<'a>>),
    /// A request, response or blob, with the body or content if it has to be evaluated.
    Fetch(Option<View<'a>>),
    /// Something of ours: `import` or `pipeline`.
    Import { id: i64, is_promise: bool, path: Option<View<'a>>, arguments: Option<View<'a>> },
    /// A map over something of ours.
    Remap { id: i64, path: View<'a>, captures: View<'a>, instructions: View<'a> },
    /// Something of the sender's: `export` or `promise`.
    Export { id: i64, is_promise: bool },
    /// A writable stream of the sender's, by its export id.
    Writable(i64),
    /// The readable end of a pipe that the sender has made.
    Readable(i64),
}

/// Reads and checks an array that is not an escaped array. Contents that are expressions are not
/// checked; the caller evaluates them. What npm `capnweb` 0.12.0 ignores behind the parts of a form
/// is ignored here too.
pub(in crate::proto) fn read<'a>(view: View<'a>, limits: &Limits) -> Result<Form<'a>, RpcError> {
    let mut rest = view.elements();
    let kind = rest.next().and_then(View::plain_str).unwrap_or_default();
    let form = match kind {
        "import" | "pipeline" => import(rest, kind == "pipeline"),
        "export" | "promise" => export(rest, kind == "promise"),
        "remap" => remap(rest),
        "writable" => rest.next().and_then(View::as_integer).map(Form::Writable),
        "readable" => rest.next().and_then(View::as_integer).map(Form::Readable),
        "error" => error(rest),
        "request" => fetch::request(rest).map(Form::Fetch),
        "response" => fetch::response(rest).map(Form::Fetch),
        "blob" => fetch::blob(rest).map(Form::Fetch),
        _ => return value(kind, rest, limits).unwrap_or_else(|| Err(unknown(view))),
    };
    form.ok_or_else(|| unknown(view))
}

type Checked<'a> = Result<Form<'a>, RpcError>;

fn value<'a>(kind: &str, rest: Elements<'a>, limits: &Limits) -> Option<Checked<'a>> {
    let mut values = rest.clone();
    let first = values.next();
    let is_alone = rest.clone().count() == 1;
    let is_value = match kind {
        "undefined" => first.is_none(),
        "inf" | "-inf" | "nan" => true,
        "date" => is_alone && first.is_some_and(is_date),
        "url" => is_alone && first.is_some_and(is_url),
        "headers" => is_alone && first.is_some_and(web::are_headers),
        "bigint" if is_alone => return bigint(first?, limits),
        "bytes" => return bytes(first?, values),
        _ => false,
    };
    is_value.then_some(Ok(Form::Value))
}

fn is_date(view: View<'_>) -> bool {
    view.kind() == Kind::Null || (view.kind() == Kind::Number && is_double(view))
}

/// Whether a number is within the range of doubles. JavaScript would read another as an infinity,
/// which has a form of its own.
pub(in crate::proto) fn is_double(number: View<'_>) -> bool {
    number.is_finite()
}

/// An absolute URL, as far as it can be told without the tables of the URL standard.
pub(super) fn is_url(view: View<'_>) -> bool {
    let Some(text) = view.as_str() else { return false };
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let is_special = matches!(scheme, "http" | "https" | "ws" | "wss" | "ftp");
    let has_host = || {
        let host = rest.as_bytes().strip_prefix(b"//");
        host.is_some_and(|host| !matches!(host.first(), None | Some(b'/' | b':')))
    };
    is_scheme && (!is_special || has_host()) && rest.bytes().all(|byte| byte > b' ')
}

fn bigint<'a>(digits: View<'_>, limits: &Limits) -> Option<Checked<'a>> {
    let text = digits.plain_str()?;
    let magnitude = text.strip_prefix('-').unwrap_or(text);
    if magnitude.len() > limits.max_bigint_digits {
        let limit = limits.max_bigint_digits;
        return Some(Err(refusal::type_error(
            "a bigint exceeds the maximum of ",
            &limit,
            " digits",
        )));
    }
    let is_number = !magnitude.is_empty() && magnitude.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then_some(Ok(Form::Value))
}

fn bytes<'a>(base64: View<'_>, mut rest: Elements<'_>) -> Option<Checked<'a>> {
    let length = decoded_length(base64.as_str()?.as_ref())?;
    if let Some(container) = rest.next() {
        let name = container.plain_str()?;
        let Some(element) = element_bytes(name) else {
            let name = refusal::start(name, 64);
            return Some(Err(refusal::type_error("unknown type of bytes: ", &name, "")));
        };
        if length % element != 0 {
            return Some(Err(misfit(length, name, element)));
        }
    }
    rest.next().is_none().then_some(Ok(Form::Value))
}

#[cold]
fn misfit(length: usize, name: &str, element: usize) -> RpcError {
    let why = format!("{length} bytes do not fill a {name}: not a multiple of {element}");
    RpcError::type_error(why)
}

/// The bytes of one element of a byte container.
fn element_bytes(container: &str) -> Option<usize> {
    match container {
        "ArrayBuffer" | "DataView" | "Int8Array" | "Uint8Array" | "Uint8ClampedArray" => Some(1),
        "Int16Array" | "Uint16Array" => Some(2),
        "Int32Array" | "Uint32Array" | "Float32Array" => Some(4),
        "BigInt64Array" | "BigUint64Array" | "Float64Array" => Some(8),
        _ => None,
    }
}

fn error(mut rest: Elements<'_>) -> Option<Form<'_>> {
    let is_text = |view: View<'_>| view.kind() == Kind::String;
    let (kind, message) = (rest.next()?, rest.next()?);
    let props = rest.nth(1);
    let fits =
        is_text(kind) && is_text(message) && props.is_none_or(|props| props.kind() == Kind::Object);
    fits.then_some(Form::Error(props))
}

fn import(mut rest: Elements<'_>, is_promise: bool) -> Option<Form<'_>> {
    let id = rest.next()?.as_integer()?;
    let (path, arguments) = (rest.next(), rest.next());
    let fits = path.is_none_or(is_path)
        && arguments.is_none_or(|arguments| arguments.kind() == Kind::Array)
        && rest.next().is_none();
    fits.then_some(Form::Import { id, is_promise, path, arguments })
}

fn remap(mut rest: Elements<'_>) -> Option<Form<'_>> {
    let id = rest.next()?.as_integer()?;
    let (path, captures, instructions) = (rest.next()?, rest.next()?, rest.next()?);
    let fits = is_path(path)
        && captures.kind() == Kind::Array
        && instructions.kind() == Kind::Array
        && rest.next().is_none();
    fits.then_some(Form::Remap { id, path, captures, instructions })
}

fn export(mut rest: Elements<'_>, is_promise: bool) -> Option<Form<'_>> {
    let id = rest.next()?.as_integer()?;
    Some(Form::Export { id, is_promise })
}

fn is_path(view: View<'_>) -> bool {
    view.kind() == Kind::Array
        && view.elements().all(|part| matches!(part.kind(), Kind::String | Kind::Number))
}

#[cold]
fn unknown(view: View<'_>) -> RpcError {
    refusal::type_error("unknown special value: ", &refusal::quoted(view.raw()), "")
}
