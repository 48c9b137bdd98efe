//! A document for a terminal: aligned columns, in which a Hangul syllable is two wide, and bars of blocks.

use std::fmt::Write;

use unicode_width::UnicodeWidthStr;

use super::document::{Bars, Block, Days, Document, Section, Table, number, share};

/// How wide bars are.
const BAR: usize = 24;
/// Heights of a day's column.
const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// Eighths of a bar's last column.
const EIGHTHS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

pub(super) fn render(document: &Document, width: usize) -> String {
    let mut out = format!("{}\n", document.title);
    for line in &document.lead {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  {line}");
    }
    for alert in &document.alerts {
        let _ = writeln!(out, "  ! {alert}");
    }
    out.push('\n');
    let figures: Vec<String> = document
        .figures
        .iter()
        .map(|(label, count)| format!("{label} {count}"))
        .collect();
    let _ = writeln!(out, "  {}", figures.join(" · "));
    for section in &document.sections {
        out.push_str(&one_section(section, width));
    }
    out
}

fn one_section(section: &Section, width: usize) -> String {
    let name = section.name.as_ref();
    let name = name.map_or_else(String::new, |it| format!(" ({it})"));
    let mut out = format!("\n{}{name}\n", section.title);
    for block in &section.blocks {
        let lines = match block {
            Block::Words(words) => vec![words.clone()],
            Block::Table(table) => rows(table, width),
            Block::Days(days) => columns(days, width),
            Block::Bars(bars) => bars_of(bars),
        };
        for line in lines {
            out.push_str(format!("  {line}").trim_end());
            out.push('\n');
        }
    }
    out
}

fn rows(table: &Table, width: usize) -> Vec<String> {
    let all = || std::iter::once(&table.head).chain(&table.rows);
    let widths: Vec<usize> = (0..table.head.len())
        .map(|at| {
            let cells = all().filter_map(|row| row.get(at));
            cells.map(|it| it.width()).max().unwrap_or_default()
        })
        .collect();
    let whole = widths.iter().sum::<usize>() + 2 * widths.len() + 2;
    if whole > width && table.words == table.head.len() {
        return stacked(table);
    }
    let line = |row: &Vec<String>| {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(at, (cell, width))| {
            if at < table.words {
                left(cell, *width)
            } else {
                right(cell, *width)
            }
        });
        cells.collect::<Vec<_>>().join("  ")
    };
    let mut lines: Vec<String> = all().map(line).collect();
    let rule: Vec<String> = widths.iter().map(|it| "─".repeat(*it)).collect();
    lines.insert(1, rule.join("  "));
    lines
}

/// Words that find no room beside each other stand below each other.
fn stacked(table: &Table) -> Vec<String> {
    let mut lines = Vec::new();
    for row in &table.rows {
        for (at, (head, cell)) in table.head.iter().zip(row).enumerate() {
            lines.push(if at == 0 {
                cell.clone()
            } else {
                format!("    {head}: {cell}")
            });
        }
    }
    lines
}

fn columns(days: &Days, width: usize) -> Vec<String> {
    let labels = days.series.iter().map(|it| it.label.width());
    let label = labels.max().unwrap_or_default();
    let room = width.saturating_sub(label + 16).max(8);
    let mut lines = vec![format!("{}  {} – {}", days.caption, days.from, days.to)];
    let highest = days.series.iter().flat_map(|it| &it.values).max();
    let together = days.labels.len().div_ceil(room).max(1);
    for series in &days.series {
        let chunks = series.values.chunks(together);
        let most = highest.copied().unwrap_or_default() * together as u64;
        let spark: String = chunks
            .map(|chunk| height(chunk.iter().sum(), most))
            .collect();
        let total = number(series.total());
        lines.push(format!("{}  {spark}  {total}", left(&series.label, label)));
    }
    lines
}

fn height(value: u64, most: u64) -> char {
    if value == 0 {
        return ' ';
    }
    let step = (value * HEIGHTS.len() as u64).div_ceil(most.max(1));
    let at = usize::try_from(step)
        .unwrap_or_default()
        .clamp(1, HEIGHTS.len());
    HEIGHTS.get(at - 1).copied().unwrap_or(' ')
}

fn bars_of(bars: &Bars) -> Vec<String> {
    let (highest, total) = (bars.highest(), bars.total());
    let label = bars.rows.iter().map(|it| it.label.width()).max();
    let counts: Vec<String> = bars.rows.iter().map(|it| number(it.count)).collect();
    let widest = counts.iter().map(String::len).max().unwrap_or_default();
    let mut lines = vec![bars.caption.clone()];
    for (row, count) in bars.rows.iter().zip(&counts) {
        lines.push(format!(
            "  {}  {}  {:>4}  {}",
            left(&row.label, label.unwrap_or_default()),
            right(count, widest),
            share(row.count, total),
            bar(row.count, highest),
        ));
    }
    lines
}

fn bar(value: u64, most: u64) -> String {
    let eighths = value * 8 * BAR as u64 / most.max(1);
    let eighths = usize::try_from(eighths).unwrap_or_default();
    let eighths = if value > 0 { eighths.max(1) } else { 0 };
    let last = EIGHTHS.get(eighths % 8).copied().unwrap_or_default();
    format!("{}{last}", "█".repeat(eighths / 8))
}

fn left(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(text.width())))
}

fn right(text: &str, width: usize) -> String {
    format!("{}{text}", " ".repeat(width.saturating_sub(text.width())))
}
