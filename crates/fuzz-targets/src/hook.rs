//! What happens at a panic while fuzzing.

use std::collections::HashSet;
use std::panic;
use std::sync::Mutex;

/// Lets panics unwind: one that a reader catches and turns into an error is that reader's answer, one that leaves a target
/// is the fuzzer's finding. Each place that panics is named once.
pub fn report_panics() {
    static SEEN: Mutex<Option<HashSet<String>>> = Mutex::new(None);
    panic::set_hook(Box::new(|info| {
        let place = info.location().map_or_else(|| "unknown place".to_owned(), ToString::to_string);
        if let Ok(mut seen) = SEEN.lock()
            && seen.get_or_insert_default().insert(place)
        {
            complain(info);
        }
    }));
}

#[expect(clippy::print_stderr, reason = "the person at the fuzzer reads it")]
fn complain(info: &panic::PanicHookInfo<'_>) {
    eprintln!("panic: {info}");
}
