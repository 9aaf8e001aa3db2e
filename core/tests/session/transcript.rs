//! Reading transcripts; `tests/transcripts/generate.mjs` describes the format.

use std::fs;
use std::path::PathBuf;

#[derive(Debug, Default)]
pub(super) struct Transcript {
    pub(super) name: String,
    /// The order and the number of frames may differ.
    pub(super) is_free: bool,
    pub(super) steps: Vec<Step>,
    /// The server's exports and imports at the end; none if its session has ended.
    pub(super) end: Option<(usize, usize)>,
}

/// What the client sent and what the server sent then.
#[derive(Debug, Default)]
pub(super) struct Step {
    pub(super) up: Vec<String>,
    pub(super) down: Vec<String>,
}

/// All transcripts, by name.
pub(super) fn all() -> Vec<Transcript> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/transcripts");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .expect("transcripts")
        .map(|entry| entry.expect("entry").path())
        .collect();
    paths.sort();
    paths.iter().map(read).collect()
}

fn read(path: &PathBuf) -> Transcript {
    let mut transcript = Transcript {
        name: path.file_stem().expect("a name").to_string_lossy().into_owned(),
        ..Transcript::default()
    };
    for line in fs::read_to_string(path).expect("a transcript").lines() {
        if let Some(frame) = line.strip_prefix("> ") {
            if transcript.steps.last().is_none_or(|step| !step.down.is_empty()) {
                transcript.steps.push(Step::default());
            }
            transcript.steps.last_mut().expect("a step").up.push(frame.to_owned());
        } else if let Some(frame) = line.strip_prefix("< ") {
            transcript.steps.last_mut().expect("a step").down.push(frame.to_owned());
        } else if let Some(end) = line.strip_prefix("# end ") {
            transcript.end = sizes(end);
        } else {
            transcript.is_free |= line.starts_with("# free: ");
            assert!(line.is_empty() || line.starts_with("# "), "not a line: {line}");
        }
    }
    transcript
}

fn sizes(text: &str) -> Option<(usize, usize)> {
    let words: Vec<&str> = text.split(' ').collect();
    match words.as_slice() {
        ["server", "exports", exports, "imports", imports, ..] => {
            Some((exports.parse().expect("a number"), imports.parse().expect("a number")))
        }
        ["server", "closed", ..] => None,
        _ => panic!("not an end: {text}"),
    }
}
