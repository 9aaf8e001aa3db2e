//! Writes seeds for the fuzz targets into `corpus/`: the frames of the core's transcripts and of its
//! hostile peers, and what sessions are saved as that have received them.

use std::fs;
use std::path::{Path, PathBuf};

use topsail_fuzz::messages::snapshots;

fn main() -> std::io::Result<()> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tests = folder.join("../core/tests");
    let corpus = |target: &str| folder.join("corpus").join(target);
    for (name, frames) in conversations(&tests)? {
        write(&corpus("messages"), &name, frames.join("\n").as_bytes())?;
        let longest = frames.iter().max_by_key(|frame| frame.len());
        write(&corpus("json"), &name, longest.map_or("", String::as_str).as_bytes())?;
        for (at, bytes) in snapshots(&frames).iter().enumerate() {
            write(&corpus("thaw"), &format!("{name}-{at}"), bytes)?;
        }
    }
    Ok(())
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    fs::write(folder.join(name), bytes)
}

/// The frames of clients, by a name.
fn conversations(tests: &Path) -> std::io::Result<Vec<(String, Vec<String>)>> {
    let mut all = Vec::new();
    for entry in fs::read_dir(tests.join("transcripts"))? {
        let path: PathBuf = entry?.path();
        let name = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        all.push((name, frames(&fs::read_to_string(&path)?)));
    }
    let hostile = fs::read_to_string(tests.join("hostile.txt"))?;
    let blocks = hostile.split("\n\n").map(frames).filter(|frames| !frames.is_empty());
    all.extend(blocks.enumerate().map(|(at, frames)| (format!("hostile-{at}"), frames)));
    Ok(all)
}

fn frames(text: &str) -> Vec<String> {
    let frames = text.lines().filter_map(|line| line.strip_prefix("> "));
    frames.filter(|frame| !frame.starts_with('@')).map(str::to_owned).collect()
}
