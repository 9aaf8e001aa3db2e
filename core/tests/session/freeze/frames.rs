//! What is saved, by the frames that show it.

use topsail_core::proto::Limits;

use super::super::table::check_all;
use super::super::world::World;

struct Case {
    what: &'static str,
    before: &'static [&'static str],
    /// A frame, and what is sent then, one frame a line.
    after: &'static [(&'static str, &'static str)],
}

const CASES: &[Case] = &[
    Case {
        what: "ids are not used again",
        before: &[
            r#"["push",["pipeline",0,["makeCounter"],[4]]]"#,
            r#"["pull",1]"#,
            r#"["release",-1,1]"#,
            r#"["release",1,1]"#,
        ],
        after: &[
            (r#"["push",["pipeline",0,["makeCounter"],[4]]]"#, ""),
            (r#"["pull",2]"#, r#"["resolve",2,["export",-2]]"#),
        ],
    },
    Case {
        what: "pushes of ours go on counting",
        before: &[
            r#"["push",["pipeline",0,["keep"],[["export",-1]]]]"#,
            r#"["push",["pipeline",0,["callKept"],[1]]]"#,
            r#"["pull",2]"#,
            r#"["resolve",1,1]"#,
        ],
        after: &[
            (r#"["push",["pipeline",0,["callKept"],[2]]]"#, r#"["push",["pipeline",-1,[],[2]]]"#),
            (r#"["pull",3]"#, r#"["pull",2]"#),
            (r#"["resolve",2,7]"#, "[\"release\",2,1]\n[\"resolve\",3,7]"),
        ],
    },
    Case {
        what: "a target that was sent twice is one target, by one id",
        before: &[
            r#"["push",["pipeline",0,["makeCounter"],[4]]]"#,
            r#"["pull",1]"#,
            r#"["push",["pipeline",0,["echo"],[[[["import",-1],["import",-1]]]]]]"#,
        ],
        after: &[
            (r#"["pull",2]"#, r#"["resolve",2,[[["export",-1],["export",-1]]]]"#),
            (r#"["push",["pipeline",1,["increment"],[]]]"#, ""),
            (r#"["push",["pipeline",-1,["increment"],[]]]"#, ""),
            (r#"["pull",4]"#, r#"["resolve",4,6]"#),
            (r#"["push",["pipeline",2,[1,"value"]]]"#, ""),
            (r#"["pull",5]"#, r#"["resolve",5,6]"#),
        ],
    },
    Case {
        what: "what the peer holds it must release as often as before",
        before: &[
            r#"["push",["pipeline",0,["makeCounter"],[4]]]"#,
            r#"["pull",1]"#,
            r#"["push",["pipeline",0,["echo"],[["import",-1]]]]"#,
            r#"["pull",2]"#,
        ],
        after: &[
            (r#"["release",-1,2]"#, ""),
            (r#"["release",-1,1]"#, r#"["abort",["error","Error","no such export ID: -1"]]"#),
        ],
    },
    Case {
        what: "a stub that the peer introduced twice is released twice",
        before: &[r#"["push",["pipeline",0,["keep"],[["export",-1],["export",-1]]]]"#],
        after: &[(r#"["push",["pipeline",0,["dropKept"],[]]]"#, r#"["release",-1,2]"#)],
    },
    Case {
        what: "an answered pull is not answered again, another is",
        before: &[
            r#"["push",["pipeline",0,["square"],[3]]]"#,
            r#"["push",["pipeline",0,["throwWithProps"],[]]]"#,
            r#"["pull",1]"#,
            r#"["pull",0]"#,
        ],
        after: &[
            (r#"["pull",1]"#, ""),
            (r#"["pull",0]"#, ""),
            (r#"["push",["pipeline",0,["square"],[["pipeline",1]]]]"#, ""),
            (r#"["pull",3]"#, r#"["resolve",3,81]"#),
            (
                r#"["pull",2]"#,
                r#"["reject",2,["error","TypeError","with props",null,{"code":"E_TEST","details":{"at":7},"cause":["error","Error","inner"]}]]"#,
            ),
        ],
    },
    Case {
        what: "promises of the peer's hold answers back, in order",
        before: &[
            r#"["push",["pipeline",0,["keep"],[["export",-1]]]]"#,
            r#"["push",["pipeline",0,["callKept"],[1]]]"#,
            r#"["push",["pipeline",2]]"#,
            r#"["pull",3]"#,
            r#"["pull",2]"#,
        ],
        after: &[(r#"["resolve",1,9]"#, "[\"release\",1,1]\n[\"resolve\",3,9]\n[\"resolve\",2,9]")],
    },
    Case {
        what: "the main object by two ids",
        before: &[r#"["push",["pipeline",0,["self"],[]]]"#, r#"["pull",1]"#, r#"["release",0,1]"#],
        after: &[
            (r#"["push",["pipeline",-1,["square"],[2]]]"#, ""),
            (r#"["pull",2]"#, r#"["resolve",2,4]"#),
            (
                r#"["push",["pipeline",0,["square"],[2]]]"#,
                r#"["abort",["error","Error","no such entry on exports table: 0"]]"#,
            ),
        ],
    },
    Case {
        what: "a value that holds a promise of the peer's",
        before: &[
            r#"["push",["pipeline",0,["keep"],[["export",-1]]]]"#,
            r#"["push",["pipeline",0,["callSquare"],[["export",-2],3]]]"#,
        ],
        after: &[
            (r#"["pull",2]"#, r#"["resolve",2,{"result":["pipeline",1]}]"#),
            (r#"["push",["pipeline",2,["result"]]]"#, ""),
            (r#"["pull",3]"#, r#"["pull",1]"#),
            (r#"["resolve",1,9]"#, "[\"release\",1,1]\n[\"resolve\",3,9]"),
        ],
    },
];

#[test]
fn what_is_saved() {
    check_all(CASES, |case| case.what, check);
}

fn check(case: &Case) -> Result<(), String> {
    for hibernates in [false, true] {
        let mut world = World::new(Limits::default());
        for frame in case.before {
            world.recv(frame);
        }
        if hibernates {
            world.hibernate();
        }
        for (frame, expected) in case.after {
            let sent = world.recv(frame).join("\n");
            if sent != *expected {
                return Err(format!("hibernates: {hibernates}, {frame}\n{expected}\n{sent}"));
            }
        }
        world.disconnect();
        world.check_empty();
    }
    Ok(())
}

/// A world that has used every part of the format.
pub(super) fn full_world() -> World {
    let mut world = World::new(Limits::default());
    for frame in [
        r#"["push",["pipeline",0,["friends"],[]]]"#,
        r#"["pull",1]"#,
        r#"["push",["pipeline",0,["throwWithProps"],[]]]"#,
        r#"["push",["pipeline",0,["keep"],[["export",-1]]]]"#,
        r#"["push",["pipeline",0,["callKept"],[1]]]"#,
        r#"["pull",4]"#,
        r#"["push",["pipeline",0,["callSquare"],[["export",-2],3]]]"#,
        r#"["push",["pipeline",0,["nested"]]]"#,
        r#"["push",["pipeline",1,[0,"counter"]]]"#,
        r#"["push",["import",7]]"#,
        r#"["push",["pipeline",0,["self"],[]]]"#,
        r#"["push",["pipeline",0,["echo"],[["error","Error","m","at x:1"]]]]"#,
        r#"["push",["pipeline",0,["makeCounter"],[10]]]"#,
        r#"["pull",11]"#,
        r#"["release",-4,1]"#,
        r#"["push",["promise",-3]]"#,
        r#"["push",["pipeline",12]]"#,
        r#"["reject",-3,["error","RangeError","gone","stack of it",{"code":7}]]"#,
        r#"["push",["promise",-4]]"#,
        r#"["push",["promise",-5]]"#,
        r#"["reject",-5,"only a string"]"#,
        r#"["push",[["date",5]]]"#,
        r#"["push",["export",-6]]"#,
        r#"["push",["bytes","QQ"]]"#,
        r#"["pull",0]"#,
    ] {
        world.recv(frame);
        assert_eq!(world.session.closed(), None, "{frame}");
    }
    world
}

#[test]
fn a_full_world() {
    let mut world = full_world();
    world.hibernate();
    let stats = world.session.stats();
    assert!(stats.exports > 15 && stats.imports > 5, "{stats:?}");
    world.disconnect();
    world.check_empty();
}
