//! The README's first example is the source of `examples/hello`, which is built.

#[test]
fn the_example_is_built() {
    let readme = include_str!("../README.md");
    let source = include_str!("../examples/hello/src/lib.rs");
    let code = source.split_once("\n\n").expect("a line of docs").1;
    assert!(readme.contains(code), "README.md and examples/hello/src/lib.rs differ");
}
