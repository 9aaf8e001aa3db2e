//! What no honest client sends: `tests/hostile.txt`, whose head describes its format.

use std::fs;

use serde_json::Value;
use topsail_core::proto::Limits;

use super::compare::head;
use super::table::check_all;
use super::world::World;

pub(super) struct Block {
    pub(super) what: String,
    pub(super) frames: Vec<String>,
    expected: String,
}

pub(super) fn blocks() -> Vec<Block> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/hostile.txt");
    let text = fs::read_to_string(path).expect("the blocks");
    text.trim().split("\n\n").skip(1).map(block).collect()
}

#[test]
fn hostile_frames() {
    let blocks = blocks();
    assert!(blocks.len() > 290, "{} blocks", blocks.len());
    check_all(&blocks, |block| &block.what, check);
}

fn block(text: &str) -> Block {
    let after = |prefix: &str| text.lines().find_map(|line| line.strip_prefix(prefix));
    Block {
        what: after("# ").expect("what it is").to_owned(),
        frames: text.lines().filter_map(|line| line.strip_prefix("> ")).map(frame).collect(),
        expected: after("= ").expect("an outcome").to_owned(),
    }
}

/// `@["a", "b", 3]` is `abbb`: a number says how often the string before it stands there.
fn frame(text: &str) -> String {
    let Some(list) = text.strip_prefix('@') else { return text.to_owned() };
    let items: Vec<Value> = serde_json::from_str(list).expect("a list");
    let (mut frame, mut last) = (String::new(), "");
    for item in &items {
        match item {
            Value::String(piece) => {
                frame.push_str(piece);
                last = piece;
            }
            count => {
                let more = count.as_u64().expect("a count") - 1;
                frame.push_str(&last.repeat(more as usize));
            }
        }
    }
    frame
}

fn check(block: &Block) -> Result<(), String> {
    let mut world = World::new(Limits::default());
    let sent: Vec<String> = block.frames.iter().flat_map(|frame| world.recv(frame)).collect();
    let is_closed = world.session.closed().is_some();
    if !agrees(&block.expected, is_closed, &sent) {
        let sent = sent.join(" ").chars().take(300).collect::<String>();
        return Err(format!("wanted {}, got {sent}", block.expected));
    }
    world.disconnect();
    world.check_empty();
    Ok(())
}

fn agrees(expected: &str, is_closed: bool, sent: &[String]) -> bool {
    let mut words = expected.splitn(3, ' ');
    let (outcome, id) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let answers = |kind: &str| {
        let start = format!("[\"{kind}\",");
        sent.iter().filter(move |frame| frame.starts_with(&start)).count()
    };
    match outcome {
        "abort" => is_closed && sent.iter().rev().skip(1).all(|frame| !frame.contains("\"abort\"")),
        _ if is_closed => false,
        "ignored" => answers("reject") == 0,
        "reject" => sent.iter().any(|frame| frame.starts_with(&format!("[\"reject\",{id},"))),
        "resolve" => {
            let wanted: Value =
                serde_json::from_str(words.next().unwrap_or_default()).expect("JSON");
            let start = format!("[\"resolve\",{id},");
            let answer = sent.iter().find(|frame| frame.starts_with(&start));
            let answer = answer.map(|frame| serde_json::from_str::<Value>(frame).expect("JSON"));
            answer.is_some_and(|answer| head(&answer).0 == "resolve" && same(&answer[2], &wanted))
        }
        _ => panic!("no such outcome: {expected}"),
    }
}

/// Equal, numbers by value.
fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(key, one)| other.get(key).is_some_and(|other| same(one, other)))
        }
        _ => one == other,
    }
}
