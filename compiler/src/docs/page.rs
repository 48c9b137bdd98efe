//! The frame of every page: head, navigation, looks.

use std::fmt::Write;

use super::things::has_measures;
use super::{DocFile, Subject};
use crate::graph::{FONTS, escape};

const STYLE: &str = "
:root{color-scheme:light dark;--line:#dbe2ea;--soft:#f1f5f9;--dim:#5b6b80;--link:#1d4ed8}
@media (prefers-color-scheme: dark){:root{--line:#2b3850;--soft:#172033;--dim:#9fb0c8;--link:#93c5fd}body{background:#0b1220;color:#eaf0f8}}
*{box-sizing:border-box}
body{margin:0 auto;max-width:1120px;padding:0 22px 60px;line-height:1.62;font-size:15.5px;word-break:keep-all;overflow-wrap:anywhere}
nav{display:flex;gap:16px;flex-wrap:wrap;padding:16px 0;border-bottom:1px solid var(--line);font-size:14px}
nav b{margin-right:auto}
a{color:var(--link);text-decoration:none}a:hover{text-decoration:underline}
h1{font-size:26px;margin:28px 0 4px}h2{font-size:19px;margin:36px 0 10px}h3{font-size:16px;margin:22px 0 6px}
.dim{color:var(--dim)}.name{font-family:ui-monospace,monospace;font-size:.88em;color:var(--dim);font-weight:400}
table{border-collapse:collapse;width:100%;font-size:14.5px}th,td{text-align:left;vertical-align:top;padding:7px 10px;border-bottom:1px solid var(--line)}
th{font-weight:600;color:var(--dim);font-size:13px;white-space:nowrap}.wide{overflow-x:auto}
@media (max-width:640px){body{padding:0 14px 40px}table{font-size:13.5px}td{min-width:4.2em;overflow-wrap:normal}td:nth-child(2){min-width:11em}dl{grid-template-columns:1fr;gap:0}dd{margin-bottom:8px}}
dl{display:grid;grid-template-columns:max-content 1fr;gap:4px 16px;margin:10px 0}dt{color:var(--dim)}dd{margin:0}
ol.steps,ol.steps ol{list-style:none;padding-left:0}ol.steps ol{padding-left:22px;border-left:2px solid var(--line);margin-left:6px}
ol.steps li{margin:5px 0}.no{color:var(--dim);font-variant-numeric:tabular-nums;margin-right:7px}.way{font-weight:600}
.seq{border:1px dashed var(--line);border-radius:9px;padding:6px 12px;margin:6px 0}
.tag{background:#ffedd5;color:#9a3412;border-radius:9px;padding:1px 8px;font-size:12px;font-weight:600}
.picture{overflow:auto;border:1px solid var(--line);border-radius:12px;margin:14px 0;max-height:85vh}.picture svg{display:block;margin:auto;max-width:100%;height:auto;min-width:min(100%,640px)}
.mail{border:1px solid var(--line);border-radius:12px;margin:8px 0 26px;overflow:hidden;max-width:680px}.mail header{background:var(--soft);padding:9px 16px;font-weight:600;border-bottom:1px solid var(--line)}.mail div{padding:6px 16px}.mail pre{white-space:pre-wrap;font:inherit;margin:10px 0}
.bar{background:#2563eb;height:9px;border-radius:5px;display:inline-block}
@media print{nav{display:none}body{max-width:none;font-size:11pt}.picture{max-height:none;overflow:visible;page-break-inside:avoid}h2,h3{page-break-after:avoid}}
";

/// The page of funnels, KPIs and audiences, which a project without any does not have.
pub(super) const MEASURES: &str = "measures.html";

/// A page with a title and a body.
pub(super) fn page(subject: &Subject<'_>, name: &str, title: &str, body: &str) -> DocFile {
    let teller = subject.teller;
    let project = escape(&teller.program.project.name);
    let links = [
        ("index.html", teller.word("Overview", "한눈에 보기")),
        (
            "people.html",
            teller.word("People and events", "고객과 이벤트"),
        ),
        (
            MEASURES,
            teller.word("Figures and audiences", "지표와 광고 대상"),
        ),
        ("rules.html", teller.word("Rules and offers", "규칙과 혜택")),
        ("messages.html", teller.word("Messages", "메시지")),
    ];
    let mut nav = format!("<b>{project}</b>");
    for (href, words) in links {
        // Nobody opens an empty page twice.
        if href == MEASURES && !has_measures(teller.program) {
            continue;
        }
        // Writing to a string cannot fail.
        let _ = write!(nav, "<a href=\"{href}\">{words}</a>");
    }
    let title = escape(title);
    let language = teller.word("en", "ko");
    let text = format!(
        "<!doctype html>\n<html lang=\"{language}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">\n\
         <title>{title} · {project}</title>\n<style>body{{font-family:{FONTS}}}{STYLE}</style>\n</head>\n<body>\n\
         <nav>{nav}</nav>\n{body}</body>\n</html>\n"
    );
    DocFile {
        name: name.to_owned(),
        text,
    }
}

/// The file of a journey's page.
pub(super) fn journey_file(name: &str) -> String {
    format!("journey-{name}.html")
}

/// A table with a head.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let cells = |tag: &str, row: &[String]| -> String {
        let mut out = String::new();
        for cell in row {
            // Writing to a string cannot fail.
            let _ = write!(out, "<{tag}>{cell}</{tag}>");
        }
        out
    };
    let head: Vec<String> = head.iter().map(|it| (*it).to_owned()).collect();
    let mut out = format!(
        "<div class=\"wide\"><table><tr>{}</tr>\n",
        cells("th", &head)
    );
    for row in rows {
        let _ = writeln!(out, "<tr>{}</tr>", cells("td", row));
    }
    out + "</table></div>\n"
}

/// A title with the name below it, where they differ.
pub(super) fn titled(title: &str, name: &str) -> String {
    let title_words = escape(title);
    if title == name {
        return title_words;
    }
    format!("{title_words} <span class=\"name\">{}</span>", escape(name))
}
