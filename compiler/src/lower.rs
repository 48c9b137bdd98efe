//! Lowering: names, types and conditions of all files to one [`ir::Program`].
//!
//! Comes in: the settings, the templates and the trees of all files. Goes out: a program, or problems. Everything is
//! checked on the way, so that what lowers without a problem cannot fail later; a part with a problem lowers to
//! nothing and silences what depends on it.

mod amounts;
mod behavior;
mod chains;
mod comparisons;
mod conditions;
mod error;
mod items;
mod journeys;
mod left_out;
mod links;
mod lookups;
mod measures;
mod membership;
mod objects;
mod offers;
mod order;
mod parameters;
mod policies;
mod rankings;
mod recalled;
mod scales;
mod schema;
mod scope;
mod scores;
mod scripts;
mod subjects;
mod tables;
mod unused;
mod with_value;

use std::collections::{BTreeMap, BTreeSet};

use journey_grammar::tree::Span;
use journey_ir as ir;

use crate::check::{self, Asked, Effort, Part, Written};
use crate::compile::ParsedFile;
use crate::manifest::Manifest;
use crate::names::Names;
use crate::places::Places;
use crate::problem::{Location, Problems, Text};
use crate::sources::FileId;
use crate::stop::Stop;
use crate::templates::Templates;
use crate::testing::Script;
use crate::values::{self, Literals};
use conditions::Mixed;
use journeys::Flow;
use parameters::Frame;
use rankings::Ranked;
use tables::Tables;
use unused::Used;

/// What becomes of the trees.
#[derive(Debug)]
pub(crate) struct Lowered {
    /// The program; `None` where there is any error.
    pub(crate) program: Option<ir::Program>,
    /// The tests, in written order; those with an error are left out.
    pub(crate) tests: Vec<Script>,
    /// Where the journeys that could be lowered stand.
    pub(crate) places: Places,
    /// What the checks of conditions looked at.
    pub(crate) effort: Effort,
    /// The conditions of the program and where they stand.
    pub(crate) conditions: Vec<Asked>,
}

/// The program of a project and its tests. `allow` takes out the problems that a comment allows: what is allowed keeps
/// no program from being made.
pub(crate) fn program(
    (manifest, templates, files): (&Manifest, &Templates, &[ParsedFile]),
    stop: &Stop,
    allow: &mut dyn FnMut(&mut Problems),
    problems: &mut Problems,
) -> Lowered {
    let names = Names::collect(files, problems);
    let mut lowering = Lowering {
        manifest,
        templates,
        names: &names,
        stop,
        problems,
        program: ir::Program::empty(manifest.project.clone()),
        tables: Tables::default(),
        events: BTreeMap::new(),
        consents: BTreeMap::new(),
        offers: BTreeMap::new(),
        segments: BTreeMap::new(),
        lifecycles: BTreeMap::new(),
        scores: BTreeMap::new(),
        incomplete: BTreeSet::new(),
        all_attributes: false,
        mixed: Vec::new(),
        gaps: Vec::new(),
        written: Written {
            korea: manifest.packs.iter().any(|pack| pack == "kr"),
            ..Written::default()
        },
        used: Used::default(),
        parts: Vec::new(),
        stages: Vec::new(),
        frames: Vec::new(),
        ranked: None,
        flow: Flow::default(),
    };
    lowering.schema();
    lowering.scores();
    lowering.messages();
    lowering.offers();
    lowering.policies();
    lowering.memberships();
    lowering.journeys();
    lowering.measures();
    lowering.moves();
    lowering.unused_sequences();
    let tests = lowering.scripts();
    lowering.keep_tables();
    lowering.report_mixed();
    lowering.check_messages();
    lowering.close_gaps();
    lowering.report_unused();
    let (program, written) = (lowering.program, lowering.written);
    allow(problems);
    let mut effort = Effort::default();
    if !problems.has_errors() {
        effort = check::check(&program, &written, stop, problems);
        check::policy::check(&program, &tests, problems);
        allow(problems);
    }
    if problems.has_errors() {
        return Lowered {
            program: None,
            tests,
            places: written.places,
            effort,
            conditions: Vec::new(),
        };
    }
    Lowered {
        program: Some(program),
        tests,
        places: written.places,
        effort,
        conditions: written.conditions,
    }
}

/// A program under construction.
struct Lowering<'a> {
    manifest: &'a Manifest,
    templates: &'a Templates,
    names: &'a Names<'a>,
    /// Whether the program is still wanted.
    stop: &'a Stop,
    problems: &'a mut Problems,
    /// Its tables, except those shared in `tables`.
    program: ir::Program,
    tables: Tables,
    /// Positions by name. What was reported is in none of them.
    events: BTreeMap<String, ir::EventIx>,
    consents: BTreeMap<String, ir::ConsentIx>,
    offers: BTreeMap<String, ir::OfferIx>,
    segments: BTreeMap<String, ir::SegmentIx>,
    lifecycles: BTreeMap<String, ir::LifecycleIx>,
    scores: BTreeMap<String, ir::ScoreIx>,
    /// Events, lifecycles and (as `contact`) the contact with a line that could not be read: what they seem to lack
    /// may stand there.
    incomplete: BTreeSet<String>,
    /// Whether every attribute is known, so that templates can be blamed for naming another.
    all_attributes: bool,
    /// Chains of `and` and `or` that can be read in two ways.
    mixed: Vec<Mixed>,
    /// Places that lowered to nothing. Each has its problem; where it has none, that is said at the end.
    gaps: Vec<Location>,
    /// Where conditions and branches stand, for the checks of a clean program.
    written: Written,
    /// What was looked up.
    used: Used,
    /// Parts of the conditions that are being lowered.
    parts: Vec<Part>,
    /// The stages of each lifecycle, by name.
    stages: Vec<Vec<String>>,
    /// The parameters of the sequences that are being inlined, innermost last.
    frames: Vec<Frame>,
    /// The ranked audience that is being lowered.
    ranked: Option<Ranked>,
    /// The journey that is being lowered.
    flow: Flow,
}

impl Lowering<'_> {
    /// Puts the shared tables into the program, once nothing more comes into them.
    fn keep_tables(&mut self) {
        let tables = std::mem::take(&mut self.tables);
        self.program.aggregates = tables.aggregates;
        self.program.atoms = tables.atoms;
        self.program.conditions = tables.conditions;
    }

    /// Remembers a place that lowered to nothing.
    fn gap(&mut self, file: FileId, span: Span) {
        self.gaps.push(Location::new(file, span));
    }

    /// Invariant: what lowers to nothing is an error. Should a pass forget to say so, it is said here, because a
    /// program that leaves something out is worse than none.
    fn close_gaps(&mut self) {
        if self.problems.has_errors() {
            return;
        }
        for at in std::mem::take(&mut self.gaps) {
            let what = Text::new(
                "what stands here cannot be run",
                "여기에 쓰인 것은 실행할 수 없습니다",
            );
            let help = Text::new("write it in another way", "다른 방법으로 쓰세요");
            self.problems.push(values::left_out(at, what, help));
        }
    }

    /// What literals mean in this project.
    const fn literals(&self) -> Literals<'_> {
        Literals {
            manifest: self.manifest,
        }
    }
}
