//! The macros' messages: each file under `ui/` has one mistake, and beside it what the compiler
//! says about it. After a change on purpose: `TRYBUILD=overwrite cargo test --test ui`, and read.

#[test]
fn messages() {
    let cases = trybuild::TestCases::new();
    cases.pass("tests/ui/pass/*.rs");
    cases.compile_fail("tests/ui/target/*.rs");
    cases.compile_fail("tests/ui/interface/*.rs");
    cases.compile_fail("tests/ui/serve/*.rs");
    cases.compile_fail("tests/ui/durable/*.rs");
    cases.compile_fail("tests/ui/event/*.rs");
}
