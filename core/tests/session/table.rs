//! Tables of cases through one checking function.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Checks every case, and fails with the list of those that are wrong.
pub(super) fn check_all<T>(
    cases: &[T],
    name: impl Fn(&T) -> &str,
    check: impl Fn(&T) -> Result<(), String>,
) {
    let mut failures = Vec::new();
    for case in cases {
        let checked = catch_unwind(AssertUnwindSafe(|| check(case))).unwrap_or_else(|panic| {
            let text = panic.downcast::<String>().map_or_else(|_| "panics".into(), |text| *text);
            Err(text)
        });
        failures.extend(checked.err().map(|why| format!("{}: {why}", name(case))));
    }
    assert!(failures.is_empty(), "{} wrong:\n{}", failures.len(), failures.join("\n"));
}
