//! Functions of maps are looked through once, and what is simple in them is not evaluated again for
//! each element. White space in a function keeps it from being simple.

use topsail_core::proto::{Limits, Stats};

use super::world::World;

/// Instructions behind a push of the value, whose id is 1, with the main object as the capture.
const FUNCTIONS: &[&str] = &[
    r#"["pipeline",0]"#,
    r#"["import",0]"#,
    r#"["import",-1]"#,
    r#"["pipeline",0,["a"]]"#,
    r#"["pipeline",0,["a","b"]]"#,
    r#"["import",0,["a"]]"#,
    r#"["pipeline",0,[0]]"#,
    r#"["pipeline",0,["length"]]"#,
    r#"["pipeline",0,["toString"]]"#,
    r#"["pipeline",0,["x","y"]]"#,
    r#"{"it":["pipeline",0],"list":[[["pipeline",0,["a"]],"]",7]],"twice":{"a":[[]]}}"#,
    r#"{"at":["date",5],"none":["undefined"],"it":["pipeline",0]}"#,
    r#"{"toJSON":["pipeline",0],"it":["pipeline",0]}"#,
    r#"["bytes","QQ=="]"#,
    r#"["headers",[["a","b"]]]"#,
    r#"["error","E","m",null,{"it":["pipeline",0]}]"#,
    r#"["pipeline",-1,["square"],[["pipeline",0]]],["pipeline",1]"#,
    r#"["pipeline",-1,["square"],[3]],["pipeline",-1,["square"],[["pipeline",1]]],["pipeline",2]"#,
    r#"["pipeline",-1,["echo"],[[[["pipeline",0],["import",-1]]]]],{"echo":["pipeline",1]}"#,
    r#"["pipeline",-1,["echo"],[{"a":["pipeline",0]}]],["pipeline",1,["a"]]"#,
    r#"["pipeline",-1,["makeCounter"],[["pipeline",0]]],["pipeline",1,["increment"],[2]],["pipeline",2]"#,
    r#"["pipeline",-1,["makeCounter"],[1]],["import",1]"#,
    r#"["pipeline",-1,["square"],[["pipeline",0]]],["pipeline",-1,["square"],[["pipeline",1]]]"#,
    r#"["pipeline",0,["increment"],[]],["pipeline",1]"#,
    r#"["pipeline",-1,["toString"],[]],["pipeline",1]"#,
    r#"["pipeline",-1,["noSuchMethod"],[]],["pipeline",1]"#,
    r#"["pipeline",-1,["nested","list"]],["pipeline",1]"#,
    r#"["remap",0,[],[["import",-1]],[["pipeline",-1,["square"],[["pipeline",0]]],["pipeline",1]]]"#,
    r#"["pipeline",-1,["square"],[1e999]],["pipeline",1]"#,
    r#"["pipeline",-1,["square"],[["pipeline",1]]],["pipeline",1]"#,
    r#"["pipeline",-2]"#,
    r#"["pipeline",-1,["echo"],[["import",-1],["pipeline",5]]],1"#,
    r#"["pipeline",-1,["square"],[1]],["pipeline",-1,["echo"],[["pipeline",1],["pipeline",5]]],1"#,
    r#"["pipeline",-7,["echo"],[["pipeline",5]]],1"#,
    r#"[[["import",-1],["pipeline",5]]]"#,
    r#"["pipeline",2]"#,
    r#"["export",-1]"#,
    r#"["what",1]"#,
    r#"{"a":{"a":{"a":{"a":["pipeline",0]}}}}"#,
    r#"{"a":{"a":{"a":{"a":{"a":1}}}}}"#,
    r#"["pipeline",-1,["echo"],[[[[[[[[[5]]]]]]]]]],["pipeline",1]"#,
    r#"["pipeline",-1,["echo"],[[[[[[[[[[[5]]]]]]]]]]]],["pipeline",1]"#,
];

const VALUES: &[&str] = &[
    "null",
    "7",
    r#"["undefined"]"#,
    "[[]]",
    "[[1,2,3]]",
    r#"[["a",["undefined"],null,[[4]],["date",1]]]"#,
    r#"{"a":{"b":5},"length":2}"#,
    r#"[[{"a":1},{"a":[[1,{"b":2}]]},{"b":3,"a":{"b":{}}}]]"#,
    r#"["pipeline",0,["friends"]]"#,
    r#"["pipeline",0,["makeCounter"],[4]]"#,
    r#"[[["pipeline",0,["makeCounter"],[4]],5]]"#,
];

#[test]
fn simple_functions_do_what_evaluation_does() {
    for value in VALUES {
        for function in FUNCTIONS {
            let spaced = function.replace(',', ", ");
            let (simple, evaluated) = (mapped(value, function), mapped(value, &spaced));
            assert_eq!(simple.0, evaluated.0, "{value} by {function}");
            assert_eq!(simple.1, evaluated.1, "{value} by {function}");
        }
    }
}

/// What is sent, and what is left.
fn mapped(value: &str, function: &str) -> (Vec<String>, Stats) {
    let mut limits = Limits::default();
    limits.max_depth_levels = 6;
    let mut world = World::new(limits);
    let frames = [
        format!(r#"["push",{value}]"#),
        format!(r#"["push",["remap",1,[],[["import",0]],[{function}]]]"#),
        String::from(r#"["pull",2]"#),
        String::from(r#"["release",2,1]"#),
    ];
    let mut sent = Vec::new();
    for frame in frames {
        if world.session.closed().is_none() {
            // Refusals quote the function.
            sent.extend(world.recv(&frame).into_iter().map(|frame| frame.replace(", ", ",")));
        }
    }
    (sent, world.session.stats())
}
