//! Random numbers with a fixed seed, and random expressions of a client.

use super::client::Client;

/// xorshift64*
pub(super) struct Random(u64);

impl Random {
    pub(super) fn new(seed: u64) -> Self {
        // Seeds that differ in a bit or two are not to begin alike.
        let mut random = Random(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1);
        for _ in 0..8 {
            random.next();
        }
        random
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    /// Less than `end`, which is not 0.
    pub(super) fn below(&mut self, end: usize) -> usize {
        (self.next() >> 33) as usize % end
    }

    pub(super) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    pub(super) fn pick<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        if list.is_empty() { None } else { Some(list[self.below(list.len())]) }
    }
}

const NAMES: [&str; 5] = ["a", "toString", "list", "b", "f"];

/// A value without references.
pub(super) fn plain(random: &mut Random) -> String {
    let values = [
        "1",
        "\"text\"",
        "null",
        "[[1,2,3]]",
        r#"{"a":{"b":1},"list":[[1,2]]}"#,
        r#"["undefined"]"#,
        r#"["error","RangeError","a value",null,{"code":1}]"#,
        r#"["date",5]"#,
    ];
    values[random.below(values.len())].to_owned()
}

/// An expression that a client may send now. `own` says whether it may refer to the server's.
pub(super) fn expression(
    random: &mut Random,
    client: &mut Client,
    depth: usize,
    own: bool,
) -> String {
    match random.below(if depth == 0 { 3 } else { 14 }) {
        0..3 => plain(random),
        3 => format!("[[{}]]", several(random, client, depth, own).join(",")),
        4 => {
            let values = several(random, client, depth, own);
            let member = |(index, value)| format!("\"{}\":{value}", NAMES[index]);
            let members: Vec<String> = values.iter().enumerate().map(member).collect();
            format!("{{{}}}", members.join(","))
        }
        5 => format!("[\"export\",{}]", client.introduce(random)),
        6 => format!("[\"promise\",{}]", client.introduce_promise()),
        _ if !own => plain(random),
        7 => remap(random, client, depth),
        _ => reference(random, client, depth),
    }
}

fn several(random: &mut Random, client: &mut Client, depth: usize, own: bool) -> Vec<String> {
    (0..random.below(4)).map(|_| expression(random, client, depth - 1, own)).collect()
}

/// Something of the server's, perhaps a property of it, perhaps called.
pub(super) fn reference(random: &mut Random, client: &mut Client, depth: usize) -> String {
    let kind = if random.chance(25) { "import" } else { "pipeline" };
    let id = client.reachable(random);
    match random.below(4) {
        0 => format!("[\"{kind}\",{id}]"),
        1 => format!("[\"{kind}\",{id},{}]", path(random)),
        _ => {
            let path = path(random);
            let arguments = several(random, client, depth.max(1), true).join(",");
            format!("[\"{kind}\",{id},{path},[{arguments}]]")
        }
    }
}

fn path(random: &mut Random) -> String {
    let parts: Vec<String> = (0..random.below(3))
        .map(|_| match random.below(4) {
            0 => random.below(3).to_string(),
            _ => format!("\"{}\"", NAMES[random.below(NAMES.len())]),
        })
        .collect();
    format!("[{}]", parts.join(","))
}

fn remap(random: &mut Random, client: &mut Client, depth: usize) -> String {
    let captures: Vec<String> = (0..random.below(3))
        .map(|_| match random.chance(50) {
            true => format!("[\"import\",{}]", client.reachable(random)),
            false => format!("[\"export\",{}]", client.introduce(random)),
        })
        .collect();
    let count = 1 + random.below(3);
    let instructions: Vec<String> =
        (0..count).map(|at| instruction(random, captures.len(), at, depth)).collect();
    let (id, path) = (client.reachable(random), path(random));
    let (captures, instructions) = (captures.join(","), instructions.join(","));
    format!("[\"remap\",{id},{path},[{captures}],[{instructions}]]")
}

/// An instruction that may refer to captures, the input and what is before it; now and then to
/// what is not there, which rejects the map.
fn instruction(random: &mut Random, captures: usize, at: usize, depth: usize) -> String {
    let mut variable = || random.below(captures + at + 2) as i64 - captures as i64;
    let (one, other) = (variable(), variable());
    match random.below(6) {
        0 => plain(random),
        1 => format!("[\"pipeline\",{one}]"),
        2 => format!("[\"pipeline\",{one},{}]", path(random)),
        3 => format!("{{\"a\":[\"pipeline\",{one}],\"b\":[[[\"import\",{other}]]]}}"),
        4 if depth > 0 => {
            let inner = instruction(random, 1, 0, depth - 1);
            format!("[\"remap\",{one},[],[[\"import\",{other}]],[{inner}]]")
        }
        _ => {
            let path = path(random);
            format!("[\"pipeline\",{one},{path},[[\"pipeline\",{other}],1]]")
        }
    }
}
