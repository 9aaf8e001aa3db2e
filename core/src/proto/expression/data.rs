use super::form::{Form, is_double, read};
use crate::json::{Kind, View};
use crate::proto::limits::Limits;

/// Whether there is nothing to evaluate in an expression, or in a plain list of expressions, and
/// nothing to refuse. False where that takes a closer look. `depth` is that of what is around.
///
/// Most expressions are such, and so most are walked without keeping account of their levels.
pub(in crate::proto) fn is_data(
    root: View<'_>,
    is_list: bool,
    depth: usize,
    limits: &Limits,
) -> bool {
    if !root.is_shallow(limits.max_depth_levels.saturating_sub(depth)) {
        return false;
    }
    let is_marked = is_list && root.is_parsed_list();
    let next = |at| if is_marked { root.marked_from(at) } else { at };
    let mut at = next(root.index() + u32::from(is_list));
    while at < root.next_index() {
        let view = root.at(at);
        at = next(match view.kind() {
            // What stands in the escaped array comes next.
            Kind::Array if view.escaped_array().is_some() => at + 2,
            Kind::Array if is_literal(view, limits) => view.next_index(),
            Kind::Array => return false,
            Kind::Number if !is_double(view) => return false,
            _ => at + 1,
        });
    }
    true
}

/// Whether an array is a form with nothing in it but literals that do not nest, as headers do.
fn is_literal(view: View<'_>, limits: &Limits) -> bool {
    let is_headers = view.elements().next().and_then(View::plain_str) == Some("headers");
    !is_headers && matches!(read(view, limits), Ok(Form::Value))
}

#[cfg(test)]
mod tests {
    use super::is_data;
    use crate::json::Tape;
    use crate::proto::limits::Limits;

    #[test]
    fn what_is_data() {
        let limits = Limits { max_depth_levels: 9, max_bigint_digits: 5, ..Limits::default() };
        let table = [
            (r#"[1,"a",null,{"b":[[]],"c":[["x",{}]]}]"#, true),
            (r#"[["date",1],["undefined"],["nan"],["inf"],["-inf"],["url","a:b"]]"#, true),
            (r#"[["bigint","12345"]]"#, true),
            (r#"[["bytes","QQ=="]]"#, true),
            (r#"[["bytes","Q"]]"#, false),
            (r#"[["headers",[]]]"#, false),
            (r#"[["bigint","123456"]]"#, false),
            (r#"[["bigint","x"]]"#, false),
            (r#"[["date"]]"#, false),
            (r#"[["date",1e999]]"#, false),
            (r#"[1e999]"#, false),
            (r#"[{"a":[["pipeline",0]]}]"#, true),
            (r#"[{"a":["pipeline",0]}]"#, false),
            (r#"[[[["import",1]]]]"#, false),
            (r#"[["export",1]]"#, false),
            (r#"[["remap",0,[],[],[]]]"#, false),
            (r#"[["error","E","m"]]"#, false),
            (r#"[["response",null,{}]]"#, false),
            (r#"[[]]"#, false),
            (r#"[[1,2]]"#, false),
            (r#"[{"a":{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}}]"#, true),
            (r#"[{"a":{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}}]"#, false),
        ];
        for (text, expected) in table {
            let mut tape = Tape::default();
            tape.parse(text, 99).unwrap();
            assert_eq!(is_data(tape.view(text), true, 0, &limits), expected, "{text}");
            tape.parse_list(text, 0..text.len(), 99).unwrap();
            assert_eq!(is_data(tape.view(text), true, 0, &limits), expected, "{text}");
        }
        for (digits, expected) in [(308, true), (310, false)] {
            let text = format!("[[[-{}]]]", "9".repeat(digits));
            let mut tape = Tape::default();
            tape.parse_list(&text, 0..text.len(), 99).unwrap();
            assert_eq!(is_data(tape.view(&text), true, 0, &limits), expected, "{digits} digits");
        }
        let mut tape = Tape::default();
        tape.parse("[[1]]", 9).unwrap();
        assert!(is_data(tape.view("[[1]]"), false, 0, &limits));
        assert!(!is_data(tape.view("[[1]]"), false, 7, &limits));
    }

    /// An expression, or what looks like one.
    fn expression(random: &mut u64, levels: u32) -> String {
        *random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        let choice = *random >> 33;
        let is_rare = choice.is_multiple_of(5);
        let mut inner = || expression(random, levels - 1);
        match choice % if levels == 0 { 6 } else { 12 } {
            0 => String::from("1"),
            1 => String::from(r#""a""#),
            2 => String::from(r#"["date",1]"#),
            3 => String::from("[[]]"),
            4 if is_rare => String::from(r#"["import",1]"#),
            5 if is_rare => String::from("1e999"),
            4 | 5 => String::from("{}"),
            6 => format!(r#"{{"a":{},"b":{}}}"#, inner(), inner()),
            7 if is_rare => format!("[{}]", inner()),
            8 if is_rare => format!("[{},{}]", inner(), inner()),
            7 | 8 => format!("[[{},{}]]", inner(), inner()),
            _ => format!("[[{}]]", inner()),
        }
    }

    #[test]
    fn what_the_parse_has_marked_is_what_a_walk_finds() {
        let (mut random, mut data, limits) = (1, 0, Limits::default());
        for _ in 0..5_000 {
            let text = format!("[{},{}]", expression(&mut random, 4), expression(&mut random, 4));
            let (mut plain, mut list) = (Tape::default(), Tape::default());
            plain.parse(&text, 99).unwrap();
            list.parse_list(&text, 0..text.len(), 99).unwrap();
            let walked = is_data(plain.view(&text), true, 0, &limits);
            assert_eq!(is_data(list.view(&text), true, 0, &limits), walked, "{text}");
            data += usize::from(walked);
        }
        assert!((1_000..4_000).contains(&data), "{data}");
    }
}
