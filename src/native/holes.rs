//! Where capabilities stand in the text of `encode.js`.

use topsail_core::json::{Kind, View};

/// The texts `[n]` that stand for capabilities, in their order, with their numbers: in an expression, or in a
/// plain list of expressions.
///
/// Only where an expression may stand is `[n]` one. The list inside an escape looks like it, and so may
/// what the constructors of requests and responses take, which is plain JSON.
pub(super) fn holes(root: View<'_>, is_list: bool) -> Vec<(View<'_>, u32)> {
    let mut holes = Vec::new();
    let mut at = root.index() + u32::from(is_list);
    while at < root.next_index() {
        let view = root.at(at);
        at = match place(view) {
            Place::Hole(number) => {
                holes.push((view, number));
                view.next_index()
            }
            Place::Fetch(body) => {
                holes.extend(body.and_then(|body| Some((body, number_of(body)?))));
                view.next_index()
            }
            // What stands in the list comes next.
            Place::Escape => at + 2,
            Place::Other => at + 1,
        };
    }
    holes
}

enum Place<'a> {
    Hole(u32),
    Escape,
    /// A request or response, of which only the body is an expression.
    Fetch(Option<View<'a>>),
    Other,
}

fn place(view: View<'_>) -> Place<'_> {
    if view.kind() != Kind::Array {
        return Place::Other;
    }
    if view.escaped_array().is_some() {
        return Place::Escape;
    }
    let mut parts = view.elements();
    match parts.next().and_then(View::plain_str) {
        Some("response") => Place::Fetch(parts.next()),
        Some("request") => Place::Fetch(parts.nth(1).and_then(body)),
        _ => number_of(view).map_or(Place::Other, Place::Hole),
    }
}

fn body(init: View<'_>) -> Option<View<'_>> {
    init.members().find(|(key, _)| key.plain_str() == Some("body")).map(|(_, body)| body)
}

/// The number in `[n]`. No form of the protocol begins with a number.
fn number_of(view: View<'_>) -> Option<u32> {
    if view.kind() != Kind::Array {
        return None;
    }
    u32::try_from(view.elements().next()?.as_integer()?).ok()
}

#[cfg(test)]
mod tests {
    use topsail_core::json::Tape;

    use super::holes;

    #[test]
    fn only_where_expressions_stand() {
        let values: [(&str, &[&str]); 12] = [
            ("[0]", &["[0]"]),
            ("[[0]]", &[]),
            ("[[[0]]]", &["[0]"]),
            ("[[1,[0]]]", &["[0]"]),
            ("[[1,[[2]],[0],[[3,[1]]]]]", &["[0]", "[1]"]),
            (r#"{"a":[[5]],"b":[0],"c":[[[1]]]}"#, &["[0]", "[1]"]),
            (r#"[[["date",1],[0]]]"#, &["[0]"]),
            (r#"["blob","a/b",[0]]"#, &["[0]"]),
            (
                r#"["request","a:b",{"cf":{"a":[7],"b":[[1]]},"duplex":"half","body":[0]}]"#,
                &["[0]"],
            ),
            (r#"[[["request","a:b",{"cf":[7]}],[0]]]"#, &["[0]"]),
            (r#"["response",[0],{"cf":{"a":[7]}}]"#, &["[0]"]),
            (r#"["error","E","m",null,{"a":[[1]],"b":[0]}]"#, &["[0]"]),
        ];
        let lists: [(&str, &[&str]); 4] = [
            ("[[0]]", &["[0]"]),
            ("[5,[0]]", &["[0]"]),
            ("[[[0]]]", &[]),
            (r#"[[[1,[0]]],{"a":[1]}]"#, &["[0]", "[1]"]),
        ];
        let rows = values.map(|row| (row, false)).into_iter().chain(lists.map(|row| (row, true)));
        for ((text, expected), is_list) in rows {
            let mut tape = Tape::default();
            tape.parse(text, 64).expect("JSON");
            let found = holes(tape.view(text), is_list);
            let texts: Vec<_> = found.iter().map(|(view, _)| view.raw()).collect();
            assert_eq!(texts, expected, "{text}");
            assert!(found.iter().map(|&(_, number)| number).eq(0..expected.len() as u32), "{text}");
        }
    }
}
