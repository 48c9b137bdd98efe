//! A document as one page: light and dark, on a telephone and on paper, with charts drawn in SVG and no other file.

use std::fmt::Write;

use super::document::{Bars, Block, Days, Document, Section, Table, number, share};
use crate::graph::{FONTS, escape};
use crate::problem::Language;

/// The height of a chart by day, in its own units.
const HEIGHT: u64 = 100;

const STYLE: &str = "
:root{color-scheme:light dark;--line:#dbe2ea;--soft:#f1f5f9;--card:#ffffff;--dim:#5b6b80;--ink:#0f172a;--page:#f8fafc;--warn:#fff7ed;--warn-line:#fdba74;--warn-ink:#9a3412}
@media (prefers-color-scheme: dark){:root{--line:#2b3850;--soft:#1b2740;--card:#131d31;--dim:#9fb0c8;--ink:#eaf0f8;--page:#0b1220;--warn:#2a1a0c;--warn-line:#9a3412;--warn-ink:#fdba74}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);line-height:1.55;font-size:15px;word-break:keep-all;overflow-wrap:anywhere}
main{max-width:1040px;margin:0 auto;padding:26px 20px 60px}
h1{font-size:25px;margin:0 0 6px;letter-spacing:-.01em}h2{font-size:18px;margin:0 0 12px}h3{font-size:13px;margin:18px 0 8px;color:var(--dim);font-weight:600}
.lead{color:var(--dim);margin:0;font-size:14px}
.alert{background:var(--warn);border:1px solid var(--warn-line);color:var(--warn-ink);border-radius:10px;padding:9px 14px;margin:12px 0 0;font-size:14px}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(132px,1fr));gap:10px;margin:20px 0}
.figure,section{background:var(--card);border:1px solid var(--line);border-radius:14px}
.figure{padding:12px 16px}.figure b{display:block;font-size:23px;font-variant-numeric:tabular-nums;letter-spacing:-.01em}.figure span{color:var(--dim);font-size:13px}
section{padding:18px 20px 20px;margin:14px 0}
.name{font-family:ui-monospace,monospace;font-size:.76em;color:var(--dim);font-weight:400;margin-left:6px}
.wide{overflow-x:auto;margin-top:12px}
table{border-collapse:collapse;width:100%;font-size:14px}
th,td{overflow-wrap:normal;padding:6px 10px;border-bottom:1px solid var(--line);text-align:left;vertical-align:top}
th{color:var(--dim);font-weight:600;font-size:12.5px;white-space:nowrap}tr:last-child td{border-bottom:0}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.up{color:#16a34a}.down{color:#dc2626}
.bars{display:grid;grid-template-columns:minmax(90px,max-content) minmax(60px,1fr) max-content max-content;gap:5px 12px;align-items:center;font-size:14px}
.bars svg{display:block;width:100%;height:14px}.bars .dim{color:var(--dim);font-size:12.5px}
.chart{position:relative;padding-top:4px}.chart svg{display:block;width:100%;height:190px}
.top{position:absolute;left:0;top:-1px;font-size:11.5px;color:var(--dim);font-variant-numeric:tabular-nums;background:var(--card);padding-right:5px}
.axis{display:flex;justify-content:space-between;font-size:12px;color:var(--dim);font-variant-numeric:tabular-nums;margin-top:3px}
.legend{display:flex;gap:14px;flex-wrap:wrap;font-size:13px;margin-top:6px}.legend svg{width:11px;height:11px;margin-right:5px;vertical-align:-1px}
.grid{stroke:var(--line);stroke-width:1;vector-effect:non-scaling-stroke}.track{fill:var(--soft)}
.c-email{fill:#2563eb}.c-sms{fill:#059669}.c-kakao{fill:#eab308}.c-push{fill:#7c3aed}.c-webhook{fill:#64748b}.c-inapp{fill:#0891b2}
.c-goal{fill:#16a34a}.c-exited{fill:#ea580c}.c-quiet{fill:#94a3b8}
@media (max-width:560px){main{padding:18px 12px 40px}section{padding:14px}.bars{grid-template-columns:1fr max-content max-content;gap:1px 10px}.bars>:nth-child(4n+1){grid-column:1/-1;margin-top:5px}}
@media print{body{background:none;font-size:10.5pt}main{max-width:none;padding:0}section,.figure{break-inside:avoid;border-color:#cbd5e1}*{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
";

pub(super) fn render(document: &Document, language: Language) -> String {
    let code = match language {
        Language::English => "en",
        Language::Korean => "ko",
    };
    let title = escape(&document.title);
    let mut body = format!("<h1>{title}</h1>\n");
    for line in &document.lead {
        // Writing to a string cannot fail.
        let _ = writeln!(body, "<p class=\"lead\">{}</p>", escape(line));
    }
    for alert in &document.alerts {
        let _ = writeln!(body, "<p class=\"alert\">{}</p>", escape(alert));
    }
    body.push_str("<div class=\"figures\">");
    for (label, count) in &document.figures {
        let _ = write!(
            body,
            "<div class=\"figure\"><b>{count}</b><span>{}</span></div>",
            escape(label)
        );
    }
    body.push_str("</div>\n");
    for section in &document.sections {
        body.push_str(&one_section(section));
    }
    format!(
        "<!doctype html>\n<html lang=\"{code}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n<title>{title}</title>\n\
         <style>body{{font-family:{FONTS}}}{STYLE}</style>\n</head>\n<body>\n<main>\n{body}</main>\n</body>\n</html>\n"
    )
}

fn one_section(section: &Section) -> String {
    let name = section.name.as_ref().map_or_else(String::new, |it| {
        format!("<span class=\"name\">{}</span>", escape(it))
    });
    let mut out = format!("<section>\n<h2>{}{name}</h2>\n", escape(&section.title));
    for block in &section.blocks {
        match block {
            Block::Words(words) => {
                let _ = writeln!(out, "<p>{}</p>", escape(words));
            }
            Block::Table(table) => rows(&mut out, table),
            Block::Days(days) => columns(&mut out, days),
            Block::Bars(bars) => bars_of(&mut out, bars),
        }
    }
    out.push_str("</section>\n");
    out
}

fn rows(out: &mut String, table: &Table) {
    let line = |out: &mut String, tag: &str, row: &[String]| {
        out.push_str("<tr>");
        for (at, cell) in row.iter().enumerate() {
            let class = match cell.chars().next() {
                _ if at < table.words => "",
                Some('+') if tag == "td" => " class=\"n up\"",
                Some('−') if tag == "td" => " class=\"n down\"",
                _ => " class=\"n\"",
            };
            let _ = write!(out, "<{tag}{class}>{}</{tag}>", escape(cell));
        }
        out.push_str("</tr>\n");
    };
    out.push_str("<div class=\"wide\"><table>\n");
    line(out, "th", &table.head);
    for row in &table.rows {
        line(out, "td", row);
    }
    out.push_str("</table></div>\n");
}

/// Columns day by day, the series on top of each other.
fn columns(out: &mut String, days: &Days) {
    let highest = days.highest().max(1);
    let count = days.labels.len();
    let _ = write!(
        out,
        "<h3>{}</h3>\n<div class=\"chart\"><span class=\"top\">{}</span>\
         <svg viewBox=\"0 0 {} {HEIGHT}\" preserveAspectRatio=\"none\" role=\"img\" aria-label=\"{}\">",
        escape(&days.caption),
        number(highest),
        count * 10,
        escape(&days.caption),
    );
    for quarter in 0..4 {
        let y = HEIGHT * quarter / 4;
        let _ = write!(
            out,
            "<line class=\"grid\" x1=\"0\" x2=\"{}\" y1=\"{y}\" y2=\"{y}\"/>",
            count * 10
        );
    }
    for (at, label) in days.labels.iter().enumerate() {
        let mut below = 0;
        let mut told = label.clone();
        let mut column = String::new();
        for series in &days.series {
            let value = series.values.get(at).copied().unwrap_or_default();
            if value == 0 {
                continue;
            }
            let _ = write!(told, " · {} {}", series.label, number(value));
            let (top, foot) = (height(below + value, highest), height(below, highest));
            let _ = write!(
                column,
                "<rect class=\"c-{}\" x=\"{}\" y=\"{}\" width=\"8.4\" height=\"{}\"/>",
                series.colour,
                decimal((at * 100 + 8) as u64),
                decimal(HEIGHT * 10 - top),
                decimal(top - foot),
            );
            below += value;
        }
        if !column.is_empty() {
            let _ = write!(out, "<g><title>{}</title>{column}</g>", escape(&told));
        }
    }
    let middle = days.labels.get(count / 2).filter(|_| count > 2);
    let _ = write!(
        out,
        "</svg></div>\n<div class=\"axis\"><span>{}</span><span>{}</span><span>{}</span></div>\n<div class=\"legend\">",
        days.from,
        middle.map_or("", String::as_str),
        days.to
    );
    for series in &days.series {
        let _ = write!(
            out,
            "<span><svg viewBox=\"0 0 10 10\"><rect class=\"c-{}\" width=\"10\" height=\"10\" rx=\"2\"/></svg>{} {}</span>",
            series.colour,
            escape(&series.label),
            number(series.total())
        );
    }
    out.push_str("</div>\n");
}

/// A height in tenths.
const fn height(value: u64, highest: u64) -> u64 {
    value.saturating_mul(HEIGHT * 10) / if highest == 0 { 1 } else { highest }
}

/// Tenths as a number with one decimal.
fn decimal(tenths: u64) -> String {
    format!("{}.{}", tenths / 10, tenths % 10)
}

fn bars_of(out: &mut String, bars: &Bars) {
    let (highest, total) = (bars.highest().max(1), bars.total());
    let _ = write!(
        out,
        "<h3>{}</h3>\n<div class=\"bars\">\n",
        escape(&bars.caption)
    );
    for row in &bars.rows {
        let _ = writeln!(
            out,
            "<span>{}</span><svg viewBox=\"0 0 100 10\" preserveAspectRatio=\"none\"><rect class=\"track\" width=\"100\" \
             height=\"10\"/><rect class=\"c-{}\" width=\"{}\" height=\"10\"/></svg><span class=\"n\">{}</span>\
             <span class=\"n dim\">{}</span>",
            escape(&row.label),
            row.colour,
            decimal(row.count * 1_000 / highest),
            number(row.count),
            escape(&share(row.count, total)),
        );
    }
    out.push_str("</div>\n");
}
