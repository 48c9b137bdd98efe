//! Changes the spaces of a text at random, and nothing else: what stands in quotes and comments stays, and so do the
//! places where a line ends or where a blank line stands.

use crate::mutations::end_of_text;

/// A small generator of numbers, so that a seed says everything.
struct Chance(u64);

impl Chance {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }

    fn space(&mut self) -> &'static str {
        [" ", "  ", "\t", " \t ", "\u{A0}", "\u{3000} "][self.below(6) as usize]
    }

    fn line_end(&mut self) -> &'static str {
        ["\n", "\r\n", " \n", "\t \r\n"][self.below(4) as usize]
    }
}

/// Returns the text with other spaces.
pub(crate) fn respaced(text: &str, seed: u64) -> String {
    let mut chance = Chance(seed);
    let mut changed = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let length = match first {
            '#' => rest.find('\n').unwrap_or(rest.len()),
            '"' => end_of_text(rest),
            '`' => 2 + rest[1..].find('`').unwrap(),
            _ => first.len_utf8(),
        };
        if !first.is_whitespace() {
            changed.push_str(&rest[..length]);
            rest = &rest[length..];
            continue;
        }
        let after = rest.trim_start();
        let gap = &rest[..rest.len() - after.len()];
        gap_instead(gap, &mut chance, &mut changed);
        rest = after;
    }
    changed
}

fn gap_instead(gap: &str, chance: &mut Chance, into: &mut String) {
    let lines = gap.matches('\n').count();
    for _ in 0..lines {
        into.push_str(chance.line_end());
    }
    if lines > 1 && chance.below(2) == 0 {
        into.push_str(chance.line_end());
    }
    // A line in the first column may begin a declaration, so it is moved neither to nor from there.
    if lines == 0 || !gap.ends_with('\n') {
        into.push_str(chance.space());
    }
}
