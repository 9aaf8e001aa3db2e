/// How many containers are nested in an expression without white space; an escaped array is one.
pub(crate) fn levels(text: &str) -> usize {
    if !text.starts_with(['[', '{']) {
        return 0;
    }
    let (mut bytes, mut deepest) = (text.bytes().peekable(), 0);
    // For each open bracket whether it opened together with another one.
    let mut open: Vec<bool> = Vec::new();
    while let Some(byte) = bytes.next() {
        match byte {
            b'"' => {
                while let Some(byte) = bytes.next().filter(|&byte| byte != b'"') {
                    if byte == b'\\' {
                        bytes.next();
                    }
                }
            }
            // A hole.
            b'[' if bytes.next_if_eq(&b']').is_some() => {}
            b'[' | b'{' => {
                open.push(byte == b'[' && bytes.next_if_eq(&b'[').is_some());
                deepest = deepest.max(open.len());
            }
            b']' | b'}' => {
                let was_pair = open.pop() == Some(true);
                // A list with something else behind its first element is no escaped array.
                let goes_on = was_pair && bytes.next_if_eq(&b']').is_none();
                open.extend(goes_on.then_some(false));
            }
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::levels;

    #[test]
    fn levels_of_expressions() {
        let table = [
            ("1", 0),
            (r#""[[[""#, 0),
            (r#""\\\"[[""#, 0),
            ("{}", 1),
            ("[[]]", 1),
            ("[[[[1]],2]]", 2),
            (r#"[["[",["date",1]]]"#, 2),
            (r#"{"a":[[{"b":1}]],"c":[[1,[[2]]]]}"#, 3),
            (r#"[1,[[2]]]"#, 2),
            (r#"[[],{}]"#, 2),
            (r#"[["date",1],[[1]],{"a":[[[]]]}]"#, 3),
            (r#"{"a":[]}"#, 1),
        ];
        for (text, expected) in table {
            assert_eq!(levels(text), expected, "{text}");
        }
    }
}
