//! What the README shows is what is built here: its first example is the source of `examples/hello`, and
//! the profile it recommends the workspace's.

#[test]
fn the_example_is_built() {
    let readme = include_str!("../README.md");
    let source = include_str!("../examples/hello/src/lib.rs");
    let code = source.split_once("\n\n").expect("a line of docs").1;
    assert!(readme.contains(code), "README.md and examples/hello/src/lib.rs differ");
}

#[test]
fn the_profile_is_the_workspaces() {
    let readme = include_str!("../README.md");
    let workspace = include_str!("../Cargo.toml");
    let (_, profile) = readme.split_once("[profile.release]\n").expect("a profile");
    let (profile, _) = profile.split_once("```").expect("the end of the block");
    let lines = profile.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    for line in lines.filter(|line| !line.is_empty()) {
        assert!(workspace.lines().any(|other| other == line), "{line} is not in Cargo.toml");
    }
}
