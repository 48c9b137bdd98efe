//! A picture as SVG: one file that needs nothing else.

use std::fmt::Write;

use super::icons::icon;
use super::layout::{DETAIL, HEAD, Line, Placed, STEP_GAP, Shape, Status, badge_width};
use super::page::escape;
use super::picture::{Picture, TITLE};
use super::style::sheet;
use crate::sentences::WayKind;

/// The radius of a line's bends.
const BEND: f64 = 8.0;

/// The picture as an SVG document.
pub(crate) fn svg(picture: &Picture) -> String {
    let mut out = Svg(String::new());
    let (w, h) = (picture.width, picture.height);
    let name = escape(&picture.title.join(" "));
    out.line(&format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="jg" viewBox="0 0 {w} {h}" width="{w}" height="{h}" role="img" aria-label="{name}">"#
    ));
    out.line(&format!("<title>{name}</title>"));
    out.line(&format!("<style>\n{}</style>", sheet()));
    out.line(&format!(
        r#"<rect class="jg-bg" width="{w}" height="{h}"/>"#
    ));
    out.heading(picture);
    let frames = |it: &&Placed| it.shape == Shape::Frame;
    for frame in picture.boxes.iter().filter(frames) {
        out.frame(frame);
    }
    for line in &picture.lines {
        out.edge(line);
    }
    for placed in picture.boxes.iter().filter(|it| !frames(it)) {
        let written = placed.step.and_then(|it| picture.written.get(&it));
        out.placed(placed, written.map(String::as_str));
    }
    out.line("</svg>");
    out.0
}

struct Svg(String);

impl Svg {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn text(&mut self, class: &str, x: f64, y: f64, words: &str) {
        let words = escape(words);
        self.line(&format!(
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{words}</text>"#
        ));
    }

    fn heading(&mut self, picture: &Picture) {
        let mut y = 28.0;
        for line in &picture.title {
            self.text("jg-title", 28.0, y + TITLE.0 * 0.8, line);
            y += TITLE.1;
        }
        for line in &picture.doc {
            self.text("jg-detail", 28.0, y + DETAIL.0 * 0.8, line);
            y += DETAIL.1;
        }
    }

    fn frame(&mut self, frame: &Placed) {
        let Placed { x, y, w, h, .. } = frame;
        self.line(&format!(
            r#"<rect class="jg-frame" x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{h:.1}" rx="12"/>"#
        ));
        for (at, line) in frame.head.iter().enumerate() {
            let y = y + 16.0 + at as f64 * DETAIL.1;
            self.text("jg-frame-title", x + 12.0, y, line);
        }
    }

    fn edge(&mut self, line: &Line) {
        let class = if line.dashed {
            "jg-line dashed"
        } else {
            "jg-line"
        };
        let mut points = line.points.clone();
        let tip = points.last().copied();
        let before = points.iter().rev().nth(1).copied();
        // An arrow points down, or to the right where it leads back to the beginning of a repeat.
        let right = matches!((before, tip), (Some(from), Some(to)) if (from.1 - to.1).abs() < 0.5);
        if line.arrow
            && let Some(last) = points.last_mut()
        {
            if right {
                last.0 -= 5.0;
            } else {
                last.1 -= 5.0;
            }
        }
        let path = path(&points);
        self.line(&format!(r#"<path class="{class}" d="{path}"/>"#));
        if let (true, Some((x, y))) = (line.arrow, tip) {
            let (x, y, way) = if right {
                (x - 7.5, y - 4.5, "v9l7.500-4.500z")
            } else {
                (x - 4.5, y - 7.5, "h9l-4.500 7.500z")
            };
            self.line(&format!(
                r#"<path class="jg-tip" d="M{x:.1} {y:.1}{way}"/>"#
            ));
        }
    }

    fn placed(&mut self, placed: &Placed, written: Option<&str>) {
        let mut tip = placed.tip.clone();
        if let Some(written) = written {
            tip = format!("{tip}\n{written}");
        }
        let tip = escape(&tip);
        self.line(&format!(r#"<g data-tip="{tip}"><title>{tip}</title>"#));
        match placed.shape {
            Shape::Label(kind) => self.label(placed, kind),
            shape => self.card(placed, shape),
        }
        self.line("</g>");
    }

    fn label(&mut self, placed: &Placed, kind: WayKind) {
        let class = match kind {
            WayKind::Arm => "jg-label",
            WayKind::Otherwise => "jg-label otherwise",
            WayKind::Timeout => "jg-label timeout",
        };
        let Placed { x, y, w, h, .. } = placed;
        self.line(&format!(
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{h:.1}" rx="{:.1}"/>"#,
            (h / 2.0).min(11.0)
        ));
        for (at, line) in placed.head.iter().enumerate() {
            let y = y + 4.0 + at as f64 * DETAIL.1 + DETAIL.1 * 0.75;
            self.text("jg-words", x + w / 2.0, y, line);
        }
    }

    fn card(&mut self, placed: &Placed, shape: Shape) {
        let Placed { x, y, w, h, .. } = placed;
        let status = match placed.status {
            Status::Same => "",
            Status::Added => " added",
            Status::Changed => " changed",
            Status::Removed => " removed",
        };
        let round = match shape {
            Shape::Entry | Shape::End => 22.0,
            _ => 10.0,
        };
        self.line(&format!(
            r#"<rect class="jg-card{status}" x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{h:.1}" rx="{round}"/>"#
        ));
        let (class, drawing) = icon(shape);
        let (cx, cy) = (x + 12.0 + 13.0, y + 22.0);
        self.line(&format!(
            r#"<circle class="jg-{class}" cx="{cx:.1}" cy="{cy:.1}" r="13"/><g class="jg-icon jg-{class}-icon" transform="translate({:.1} {:.1})">{drawing}</g>"#,
            cx - 8.0,
            cy - 8.0
        ));
        let left = x + 12.0 + 34.0;
        let lines = placed.head.len() as f64 * HEAD.1 + placed.details.len() as f64 * DETAIL.1;
        let mut top = y + ((h - lines) / 2.0).clamp(4.0, 13.0);
        for line in &placed.head {
            self.text("jg-head", left, top + HEAD.1 * 0.74, line);
            top += HEAD.1;
        }
        for line in &placed.details {
            self.text("jg-detail", left, top + DETAIL.1 * 0.75, line);
            top += DETAIL.1;
        }
        self.badges(placed);
    }

    /// Badges stand in the upper right corner.
    fn badges(&mut self, placed: &Placed) {
        let mut right = placed.x + placed.w - 9.0;
        for badge in &placed.badges {
            let w = badge_width(badge);
            right -= w;
            let y = placed.y + 8.0;
            self.line(&format!(
                r#"<rect class="jg-badge" x="{right:.1}" y="{y:.1}" width="{w:.1}" height="16" rx="8"/>"#
            ));
            self.text("jg-badge-words", right + 6.0, y + 11.8, badge);
            right -= 4.0;
        }
    }
}

/// A path through points with rounded bends.
fn path(points: &[(f64, f64)]) -> String {
    let mut out = String::new();
    let Some(((x, y), rest)) = points.split_first() else {
        return out;
    };
    // Writing to a string cannot fail.
    let _ = write!(out, "M{x:.1} {y:.1}");
    let mut before = (*x, *y);
    for (at, &(x, y)) in rest.iter().enumerate() {
        match rest.get(at + 1) {
            None => {
                let _ = write!(out, "L{x:.1} {y:.1}");
            }
            Some(&after) => {
                let (into, away) = (toward((x, y), before), toward((x, y), after));
                let _ = write!(
                    out,
                    "L{:.1} {:.1}Q{x:.1} {y:.1} {:.1} {:.1}",
                    into.0, into.1, away.0, away.1
                );
            }
        }
        before = (x, y);
    }
    out
}

/// A point near `from`, in the direction of `to`.
fn toward(from: (f64, f64), to: (f64, f64)) -> (f64, f64) {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let length = dx.hypot(dy).max(0.01);
    let step = BEND.min(length / 2.0).min(STEP_GAP);
    (from.0 + dx / length * step, from.1 + dy / length * step)
}
