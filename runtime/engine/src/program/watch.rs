//! What is watched for every contact: each segment, each lifecycle, and who is due for each schedule. Watches are
//! ordered so that each depends on earlier ones only, and every input knows the watches that can change with it.

use std::collections::{BTreeMap, BTreeSet};

use journey_ir::measure::Figure;
use journey_ir::schema::Type;
use journey_ir::{
    self as ir, AggregateIx, Atom, AttributeIx, AudienceIx, Comparison, Condition, ConditionIx,
    Entry, JourneyIx, KpiIx, LifecycleIx, Operand, RankingIx, ScoreIx, SegmentIx, Source,
};

use super::LinkError;
use super::key::{Key, Spelled};

/// The position of a watch.
pub(crate) type WatchIx = usize;

/// What is watched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Watched {
    /// Whether the contact is in a segment.
    Segment(SegmentIx),
    /// Which stage of a lifecycle the contact is in.
    Lifecycle(LifecycleIx),
    /// Whether the contact is among the people of a scheduled journey.
    People(JourneyIx),
    /// Whether a contact counts for a KPI.
    Share(KpiIx),
    /// Whether a contact belongs to an audience.
    Audience(AudienceIx),
    /// Whether a condition holds of which it is asked for how long it has.
    Held(ConditionIx),
}

/// What the value of a watch depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Input {
    /// An aggregate.
    Aggregate(AggregateIx),
    /// An attribute.
    Attribute(AttributeIx),
    /// Any consent.
    Consents,
    /// Any tag.
    Tags,
    /// Any offer.
    Offers,
    /// How a ranking came out.
    Ranking(RankingIx),
    /// Another watch.
    Watch(WatchIx),
}

/// All watches, in the order in which they are evaluated.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    /// What each one watches.
    pub(crate) all: Vec<Watched>,
    by_input: BTreeMap<Input, Vec<WatchIx>>,
    segments: Vec<WatchIx>,
    lifecycles: Vec<WatchIx>,
    /// Those of which it is asked for how long they have been so.
    timed: BTreeSet<Watched>,
    audiences: Vec<WatchIx>,
    /// Conditions of which it is asked for how long they have held, and under which key that is remembered.
    held: BTreeMap<ConditionIx, (WatchIx, Key)>,
    /// The scores that each one reads itself.
    scores: Vec<Vec<ScoreIx>>,
}

impl Watches {
    /// The watches of a program whose first `current` journeys are current.
    pub(super) fn of(ir: &ir::Program, current: usize) -> Result<Self, LinkError> {
        let mut order = Order {
            ir,
            done: Vec::new(),
            open: BTreeSet::new(),
        };
        for at in 0..ir.segments.len() {
            order.visit(Watched::Segment(SegmentIx(at as u32)))?;
        }
        for at in 0..ir.lifecycles.len() {
            order.visit(Watched::Lifecycle(LifecycleIx(at as u32)))?;
        }
        for (at, journey) in ir.journeys.iter().enumerate().take(current) {
            if matches!(journey.entry, Entry::Schedule { .. }) {
                order.visit(Watched::People(JourneyIx(at as u32)))?;
            }
        }
        for (at, kpi) in ir.kpis.iter().enumerate() {
            if matches!(kpi.measure, Figure::Share(_)) {
                order.visit(Watched::Share(KpiIx(at as u32)))?;
            }
        }
        for at in 0..ir.audiences.len() {
            order.visit(Watched::Audience(AudienceIx(at as u32)))?;
        }
        for atom in &ir.atoms {
            if let Atom::HeldFor { condition, .. } = atom {
                order.visit(Watched::Held(*condition))?;
            }
        }
        Ok(Self::index(ir, order.done))
    }

    fn index(ir: &ir::Program, all: Vec<Watched>) -> Self {
        let place: BTreeMap<Watched, WatchIx> =
            all.iter().enumerate().map(|(at, it)| (*it, at)).collect();
        let at = |watched| place.get(&watched).copied().unwrap_or(usize::MAX);
        let mut inputs: Vec<BTreeSet<Input>> = Vec::with_capacity(all.len());
        for watched in &all {
            let mut own = BTreeSet::new();
            for atom in atoms_of(ir, *watched) {
                add_inputs(ir, atom, &mut own, &at);
            }
            if matches!(watched, Watched::Audience(_)) {
                own.insert(Input::Consents);
            }
            let through: Vec<_> = own
                .iter()
                .filter_map(|input| match input {
                    Input::Watch(at) => inputs.get(*at),
                    _ => None,
                })
                .flatten()
                .copied()
                .collect();
            own.extend(through);
            inputs.push(own);
        }
        let mut by_input: BTreeMap<Input, Vec<WatchIx>> = BTreeMap::new();
        for (at, inputs) in inputs.into_iter().enumerate() {
            for input in inputs {
                by_input.entry(input).or_default().push(at);
            }
        }
        Self {
            segments: (0..ir.segments.len())
                .map(|it| at(Watched::Segment(SegmentIx(it as u32))))
                .collect(),
            lifecycles: (0..ir.lifecycles.len())
                .map(|it| at(Watched::Lifecycle(LifecycleIx(it as u32))))
                .collect(),
            timed: timed(ir),
            held: place
                .iter()
                .filter_map(|(watched, at)| match watched {
                    Watched::Held(condition) => {
                        let spelled = Spelled(ir).condition(*condition, None);
                        Some((*condition, (*at, Key::of("held", &spelled))))
                    }
                    _ => None,
                })
                .collect(),
            audiences: (0..ir.audiences.len())
                .map(|it| at(Watched::Audience(AudienceIx(it as u32))))
                .collect(),
            scores: all.iter().map(|it| scores_of(ir, *it)).collect(),
            all,
            by_input,
        }
    }

    /// The scores that a watch reads itself.
    pub(crate) fn scores_of(&self, at: WatchIx) -> &[ScoreIx] {
        self.scores.get(at).map_or(&[], Vec::as_slice)
    }

    /// The watches that an input can change, in order.
    pub(crate) fn touched_by(&self, input: Input) -> &[WatchIx] {
        self.by_input.get(&input).map_or(&[], Vec::as_slice)
    }

    /// Whether it is asked for how long it has been so.
    pub(crate) fn is_timed(&self, watched: Watched) -> bool {
        self.timed.contains(&watched)
    }

    /// The watch of a segment.
    pub(crate) fn segment(&self, at: SegmentIx) -> WatchIx {
        self.segments.get(at.at()).copied().unwrap_or(usize::MAX)
    }

    /// The watch of an audience.
    pub(crate) fn audience(&self, at: AudienceIx) -> WatchIx {
        self.audiences.get(at.at()).copied().unwrap_or(usize::MAX)
    }

    /// The watch of a condition of which it is asked for how long it has held.
    pub(crate) fn held(&self, at: ConditionIx) -> WatchIx {
        self.held.get(&at).map_or(usize::MAX, |(watch, _)| *watch)
    }

    /// Under which key it is remembered since when such a condition has held.
    pub(crate) fn key_of_held(&self, at: ConditionIx) -> Key {
        self.held.get(&at).map_or(Key(0), |(_, key)| *key)
    }

    /// The watch of a lifecycle.
    pub(crate) fn lifecycle(&self, at: LifecycleIx) -> WatchIx {
        self.lifecycles.get(at.at()).copied().unwrap_or(usize::MAX)
    }
}

/// A depth-first walk that puts what is depended on first.
struct Order<'a> {
    ir: &'a ir::Program,
    done: Vec<Watched>,
    open: BTreeSet<Watched>,
}

impl Order<'_> {
    fn visit(&mut self, watched: Watched) -> Result<(), LinkError> {
        if self.done.contains(&watched) {
            return Ok(());
        }
        if !self.open.insert(watched) {
            return Err(LinkError::Circular {
                what: name_of(self.ir, watched),
            });
        }
        // Every nesting is one more name on the stack; a program of real size has a handful.
        if self.open.len() > 256 {
            return Err(LinkError::TooLarge {
                what: name_of(self.ir, watched),
                limit: 256,
            });
        }
        let needs: BTreeSet<Watched> = atoms_of(self.ir, watched)
            .into_iter()
            .filter_map(|atom| match atom {
                Atom::Member(at) | Atom::MemberFor { segment: at, .. } => {
                    Some(Watched::Segment(*at))
                }
                Atom::Stage { lifecycle, .. } | Atom::StageFor { lifecycle, .. } => {
                    Some(Watched::Lifecycle(*lifecycle))
                }
                Atom::HeldFor { condition, .. } => Some(Watched::Held(*condition)),
                _ => None,
            })
            .collect();
        for needed in needs {
            self.visit(needed)?;
        }
        self.open.remove(&watched);
        self.done.push(watched);
        Ok(())
    }
}

fn timed(ir: &ir::Program) -> BTreeSet<Watched> {
    let asked = ir.atoms.iter().filter_map(|atom| match atom {
        Atom::MemberFor { segment, .. } => Some(Watched::Segment(*segment)),
        Atom::StageFor { lifecycle, .. } => Some(Watched::Lifecycle(*lifecycle)),
        Atom::HeldFor { condition, .. } => Some(Watched::Held(*condition)),
        _ => None,
    });
    asked.collect()
}

fn scores_of(ir: &ir::Program, watched: Watched) -> Vec<ScoreIx> {
    let read = atoms_of(ir, watched)
        .into_iter()
        .filter_map(|atom| match atom {
            Atom::Compare {
                left: Source::Score(at),
                ..
            } => Some(*at),
            _ => None,
        });
    let read: BTreeSet<ScoreIx> = read.collect();
    read.into_iter().collect()
}

fn name_of(ir: &ir::Program, watched: Watched) -> String {
    match watched {
        Watched::Segment(at) => ir.segment(at).map(|it| it.name.clone()),
        Watched::Lifecycle(at) => ir.lifecycle(at).map(|it| it.name.clone()),
        Watched::People(at) => ir.journey(at).map(|it| it.name.clone()),
        Watched::Share(at) => ir.kpi(at).map(|it| it.name.clone()),
        Watched::Audience(at) => ir.audience(at).map(|it| it.name.clone()),
        Watched::Held(at) => Some(Spelled(ir).condition(at, None)),
    }
    .unwrap_or_default()
}

/// The conditions that decide a watch.
pub(super) fn conditions_of(ir: &ir::Program, watched: Watched) -> Vec<ConditionIx> {
    match watched {
        Watched::Segment(at) => ir.segment(at).map(|it| it.condition).into_iter().collect(),
        Watched::Lifecycle(at) => ir
            .lifecycle(at)
            .map(|it| it.stages.iter().map(|stage| stage.when).collect())
            .unwrap_or_default(),
        Watched::People(at) => match ir.journey(at).map(|it| &it.entry) {
            Some(Entry::Schedule { people, .. }) => vec![*people],
            _ => Vec::new(),
        },
        Watched::Share(at) => match ir.kpi(at).map(|it| &it.measure) {
            Some(Figure::Share(condition)) => vec![*condition],
            _ => Vec::new(),
        },
        Watched::Audience(at) => ir.audience(at).map(|it| it.people).into_iter().collect(),
        Watched::Held(at) => vec![at],
    }
}

fn atoms_of(ir: &ir::Program, watched: Watched) -> Vec<&Atom> {
    let mut open = conditions_of(ir, watched);
    let mut seen = BTreeSet::new();
    let mut atoms = Vec::new();
    while let Some(at) = open.pop() {
        if !seen.insert(at) {
            continue;
        }
        match ir.condition(at) {
            Some(Condition::All(of) | Condition::Any(of)) => open.extend(of),
            Some(Condition::Not(of)) => open.push(*of),
            Some(Condition::Is(atom)) => atoms.extend(ir.atom(*atom)),
            Some(Condition::Always) | None => {}
        }
    }
    atoms
}

fn add_inputs(
    ir: &ir::Program,
    atom: &Atom,
    to: &mut BTreeSet<Input>,
    at: &impl Fn(Watched) -> WatchIx,
) {
    match atom {
        Atom::Compare { left, test } => {
            source_inputs(ir, left, to);
            for operand in operands(test).into_iter().flatten() {
                if let Operand::Source(source) = operand {
                    source_inputs(ir, source, to);
                }
            }
        }
        Atom::Happened { aggregate, .. }
        | Atom::Amount { aggregate, .. }
        | Atom::Overdue { aggregate, .. } => {
            to.insert(Input::Aggregate(*aggregate));
        }
        Atom::HappenedWith {
            aggregate, value, ..
        } => {
            to.insert(Input::Aggregate(*aggregate));
            source_inputs(ir, value, to);
        }
        Atom::Paced { rhythm, newest, .. } => {
            to.extend([Input::Aggregate(*rhythm), Input::Aggregate(*newest)]);
        }
        Atom::HeldFor { condition, .. } => {
            to.insert(Input::Watch(at(Watched::Held(*condition))));
        }
        Atom::Member(segment) | Atom::MemberFor { segment, .. } => {
            to.insert(Input::Watch(at(Watched::Segment(*segment))));
        }
        Atom::Stage { lifecycle, .. } | Atom::StageFor { lifecycle, .. } => {
            to.insert(Input::Watch(at(Watched::Lifecycle(*lifecycle))));
        }
        Atom::Agreed { .. } => {
            to.insert(Input::Consents);
        }
        Atom::Tagged(_) => {
            to.insert(Input::Tags);
        }
        Atom::Ranked(ranking) => {
            to.insert(Input::Ranking(*ranking));
        }
        // No membership asks for the objects of an event.
        Atom::Inside(_) | Atom::Sample { .. } | Atom::Items { .. } => {}
    }
}

fn source_inputs(ir: &ir::Program, source: &Source, to: &mut BTreeSet<Input>) {
    match source {
        Source::Attribute(at) => {
            to.insert(Input::Attribute(*at));
            if let Some(Type::YearsSince(base)) = ir.attribute(*at).map(|it| &it.kind) {
                to.insert(Input::Attribute(*base));
            }
        }
        Source::OfferExpires(_) | Source::OfferIssued(_) => {
            to.insert(Input::Offers);
        }
        Source::Recalled(at) => {
            to.insert(Input::Aggregate(*at));
        }
        Source::Score(at) => {
            let lines = ir.score(*at).map_or(&[][..], |it| &it.lines);
            to.extend(lines.iter().map(|it| Input::Aggregate(it.aggregate)));
        }
        Source::Field(_) | Source::Register(_) | Source::Item(_) => {}
    }
}

fn operands(test: &Comparison) -> [Option<&Operand>; 2] {
    super::check::operands(test)
}
