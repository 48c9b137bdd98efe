//! Boxes and lines with their places, and how blocks of them are put together.
//!
//! Each block has an axis at x = 0, on which it is entered at the top and left at the bottom. Stacking aligns axes;
//! arms stand beside each other with room between them. Boxes of different blocks therefore never overlap.

use journey_ir::StepIx;

use super::measure::{width, wrap};
use crate::sentences::{Look, WayKind};

/// Room between steps that follow each other.
pub(super) const STEP_GAP: f64 = 26.0;
/// Room between arms that stand side by side.
const ARM_GAP: f64 = 22.0;
/// From a step to the line that leads to its arms, and from its arms to the line that joins them.
const BUS_GAP: f64 = 18.0;
/// Room around the words of a box.
const PADDING: f64 = 12.0;
/// The circle of an icon and the room beside it.
const ICON: f64 = 34.0;
/// The size of a box's first words, and the height of their line.
pub(super) const HEAD: (f64, f64) = (13.0, 18.0);
/// The same of its smaller lines.
pub(super) const DETAIL: (f64, f64) = (11.5, 16.0);
/// The widest that words in a box may get.
const ROOM: f64 = 190.0;

/// What a box shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    /// A step.
    Step(Look),
    /// What leads into an arm.
    Label(WayKind),
    /// Where people enter.
    Entry,
    /// Where a run is complete.
    End,
    /// What the journey is for.
    Goal,
    /// What ends it anywhere.
    Rule,
    /// The frame around the steps of a sequence. It contains other boxes.
    Frame,
}

/// What a comparison says about a box.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Status {
    /// As before.
    #[default]
    Same,
    /// New.
    Added,
    /// Different.
    Changed,
    /// No longer there.
    Removed,
}

/// A box at its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Placed {
    pub(super) x: f64,
    pub(super) y: f64,
    pub(super) w: f64,
    pub(super) h: f64,
    pub(super) shape: Shape,
    pub(super) head: Vec<String>,
    pub(super) details: Vec<String>,
    pub(super) badges: Vec<String>,
    /// What is said of it when a pointer rests on it.
    pub(super) tip: String,
    /// The step it shows.
    pub(super) step: Option<StepIx>,
    pub(super) status: Status,
}

/// A line at its place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Line {
    pub(super) points: Vec<(f64, f64)>,
    pub(super) arrow: bool,
    pub(super) dashed: bool,
}

/// A block: what it shows and how much room it takes around its axis.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Laid {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) height: f64,
    pub(super) boxes: Vec<Placed>,
    pub(super) lines: Vec<Line>,
    /// Whether anybody leaves it at the bottom.
    pub(super) goes_on: bool,
}

/// The words of a box before it has a place.
#[derive(Debug, Clone, Default)]
pub(super) struct Words {
    pub(super) head: String,
    pub(super) details: Vec<String>,
    pub(super) badges: Vec<String>,
    pub(super) tip: String,
    pub(super) step: Option<StepIx>,
    pub(super) status: Status,
}

/// How wide a badge is.
pub(super) fn badge_width(badge: &str) -> f64 {
    width(badge, 10.0) + 12.0
}

/// One box around its words.
pub(super) fn boxed(shape: Shape, words: Words) -> Laid {
    let label = matches!(shape, Shape::Label(_));
    let icon = if label { 0.0 } else { ICON };
    let head_size = if label { DETAIL } else { HEAD };
    let head = wrap(&words.head, head_size.0, ROOM);
    let details: Vec<String> = words
        .details
        .iter()
        .flat_map(|it| wrap(it, DETAIL.0, ROOM))
        .collect();
    let badges: f64 = words.badges.iter().map(|it| badge_width(it) + 4.0).sum();
    let head_width = head
        .iter()
        .enumerate()
        .map(|(at, line)| {
            // Badges stand beside the first line; heads are bold.
            width(line, head_size.0) * 1.06 + if at == 0 { badges } else { 0.0 }
        })
        .fold(0.0, f64::max);
    let detail_width = details
        .iter()
        .map(|it| width(it, DETAIL.0))
        .fold(0.0, f64::max);
    let around = if label { 9.0 } else { PADDING };
    let least = if label { 0.0 } else { 120.0 };
    let w = (icon + head_width.max(detail_width) + 2.0 * around)
        .max(least)
        .ceil();
    let lines = head.len() as f64 * head_size.1 + details.len() as f64 * DETAIL.1;
    let h = if label {
        lines + 8.0
    } else {
        (lines + 2.0 * around - 4.0).max(44.0)
    };
    let placed = Placed {
        x: -w / 2.0,
        y: 0.0,
        w,
        h,
        shape,
        head,
        details,
        badges: words.badges,
        tip: words.tip,
        step: words.step,
        status: words.status,
    };
    Laid {
        left: w / 2.0,
        right: w / 2.0,
        height: h,
        boxes: vec![placed],
        lines: Vec::new(),
        goes_on: true,
    }
}

impl Laid {
    /// Moves everything.
    pub(super) fn shifted(mut self, dx: f64, dy: f64) -> Self {
        for placed in &mut self.boxes {
            placed.x += dx;
            placed.y += dy;
        }
        for point in self.lines.iter_mut().flat_map(|it| &mut it.points) {
            point.0 += dx;
            point.1 += dy;
        }
        self
    }

    /// Takes the boxes and lines of another block.
    fn take(&mut self, other: Self) {
        self.boxes.extend(other.boxes);
        self.lines.extend(other.lines);
    }

    /// Makes room on both sides.
    fn widen(&mut self, left: f64, right: f64) {
        self.left = self.left.max(left);
        self.right = self.right.max(right);
    }
}

/// Blocks below each other, each led to by an arrow from the one above.
pub(super) fn stack(blocks: Vec<Laid>) -> Laid {
    let mut all = Laid {
        goes_on: true,
        ..Laid::default()
    };
    for (at, block) in blocks.into_iter().enumerate() {
        if at > 0 {
            let (from, to) = (all.height, all.height + STEP_GAP);
            all.lines.push(Line {
                points: vec![(0.0, from), (0.0, to)],
                arrow: true,
                dashed: false,
            });
            all.height = to;
        }
        let y = all.height;
        all.widen(block.left, block.right);
        all.height += block.height;
        all.goes_on = block.goes_on;
        all.take(block.shifted(0.0, y));
    }
    all
}

/// An arm: its label, then its steps.
pub(super) fn arm(kind: WayKind, words: String, steps: Option<Laid>) -> Laid {
    let tip = words.clone();
    let label = boxed(
        Shape::Label(kind),
        Words {
            head: words,
            tip,
            ..Words::default()
        },
    );
    let blocks = std::iter::once(label).chain(steps).collect();
    let mut arm = stack(blocks);
    if kind == WayKind::Timeout
        && let Some(line) = arm
            .lines
            .iter_mut()
            .find(|it| it.points.first().is_some_and(|p| p.0 == 0.0))
    {
        line.dashed = true;
    }
    arm
}

/// A step above its arms, which stand side by side and come together again below.
pub(super) fn fork(head: Laid, arms: Vec<Laid>) -> Laid {
    let mut all = head;
    let bus = all.height + BUS_GAP;
    let top = bus + BUS_GAP;
    let tallest = arms.iter().map(|it| it.height).fold(0.0, f64::max);
    let bottom = top + tallest + BUS_GAP;
    let mut centers = Vec::new();
    let mut x = 0.0;
    for arm in &arms {
        centers.push(x + arm.left);
        x += arm.left + arm.right + ARM_GAP;
    }
    let stem = middle(&centers);
    let goes_on = arms.iter().any(|it| it.goes_on);
    let start = all.height;
    for (arm, center) in arms.into_iter().zip(centers) {
        let axis = center - stem;
        all.lines.push(Line {
            points: bent(&[(0.0, start), (0.0, bus), (axis, bus), (axis, top)]),
            arrow: false,
            dashed: false,
        });
        if arm.goes_on {
            let end = top + arm.height;
            all.lines.push(Line {
                points: bent(&[(axis, end), (axis, bottom), (0.0, bottom)]),
                arrow: false,
                dashed: false,
            });
        }
        all.widen(arm.left - axis, arm.right + axis);
        all.take(arm.shifted(axis, top));
    }
    all.height = if goes_on { bottom } else { top + tallest };
    all.goes_on = goes_on;
    all
}

/// Where a step stands above its arms: over the middle one, or between the two in the middle.
fn middle(axes: &[f64]) -> f64 {
    let at = |index: usize| axes.get(index).copied().unwrap_or_default();
    let half = axes.len() / 2;
    if axes.len() % 2 == 1 {
        at(half)
    } else {
        f64::midpoint(at(half.saturating_sub(1)), at(half))
    }
}

/// A line without points that repeat.
fn bent(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = Vec::new();
    for point in points {
        let near = |it: &(f64, f64)| (it.0 - point.0).abs() < 0.5 && (it.1 - point.1).abs() < 0.5;
        if !out.last().is_some_and(near) {
            out.push(*point);
        }
    }
    out
}

/// A step above what it repeats, and the way back to it on the left.
pub(super) fn looped(head: Laid, body: Vec<Laid>) -> Laid {
    let (edge, middle) = (head.left, head.height / 2.0);
    let mut all = stack(std::iter::once(head).chain(body).collect());
    let (bottom, far) = (all.height + BUS_GAP, -all.left - ARM_GAP);
    if all.goes_on {
        all.lines.push(Line {
            points: vec![
                (0.0, all.height),
                (0.0, bottom),
                (far, bottom),
                (far, middle),
                (-edge, middle),
            ],
            arrow: true,
            dashed: true,
        });
    }
    all.lines.push(Line {
        points: vec![(0.0, all.height), (0.0, bottom)],
        arrow: false,
        dashed: false,
    });
    all.left += ARM_GAP + BUS_GAP;
    all.height = bottom;
    all.goes_on = true;
    all
}

/// A frame with a title around the steps of a sequence.
pub(super) fn framed(title: &str, inner: Laid) -> Laid {
    let head = wrap(title, DETAIL.0, (inner.left + inner.right).max(ROOM));
    let title_height = head.len() as f64 * DETAIL.1 + 10.0;
    let widest = head
        .iter()
        .map(|it| width(it, DETAIL.0) * 1.06)
        .fold(0.0, f64::max);
    let (left, right) = (inner.left + 14.0, inner.right + 14.0);
    let right = right.max(widest + 24.0 - left);
    let height = title_height + 14.0 + inner.height + 14.0;
    let frame = Placed {
        x: -left,
        y: 0.0,
        w: left + right,
        h: height,
        shape: Shape::Frame,
        head,
        details: Vec::new(),
        badges: Vec::new(),
        tip: title.to_owned(),
        step: None,
        status: Status::Same,
    };
    let goes_on = inner.goes_on;
    let mut all = Laid {
        left,
        right,
        height,
        boxes: vec![frame],
        lines: vec![Line {
            points: vec![(0.0, 0.0), (0.0, title_height + 14.0)],
            arrow: true,
            dashed: false,
        }],
        goes_on,
    };
    if goes_on {
        let end = title_height + 14.0 + inner.height;
        all.lines.push(Line {
            points: vec![(0.0, end), (0.0, height)],
            arrow: false,
            dashed: false,
        });
    }
    all.take(inner.shifted(0.0, title_height + 14.0));
    all
}
