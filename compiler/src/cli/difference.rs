//! What changed in a file, as lines that begin with `-` and `+`.

use std::fmt::Write as _;
use std::time::Duration;

use similar::TextDiff;

/// How long the smallest difference is looked for; in a huge file that changes everywhere a larger one will do.
const PATIENCE: Duration = Duration::from_secs(1);

/// The first `most` lines of the difference between two texts of one file. `now` is what the new one is called.
pub(super) fn difference(name: &str, now: &str, old: &str, new: &str, most: usize) -> String {
    let text = TextDiff::configure()
        .timeout(PATIENCE)
        .diff_lines(old, new)
        .unified_diff()
        .context_radius(1)
        .header(name, now)
        .to_string();
    let total = text.lines().count();
    let mut shown = String::new();
    for line in text.lines().take(most) {
        shown.push_str(line);
        shown.push('\n');
    }
    if total > most {
        // Writing to a string cannot fail.
        let _ = writeln!(shown, "… {} more lines", total - most);
    }
    shown
}
