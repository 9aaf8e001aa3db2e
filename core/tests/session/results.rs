//! Paths into the results of calls, by the rules of npm `capnweb` 0.12.0.

use topsail_core::proto::Limits;

use super::bare::Bare;
use super::table::check_all;

/// A result, a path, and what is sent for a pull of the path.
const PATHS: &[(&str, &str, &str)] = &[
    (r#"{"a":{"b":2}}"#, r#"["a","b"]"#, r#"["resolve",2,2]"#),
    (r#"{"a":{"b":2}}"#, r#"["a"]"#, r#"["resolve",2,{"b":2}]"#),
    (r#"{"a":1}"#, r#"[]"#, r#"["resolve",2,{"a":1}]"#),
    (r#"{"a":1,"a":2}"#, r#"["a"]"#, r#"["resolve",2,2]"#),
    (r#"{"a\"b":1}"#, r#"["a\u0022b"]"#, r#"["resolve",2,1]"#),
    (r#"{"\u0061":1}"#, r#"["a"]"#, r#"["resolve",2,1]"#),
    (r#"{"0":7}"#, r#"[0]"#, r#"["resolve",2,7]"#),
    (r#"[[5,[[6]]]]"#, r#"[1,0]"#, r#"["resolve",2,6]"#),
    (r#"[[5,6]]"#, r#"[1.0]"#, r#"["resolve",2,6]"#),
    (r#"[[5]]"#, r#"[1]"#, r#"["resolve",2,["undefined"]]"#),
    (r#"[[5]]"#, r#"["length"]"#, r#"["resolve",2,["undefined"]]"#),
    (r#""text""#, r#"["length"]"#, r#"["resolve",2,["undefined"]]"#),
    (r#"["date",5]"#, r#"[1]"#, r#"["resolve",2,["undefined"]]"#),
    (r#"["bytes","AAAA"]"#, r#"["length"]"#, r#"["resolve",2,["undefined"]]"#),
    (r#"{"toString":1,"__proto__":{"x":1}}"#, r#"["toString"]"#, r#"["resolve",2,["undefined"]]"#),
    (
        r#"{"__proto__":{"x":1}}"#,
        r#"["__proto__","x"]"#,
        r#"["reject",2,["error","TypeError","Cannot read properties of undefined (reading 'x')"]]"#,
    ),
    (
        r#"{"a":["undefined"]}"#,
        r#"["a","x"]"#,
        r#"["reject",2,["error","TypeError","Cannot read properties of undefined (reading 'x')"]]"#,
    ),
];

#[test]
fn paths_into_results() {
    check_all(
        PATHS,
        |(result, _, _)| result,
        |(result, path, expected)| {
            // Before the result is there, and after.
            for is_late in [false, true] {
                let mut bare = Bare::new(Limits::default());
                bare.recv(r#"["push",["pipeline",0,["a"],[]]]"#);
                if is_late {
                    bare.settle(result);
                }
                bare.recv(&format!(r#"["push",["pipeline",1,{path}]]"#));
                let mut sent = bare.recv(r#"["pull",2]"#);
                if !is_late {
                    sent = bare.settle(result);
                }
                bare.end();
                if sent != [*expected] {
                    return Err(format!("{path}, late: {is_late}: {sent:?}"));
                }
            }
            Ok(())
        },
    );
}
