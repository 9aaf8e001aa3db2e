//! The order in which calls arrive (e-order): scripts of a few lines.
//!
//! `> frame` comes in; `! name value` is the return of the first call of that name, whose value may
//! be `@main`, `@error`, or `@arg name`, the promise that came as the first argument of that call;
//! `= calls` are all that have been made since the last such line; `< frame` likewise what was sent.

use topsail_core::json::Tape;
use topsail_core::proto::{Call, Cap, Limits, TargetId};
use topsail_core::{Payload, RpcError};

use super::bare::Bare;
use super::table::check_all;

const SCRIPTS: &[(&str, &str)] = &[
    (
        "who waits for one promise comes in order of arrival",
        r#"
> ["push",["pipeline",0,["a"],[]]]
> ["push",["pipeline",1,["x"],[]]]
> ["push",["pipeline",1,["y"]]]
> ["push",["pipeline",1,["z"],[7]]]
= a[]
! a @main
= x[] y z[7]
> ["push",["pipeline",1,["w"],[]]]
= w[]
"#,
    ),
    (
        "who waits for two promises",
        r#"
> ["push",["pipeline",0,["a"],[]]]
> ["push",["pipeline",0,["b"],[]]]
> ["push",["pipeline",1,["x"],[]]]
> ["push",["pipeline",2,["y"],[]]]
> ["push",["pipeline",1,["z"],[]]]
= a[] b[]
! b @main
= y[]
! a @main
= x[] z[]
"#,
    ),
    (
        "two promises become one: still in order of arrival",
        r#"
> ["push",["pipeline",0,["a"],[]]]
> ["push",["pipeline",0,["b"],[]]]
> ["push",["pipeline",0,["hold"],[["import",2]]]]
> ["push",["pipeline",1,["x1"],[]]]
> ["push",["pipeline",2,["x2"],[]]]
> ["push",["pipeline",1,["x3"],[]]]
> ["push",["pipeline",2,["x4"],[]]]
> ["push",["pipeline",2,["x5"],[]]]
= a[] b[] hold[[]]
! a @arg hold
=
> ["push",["pipeline",1,["x6"],[]]]
! b @main
= x1[] x2[] x3[] x4[] x5[] x6[]
"#,
    ),
    (
        "across a resolution: what waited comes before what finds it resolved",
        r#"
> ["push",["pipeline",0,["a"],[]]]
> ["push",["pipeline",1,["p"]]]
> ["push",["pipeline",2,["x"],[]]]
> ["push",["pipeline",1,["y"],[]]]
= a[]
! a @main
= p y[]
> ["push",["pipeline",2,["z"],[]]]
=
! p @main
= x[] z[]
"#,
    ),
    (
        "gets and calls along a chain",
        r#"
> ["push",["pipeline",0,["a"],[]]]
> ["push",["pipeline",1,["p","q","r"],[1]]]
> ["push",["pipeline",1,["p"]]]
> ["push",["pipeline",3,["q","s"],[2]]]
= a[]
! a @main
= p p
! p @main
= q
! p @main
= q
! q @main
= r[1]
! q @main
= s[2]
"#,
    ),
    (
        "a call with a promise as argument is overtaken",
        r#"
> ["push",["pipeline",0,["x"],[["promise",-1]]]]
> ["push",["pipeline",0,["y"],[]]]
> ["push",["pipeline",0,["z"],[["promise",-2],["promise",-3]]]]
= y[]
> ["resolve",-3,3]
=
> ["resolve",-1,1]
= x[1]
> ["resolve",-2,2]
= z[2,3]
"#,
    ),
    (
        "several calls with one promise as argument",
        r#"
> ["push",["promise",-1]]
> ["push",["pipeline",0,["x"],[["pipeline",1]]]]
> ["push",["pipeline",0,["y"],[[[["pipeline",1]]]]]]
> ["push",["pipeline",0,["z"],[{"a":["pipeline",1]},["pipeline",1]]]]
=
> ["resolve",-1,"v"]
= x["v"] y[[["v"]]] z[{"a":"v"},"v"]
"#,
    ),
    (
        "a call that waits for its target and then for an argument",
        r#"
> ["push",["pipeline",0,["a"],[]]]
> ["push",["pipeline",1,["x"],[["promise",-1]]]]
> ["push",["pipeline",1,["y"],[]]]
= a[]
! a @main
= y[]
> ["resolve",-1,1]
= x[1]
"#,
    ),
    (
        "and the other way round",
        r#"
> ["push",["pipeline",0,["a"],[]]]
> ["push",["pipeline",1,["x"],[["promise",-1]]]]
> ["push",["pipeline",1,["y"],[]]]
> ["resolve",-1,1]
= a[]
! a @main
= x[1] y[]
"#,
    ),
    (
        "a result as argument of the next call",
        r#"
> ["push",["pipeline",0,["a"],[]]]
> ["push",["pipeline",0,["b"],[["pipeline",1]]]]
> ["push",["pipeline",0,["c"],[["pipeline",2]]]]
> ["push",["pipeline",0,["d"],[]]]
= a[] d[]
! a 1
= b[1]
! b 2
= c[2]
"#,
    ),
    (
        "a map among the calls that wait",
        r#"
> ["push",["pipeline",0,["a"],[]]]
> ["push",["pipeline",0,["b"],[]]]
> ["push",["pipeline",1,["x"],[]]]
> ["push",["remap",1,[],[["import",0]],[["pipeline",-1,["m"],[]],["pipeline",-1,["n"],[]]]]]
> ["push",["pipeline",1,["y"],[]]]
= a[] b[]
! a @main
= x[] m[] n[] y[]
"#,
    ),
    (
        "a map takes one element after the other",
        r#"
> ["push",["remap",0,["list"],[["import",0]],[["pipeline",-1,["m"],[["pipeline",0]]],["pipeline",-1,["n"],[["pipeline",1],["pipeline",0]]]]]]
> ["push",["pipeline",0,["x"],[]]]
= list x[]
! list [[1,2]]
= m[1] m[2]
! m 3
= n[3,1]
! m 4
= n[4,2]
"#,
    ),
    (
        "a rejection reaches all that wait, in the order of their pulls",
        r#"
> ["push",["pipeline",0,["a"],[]]]
> ["push",["pipeline",1,["x"],[]]]
> ["push",["pipeline",0,["b"],[["pipeline",2]]]]
> ["pull",3]
> ["pull",2]
> ["pull",1]
= a[]
! a @error
=
< ["reject",3,["error","Error","no"]] ["reject",2,["error","Error","no"]] ["reject",1,["error","Error","no"]]
"#,
    ),
    (
        "results that become known together come in the order of their pulls",
        r#"
> ["push",["pipeline",0,["a"],[]]]
> ["push",["pipeline",1,["u"]]]
> ["push",["pipeline",1,["v"]]]
> ["pull",3]
> ["pull",1]
> ["pull",2]
! a {"u":1,"v":2}
< ["resolve",3,2] ["resolve",1,{"u":1,"v":2}] ["resolve",2,1]
"#,
    ),
    (
        "calls of the peer's stubs are sent in order, before and after it resolves",
        r#"
> ["push",["promise",-1]]
> ["push",["pipeline",1,["x"],[1]]]
> ["push",["pipeline",1,["y"],[["pipeline",2]]]]
< ["push",["pipeline",-1,["x"],[1]]] ["push",["pipeline",-1,["y"],[["pipeline",1]]]]
> ["resolve",-1,["export",-2]]
< ["release",-1,1]
> ["push",["pipeline",1,["z"],[]]]
< ["push",["pipeline",-2,["z"],[]]]
"#,
    ),
    (
        "calls inside one push run from the inside out, from left to right",
        r#"
> ["push",["pipeline",0,["x"],[["import",0,["u"],[]],{"k":["import",0,["v"],[["import",0,["w"],[]]]]}]]]
= u[] w[] v[[]] x[[],{"k":[]}]
"#,
    ),
];

#[test]
fn order_of_arrival() {
    check_all(SCRIPTS, |(what, _)| what, |(_, script)| run(script));
}

fn run(script: &str) -> Result<(), String> {
    let mut bare = Bare::new(Limits::default());
    let (mut seen, mut sent) = (0, Vec::new());
    for line in script.trim().lines() {
        let (mark, rest) = line.split_at(1);
        let rest = rest.trim_start();
        match mark {
            ">" => sent.extend(bare.recv(rest)),
            "!" => {
                let (name, value) = rest.split_once(' ').ok_or("a name and a value")?;
                sent.extend(settle(&mut bare, name, value, &mut seen));
            }
            "=" => {
                let made: Vec<String> = bare.calls.iter().skip(seen).map(text).collect();
                seen = bare.calls.len();
                equal(line, rest, &made.join(" "))?;
            }
            "<" => equal(line, rest, &std::mem::take(&mut sent).join(" "))?,
            _ => return Err(format!("not a line: {line}")),
        }
        assert!(bare.session.closed().is_none(), "{line}");
    }
    bare.end();
    Ok(())
}

fn equal(line: &str, wanted: &str, got: &str) -> Result<(), String> {
    (wanted == got).then_some(()).ok_or_else(|| format!("{line}\n  got {got}"))
}

fn text(call: &Call) -> String {
    let name = call.member(None).unwrap_or_default();
    if call.is_get() {
        return name.to_owned();
    }
    let mut scratch = Tape::default();
    let arguments = call.arguments(None, &mut scratch, &mut Vec::new()).expect("arguments");
    format!("{name}{}", arguments.raw())
}

fn settle(bare: &mut Bare, name: &str, value: &str, seen: &mut usize) -> Vec<String> {
    let position = |bare: &Bare, name: &str| {
        let mut calls = bare.calls.iter();
        calls.position(|call| call.member(None) == Some(name)).expect("such a call")
    };
    let result = match value {
        "@main" => Ok(Payload::from_cap(Cap::Stub(bare.session.target(TargetId(0))))),
        "@error" => Err(RpcError::error("no")),
        _ => match value.strip_prefix("@arg ") {
            Some(holder) => {
                let at = position(bare, holder);
                let caps = bare.calls[at].take_caps();
                Ok(Payload::from_cap(Cap::Promise(caps[0].id())))
            }
            None => Ok(Payload::from_text(value.to_owned())),
        },
    };
    let at = position(bare, name);
    let call = bare.calls.remove(at).expect("it is there");
    bare.calls.push_front(call);
    if at < *seen {
        *seen -= 1;
    }
    bare.settle_with(result)
}
