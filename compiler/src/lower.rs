//! Lowering: names, types and conditions of all files to one [`ir::Program`].
//!
//! Comes in: the settings, the templates and the trees of all files. Goes out: a program, or problems. Everything is
//! checked on the way, so that what lowers without a problem cannot fail later; a part with a problem lowers to
//! nothing and silences what depends on it.

mod amounts;
mod behavior;
mod comparisons;
mod conditions;
mod error;
mod journeys;
mod lookups;
mod membership;
mod offers;
mod order;
mod parameters;
mod policies;
mod schema;
mod scope;
mod subjects;
mod tables;
mod unsupported;

use std::collections::{BTreeMap, BTreeSet};

use journey_ir as ir;

use crate::compile::ParsedFile;
use crate::manifest::Manifest;
use crate::names::Names;
use crate::problem::Problems;
use crate::templates::Templates;
use crate::values::Literals;
use crate::version;
use journeys::Flow;
use parameters::Frame;
use tables::Tables;

/// The program of a project; `None` where there is any error.
pub(crate) fn program(
    manifest: &Manifest,
    templates: &Templates,
    files: &[ParsedFile],
    problems: &mut Problems,
) -> Option<ir::Program> {
    let names = Names::collect(files, problems);
    let mut lowering = Lowering {
        manifest,
        templates,
        names: &names,
        problems,
        program: ir::Program::empty(manifest.project.clone()),
        tables: Tables::default(),
        events: BTreeMap::new(),
        consents: BTreeMap::new(),
        offers: BTreeMap::new(),
        segments: BTreeMap::new(),
        lifecycles: BTreeMap::new(),
        incomplete: BTreeSet::new(),
        stages: Vec::new(),
        frames: Vec::new(),
        flow: Flow::default(),
    };
    lowering.schema();
    lowering.messages();
    lowering.offers();
    lowering.policies();
    lowering.memberships();
    lowering.journeys();
    lowering.unused_sequences();
    lowering.unsupported();
    let (mut program, tables) = (lowering.program, lowering.tables);
    program.aggregates = tables.aggregates;
    program.atoms = tables.atoms;
    program.conditions = tables.conditions;
    if problems.has_errors() {
        return None;
    }
    version::stamp(&mut program);
    Some(program)
}

/// A program under construction.
struct Lowering<'a> {
    manifest: &'a Manifest,
    templates: &'a Templates,
    names: &'a Names<'a>,
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
    /// Events, lifecycles and (as `contact`) the contact with a line that could not be read: what they seem to lack
    /// may stand there.
    incomplete: BTreeSet<String>,
    /// The stages of each lifecycle, by name.
    stages: Vec<Vec<String>>,
    /// The parameters of the sequences that are being inlined, innermost last.
    frames: Vec<Frame>,
    /// The journey that is being lowered.
    flow: Flow,
}

impl Lowering<'_> {
    /// What literals mean in this project.
    const fn literals(&self) -> Literals<'_> {
        Literals {
            manifest: self.manifest,
        }
    }
}
