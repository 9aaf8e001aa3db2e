//! Invariants of ARCHITECTURE.md that the compiler does not keep.

use std::fs;
use std::path::{Path, PathBuf};

use topsail_core::proto::{Session, Turn};

/// A session and its turn are plain data: they may move to another thread.
#[test]
fn a_session_is_send() {
    fn is_send<T: Send>() {}
    is_send::<Session>();
    is_send::<Turn>();
}

/// Nothing in `proto` knows of sharing, of futures, of clocks, or of what is built around it.
#[test]
fn proto_is_plain_data() {
    const FOREIGN: [&str; 14] = [
        "Rc<",
        "rc::",
        "RefCell",
        "Cell<",
        "Arc<",
        "Mutex",
        "Future",
        "async ",
        ".await",
        "Waker",
        "Instant",
        "SystemTime",
        "crate::peer",
        "crate::codec",
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/proto");
    let files = sources(&folder);
    assert!(files.len() > 20, "{} files", files.len());
    for file in files {
        let text = fs::read_to_string(&file).expect("a source");
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for line in code {
            let found = FOREIGN.iter().find(|word| line.contains(**word));
            assert_eq!(found, None, "{}: {line}", file.display());
        }
    }
}

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("entry").path());
    let files = entries.flat_map(|path| match path.is_dir() {
        true => sources(&path),
        false => vec![path],
    });
    files.collect()
}
