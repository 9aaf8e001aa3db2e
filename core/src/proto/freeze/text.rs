//! What the texts in a snapshot must be: what a session lets in, because it may leave again.

use crate::RpcError;
use crate::json::{Kind, Tape, View};
use crate::payload::MAX_DEPTH_LEVELS;
use crate::proto::expression::{Form, is_double, read};
use crate::proto::limits::Limits;

type Checked<T> = Result<T, RpcError>;

/// The byte offsets of the holes in the text of a value.
pub(crate) fn hole_offsets(text: &str, limits: &Limits) -> Checked<Vec<usize>> {
    let mut tape = Tape::default();
    tape.parse(text, MAX_DEPTH_LEVELS).map_err(|error| RpcError::type_error(error.to_string()))?;
    let (root, mut at, mut holes) = (tape.view(text), 0, Vec::new());
    if root.is_spaced() || root.raw() != text {
        return Err(RpcError::type_error("white space between tokens"));
    }
    while at < root.next_index() {
        at = step(root.at(at), limits, &mut holes)?;
    }
    Ok(holes)
}

/// Checks one value; gives the index of the next to check.
fn step(view: View<'_>, limits: &Limits, holes: &mut Vec<usize>) -> Checked<u32> {
    let inside = view.index() + 1;
    match view.kind() {
        Kind::Array if view.next_index() == inside => holes.push(view.start()),
        Kind::Array if view.escaped_array().is_some() => return Ok(inside + 1),
        Kind::Array => return form(view, limits, holes),
        Kind::Number if !is_double(view) => {
            return Err(RpcError::range_error("a number is out of range"));
        }
        _ => {}
    }
    Ok(inside)
}

fn form(view: View<'_>, limits: &Limits, holes: &mut Vec<usize>) -> Checked<u32> {
    match read(view, limits)? {
        Form::Value | Form::Error(None) => Ok(view.next_index()),
        Form::Error(Some(props)) => Ok(props.index() + 1),
        Form::Fetch(body) => {
            // A body is no request: this is not deep.
            body.map_or(Ok(0), |body| step(body, limits, holes))?;
            Ok(view.next_index())
        }
        Form::Import { .. }
        | Form::Remap { .. }
        | Form::Export { .. }
        | Form::Writable(_)
        | Form::Readable(_) => Err(RpcError::type_error("a capability outside of a hole")),
    }
}

/// Checks the expressions in an error.
pub(in crate::proto) fn check_error(error: &RpcError, limits: &Limits) -> Checked<()> {
    let parts = error.parts();
    if !parts.props.is_empty() {
        check_data(&format!("{{{}}}", parts.props), limits)?;
    }
    parts.thrown.map_or(Ok(()), |thrown| check_data(thrown, limits))
}

fn check_data(text: &str, limits: &Limits) -> Checked<()> {
    match hole_offsets(text, limits)?.first() {
        Some(_) => Err(RpcError::type_error("a capability in an error")),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{check_error, hole_offsets};
    use crate::RpcError;
    use crate::proto::Limits;

    #[test]
    fn texts() {
        let deep = |levels: usize| format!("{}1{}", "[[".repeat(levels), "]]".repeat(levels));
        let (deepest, too_deep) = (deep(512), deep(513));
        let digits = format!(r#"["bigint","{}"]"#, "9".repeat(16_385));
        let table: [(&str, Option<&[usize]>); 31] = [
            ("1", Some(&[])),
            (r#""[]""#, Some(&[])),
            ("[]", Some(&[0])),
            ("[[]]", Some(&[])),
            ("[[[]]]", Some(&[2])),
            ("[[[[]]]]", Some(&[])),
            (r#"[[[],1,{"a":[]}]]"#, Some(&[2, 12])),
            (r#"{"[]":["date",5]}"#, Some(&[])),
            (r#"["error","Error","m",null,{"a":[]}]"#, Some(&[31])),
            (r#"["headers",[["a","b"]]]"#, Some(&[])),
            (r#"["headers",[["a"]]]"#, None),
            (r#"["request","a:b",{"method":"PUT","body":[]}]"#, Some(&[40])),
            (r#"[[["response",[],{"cf":{"a":[]}}],[]]]"#, Some(&[14, 34])),
            (r#"["response",["export",1],{}]"#, None),
            (r#"["undefined"]"#, Some(&[])),
            (&deepest, Some(&[])),
            (&too_deep, None),
            (&digits, None),
            ("", None),
            ("1 ", None),
            ("\"a\"\n", None),
            (" \"a\"", None),
            ("[[1, 2]]", None),
            ("1,2", None),
            ("[1]", None),
            ("1e999", None),
            (r#"["what"]"#, None),
            (r#"["export",-1]"#, None),
            (r#"["promise",-1]"#, None),
            (r#"["import",1]"#, None),
            (r#"["remap",1,[],[],[]]"#, None),
        ];
        for (text, expected) in table {
            let holes = hole_offsets(text, &Limits::default()).ok();
            assert_eq!(holes.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn errors() {
        let table = [
            (r#""a":1,"b":["date",2]"#, None, true),
            ("", Some("[[1]]"), true),
            (r#""a":1}"#, None, false),
            (r#""a":1},{"b":1"#, None, false),
            (r#""a":[]"#, None, false),
            (r#""a":["import",0]"#, None, false),
            ("", Some("[]"), false),
            ("", Some("x"), false),
        ];
        for (props, thrown, expected) in table {
            let error = RpcError::error("m");
            let parts = crate::error::Parts { props, thrown, ..error.parts() };
            let checked = check_error(&RpcError::from_parts(parts), &Limits::default());
            assert_eq!(checked.is_ok(), expected, "{props} {thrown:?}");
        }
    }
}
