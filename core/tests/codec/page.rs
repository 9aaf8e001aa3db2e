//! The page of the value rules: what its table says stands in its examples, which run as doctests.

const PAGE: &str = include_str!("../../docs/values.md");

#[test]
fn the_table_is_what_the_examples_show() {
    let (examples, text): (Vec<_>, Vec<_>) =
        PAGE.split("```").enumerate().partition(|(index, _)| index % 2 == 1);
    let examples: String = examples.into_iter().map(|(_, example)| example).collect();
    let text: String = text.into_iter().map(|(_, text)| text).collect();
    let rows = text.lines().filter(|line| line.starts_with("| ")).skip(2);
    let wire = rows.filter_map(|row| row.split(" | ").nth(1));
    let texts: Vec<&str> = wire.flat_map(|cell| cell.split('`').skip(1).step_by(2)).collect();
    assert!(texts.len() > 30, "{texts:?}");
    for text in texts {
        let escaped = text.replace('"', "\\\"");
        let is_shown = examples.contains(text) || examples.contains(&escaped);
        assert!(is_shown, "the table has {text}, and no example");
    }
}
