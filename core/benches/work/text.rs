//! The messages of a client.

use std::fmt::Write;

use topsail_core::codec;

use super::api::User;

/// Calls on the main object and a pull of each.
pub(crate) fn batch(count: usize, call: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    for i in 0..count {
        let _ = writeln!(text, r#"["push",["pipeline",0,{}]]"#, call(i));
    }
    for id in 1..=count {
        let _ = writeln!(text, r#"["pull",{id}]"#);
    }
    text
}

pub(crate) fn squares(count: usize) -> String {
    batch(count, |i| format!(r#"["square"],[{}]"#, i + 7))
}

/// Calls each on the result of the one before.
pub(crate) fn chain(length: usize) -> String {
    let mut text = String::new();
    for on in 0..length {
        let _ = writeln!(text, r#"["push",["pipeline",{on},["self"],[]]]"#);
    }
    let _ = writeln!(text, r#"["push",["pipeline",{length},["square"],[7]]]"#);
    let _ = writeln!(text, r#"["pull",{}]"#, length + 1);
    text
}

pub(crate) fn mapped(count: usize) -> String {
    let function = r#"[["pipeline",-1,["square"],[["pipeline",0]]],["pipeline",1]]"#;
    format!(
        "[\"push\",[\"pipeline\",0,[\"range\"],[{count}]]]\n\
         [\"push\",[\"remap\",1,[],[[\"import\",0]],{function}]]\n[\"pull\",2]\n"
    )
}

pub(crate) fn updates(count: usize) -> String {
    batch(count, |i| {
        let user = codec::encode(&User::example(i as u32)).expect("a user");
        format!(r#"["updateUser"],[{}]"#, user.text())
    })
}

/// About so many bytes of JSON, as an API would give it.
pub(crate) fn document(bytes: usize) -> String {
    let mut text =
        String::from(r#"{"title":"Report","generated":["date",1750000000000],"records":[["#);
    let mut i = 0_i32;
    while text.len() < bytes {
        let comma = if i > 0 { "," } else { "" };
        let (price, ratio) = (f64::from(i) * 1.3731, f64::from(i) / 7.0);
        let _ = write!(
            text,
            r#"{comma}{{"id":{},"key":"record-{:x}","name":"Record number {i}","note":"Line one\nsays \"two\", and a longer remark about record {i} that goes on for a while.","price":{price:.2},"ratio":{ratio},"open":{},"parent":null,"tags":[["group-{}","common","zone-{}"]],"position":{{"x":{},"y":{},"path":[[{i},{},2,3]]}}}}"#,
            1000 + i,
            i.wrapping_mul(40_503),
            i % 3 == 0,
            i % 12,
            i % 5,
            f64::from(i) * 0.25,
            10 - i,
            i + 1,
        );
        i += 1;
    }
    text.push_str("]]}");
    text
}

pub(crate) fn echo(bytes: usize) -> String {
    let document = document(bytes);
    batch(1, |_| format!(r#"["echo"],[{document}]"#))
}
