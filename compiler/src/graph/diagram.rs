//! Journeys as text for Mermaid, which many code hosts draw in Markdown, and for Graphviz.

use std::fmt::Write;

use journey_ir as ir;
use journey_ir::StepIx;

use crate::outline;
use crate::sentences::{Look, Teller, WayKind};

/// A node or an arrow of a diagram.
enum Part {
    Node {
        step: StepIx,
        look: Look,
        words: Vec<String>,
    },
    Arrow {
        from: StepIx,
        to: Option<StepIx>,
        label: Option<String>,
        dashed: bool,
    },
}

fn parts(teller: Teller<'_>, journey: &ir::Journey) -> Vec<Part> {
    let mut parts = Vec::new();
    for (at, step) in journey.steps.iter().enumerate() {
        let at = StepIx(at as u32);
        let Some(shown) = teller.step(journey, at) else {
            continue;
        };
        let badge = shown.badge.map(|it| format!("[{it}] ")).unwrap_or_default();
        let mut words = vec![format!("{badge}{}", shown.head)];
        words.extend(shown.details);
        parts.push(Part::Node {
            step: at,
            look: shown.look,
            words,
        });
        let labels = teller.ways(journey, at);
        for (way, to) in outline::ways(&step.kind).into_iter().enumerate() {
            let label = labels.get(way);
            parts.push(Part::Arrow {
                from: at,
                to,
                dashed: label.is_some_and(|it| it.kind == WayKind::Timeout),
                label: label.map(|it| it.short.clone()),
            });
        }
    }
    parts
}

/// The text of a Mermaid flowchart.
pub(crate) fn mermaid(teller: Teller<'_>, journey: &ir::Journey) -> String {
    let mut out = String::from("flowchart TD\n");
    let quoted = |words: &[String]| {
        words
            .iter()
            .map(|it| entities(it))
            .collect::<Vec<_>>()
            .join("<br/>")
    };
    let entry = [
        teller.word("Enter", "시작").to_owned(),
        teller.entry(journey),
    ];
    // Writing to a string cannot fail.
    let _ = writeln!(out, "  enter([\"{}\"])", quoted(&entry));
    let _ = writeln!(out, "  done([\"{}\"])", teller.word("Done", "완료"));
    let first = node(journey.start);
    let _ = writeln!(out, "  enter --> {first}");
    for part in parts(teller, journey) {
        match part {
            Part::Node { step, look, words } => {
                let (open, close) = match look {
                    Look::Branch => ("{{", "}}"),
                    Look::Race | Look::Wait => ("(", ")"),
                    Look::Exit => ("([", "])"),
                    _ => ("[", "]"),
                };
                let _ = writeln!(
                    out,
                    "  {}{open}\"{}\"{close}",
                    node(Some(step)),
                    quoted(&words)
                );
            }
            Part::Arrow {
                from,
                to,
                label,
                dashed,
            } => {
                let arrow = if dashed { "-.->" } else { "-->" };
                let label = label.map_or_else(String::new, |it| format!("|\"{}\"|", entities(&it)));
                let _ = writeln!(out, "  {} {arrow}{label} {}", node(Some(from)), node(to));
            }
        }
    }
    out
}

/// The text of a Graphviz graph.
pub(crate) fn dot(teller: Teller<'_>, journey: &ir::Journey) -> String {
    let escaped = |it: &str| it.replace('\\', "\\\\").replace('"', "\\\"");
    let joined = |words: &[String]| {
        let lines: Vec<String> = words.iter().map(|it| escaped(it)).collect();
        lines.join("\\n")
    };
    let mut out = format!(
        "digraph \"{}\" {{\n  node [shape=box, style=rounded, fontname=\"sans-serif\"];\n  edge [fontname=\"sans-serif\", fontsize=10];\n",
        escaped(teller.journey(journey))
    );
    let entry = [
        teller.word("Enter", "시작").to_owned(),
        teller.entry(journey),
    ];
    // Writing to a string cannot fail.
    let _ = writeln!(out, "  enter [shape=oval, label=\"{}\"];", joined(&entry));
    let _ = writeln!(
        out,
        "  done [shape=oval, label=\"{}\"];",
        teller.word("Done", "완료")
    );
    let _ = writeln!(out, "  enter -> {};", node(journey.start));
    for part in parts(teller, journey) {
        match part {
            Part::Node { step, look, words } => {
                let shape = match look {
                    Look::Branch | Look::Split => ", shape=hexagon, style=\"\"",
                    Look::Exit => ", shape=oval",
                    _ => "",
                };
                let _ = writeln!(
                    out,
                    "  {} [label=\"{}\"{shape}];",
                    node(Some(step)),
                    joined(&words)
                );
            }
            Part::Arrow {
                from,
                to,
                label,
                dashed,
            } => {
                let label =
                    label.map_or_else(String::new, |it| format!("label=\"{}\"", escaped(&it)));
                let style = if dashed { ", style=dashed" } else { "" };
                let _ = writeln!(
                    out,
                    "  {} -> {} [{label}{style}];",
                    node(Some(from)),
                    node(to)
                );
            }
        }
    }
    out.push_str("}\n");
    out
}

fn node(step: Option<StepIx>) -> String {
    step.map_or_else(|| "done".to_owned(), |it| format!("s{}", it.0))
}

/// What means something inside Mermaid's quotes.
fn entities(text: &str) -> String {
    text.replace('#', "#35;")
        .replace('"', "#quot;")
        .replace('<', "#lt;")
        .replace('>', "#gt;")
        .replace('\n', " ")
}
