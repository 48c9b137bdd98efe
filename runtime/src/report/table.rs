//! Tables for a terminal. Hangul takes two columns, and is counted so.

use unicode_width::UnicodeWidthStr;

/// How a column is aligned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table being filled.
#[derive(Debug, Clone)]
pub struct Table {
    columns: Vec<(String, Align)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table with these columns.
    #[must_use]
    pub fn new(columns: &[(&str, Align)]) -> Self {
        Self {
            columns: columns
                .iter()
                .map(|(name, align)| ((*name).to_owned(), *align))
                .collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// Whether it has no rows.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Draws it, each line indented by `indent` columns.
    #[must_use]
    pub fn draw(&self, indent: usize) -> String {
        let header: Vec<String> = self.columns.iter().map(|(name, _)| name.clone()).collect();
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| {
                let rows = std::iter::once(&header).chain(&self.rows);
                rows.filter_map(|row| row.get(column))
                    .map(|cell| cell.width())
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let mut text = String::new();
        for row in std::iter::once(&header).chain(&self.rows) {
            let mut line = " ".repeat(indent);
            for ((cell, width), (_, align)) in row.iter().zip(&widths).zip(&self.columns) {
                let room = " ".repeat(width - cell.width().min(*width));
                match align {
                    Align::Left => line.extend([cell.as_str(), &room, "  "]),
                    Align::Right => line.extend([&room, cell.as_str(), "  "]),
                }
            }
            text.push_str(line.trim_end());
            text.push('\n');
        }
        text
    }
}

/// A bar of at most `width` columns for a share of a whole.
#[must_use]
pub fn bar(part: i64, whole: i64, width: usize) -> String {
    if whole <= 0 || part <= 0 {
        return String::new();
    }
    let eighths =
        (part.unsigned_abs() as usize * width * 8).div_ceil(whole.unsigned_abs() as usize);
    let rest = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let mut bar = "█".repeat(eighths / 8);
    bar.push_str(rest.get(eighths % 8).copied().unwrap_or_default());
    bar
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up_in_both_scripts() {
        let mut table = Table::new(&[("journey", Align::Left), ("entered", Align::Right)]);
        table.row(vec!["장바구니 구출".into(), "12".into()]);
        table.row(vec!["welcome".into(), "1,204".into()]);
        let drawn = table.draw(2);
        let widths: Vec<usize> = drawn.lines().map(UnicodeWidthStr::width).collect();
        assert_eq!(widths, [24, 24, 24], "{drawn}");
    }

    #[test]
    fn a_bar_is_as_long_as_its_share() {
        assert_eq!(bar(50, 100, 4), "██");
        assert_eq!(bar(1, 1_000, 4), "▏");
        assert_eq!(bar(0, 100, 4), "");
    }
}
