//! Test blocks to scripts: names, values and times checked as everywhere else, so that a script that runs means what
//! it says. How a script is run is the business of `testing`.

mod acts;
mod error;
mod expectations;
mod objects;

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::Instant;

use super::Lowering;
use crate::names::{Kind, NameError};
use crate::problem::Location;
use crate::sources::FileId;
use crate::testing::script::{Line, LineKind, PersonIx, Script};
use crate::values;
use error::ScriptError;

/// A test that is being lowered.
struct Draft<'t> {
    file: FileId,
    journey: Option<&'t str>,
    people: Vec<&'t syntax::Name>,
    /// What the clock shows.
    now: Instant,
    /// Whether the clock was moved yet.
    moved: bool,
    lines: Vec<Line>,
}

impl Lowering<'_> {
    /// The tests of all files, in written order.
    pub(super) fn scripts(&mut self) -> Vec<Script> {
        let names = self.names;
        let mut all = Vec::new();
        let stop = self.stop;
        for (file, declaration) in names.unnamed().take_while(|_| !stop.is_stopped()) {
            if let syntax::Declaration::Test(test) = declaration {
                all.extend(self.script(file, test));
            }
        }
        all
    }

    fn script(&mut self, file: FileId, test: &syntax::Test) -> Option<Script> {
        let title = test.title.as_ref()?;
        let at = Location::new(file, title.span);
        let journey = test.journey.as_ref().filter(|it| !it.is_missing());
        if let Some(name) = journey
            && !self.is_reported(&name.text, &[Kind::Journey])
        {
            let error = self.names.explain(Kind::Journey, &name.text);
            self.problems.push(error.at(Location::new(file, name.span)));
            return None;
        }
        let mut draft = Draft {
            file,
            journey: journey.map(|it| it.text.as_str()),
            people: Vec::new(),
            now: self.start(file, test, at)?,
            moved: false,
            lines: Vec::new(),
        };
        for line in &test.lines {
            self.test_line(&mut draft, line);
        }
        let expects = |it: &syntax::TestLine| {
            matches!(
                it,
                syntax::TestLine::Expect(_) | syntax::TestLine::Unknown(_)
            )
        };
        if !test.lines.iter().any(expects) {
            self.problems.push(ScriptError::ExpectsNothing.at(at));
        }
        Some(Script {
            title: title.text.clone(),
            journey: draft.journey.map(str::to_owned),
            at,
            people: draft.people.iter().map(|it| it.text.clone()).collect(),
            lines: draft.lines,
        })
    }

    /// What the clock shows at first: the first `at`, because who is `given` is known from then on.
    fn start(&mut self, file: FileId, test: &syntax::Test, title: Location) -> Option<Instant> {
        let first = test.lines.iter().find_map(|line| match line {
            syntax::TestLine::Advance(advance) => Some(advance),
            _ => None,
        });
        match first.map(|it| (&it.to, it.span)) {
            Some((syntax::AdvanceTo::At { date, clock }, _)) => self.clock(file, *date, *clock),
            Some((syntax::AdvanceTo::After(_), span)) => {
                let at = Location::new(file, span);
                self.problems.push(ScriptError::NoStart.at(at));
                None
            }
            None => {
                self.problems.push(ScriptError::NoStart.at(title));
                None
            }
        }
    }

    fn clock(&mut self, file: FileId, date: syntax::Date, clock: syntax::Clock) -> Option<Instant> {
        let at = values::instant(date, clock, self.literals().timezone());
        self.or_report(at, date.span.to(clock.span), file)
    }

    fn test_line<'t>(&mut self, draft: &mut Draft<'t>, line: &'t syntax::TestLine) {
        let (kind, span) = match line {
            syntax::TestLine::Given(given) => (self.given(draft, given), given.span),
            syntax::TestLine::Advance(advance) => (self.advance(draft, advance), advance.span),
            syntax::TestLine::Expect(expect) => {
                let expectation = self.expectation(draft, &expect.kind);
                (expectation.map(LineKind::Expects), expect.span)
            }
            // It was reported.
            syntax::TestLine::Unknown(_) => return,
        };
        let at = Location::new(draft.file, span);
        match kind {
            Some(kind) => draft.lines.push(Line {
                at,
                now: draft.now,
                kind,
            }),
            None => self.gap(draft.file, span),
        }
    }

    fn advance(&mut self, draft: &mut Draft<'_>, advance: &syntax::Advance) -> Option<LineKind> {
        let file = draft.file;
        let now = match &advance.to {
            syntax::AdvanceTo::At { date, clock } => self.clock(file, *date, *clock)?,
            syntax::AdvanceTo::After(duration) => {
                let span = self.span(*duration, file)?;
                let later = values::later(draft.now, span, self.literals().timezone());
                self.or_report(later, duration.span, file)?
            }
        };
        if draft.moved && now < draft.now {
            let at = Location::new(file, advance.span);
            self.problems.push(ScriptError::Backwards.at(at));
            return None;
        }
        draft.moved = true;
        draft.now = now;
        match &advance.act {
            None => Some(LineKind::Passes),
            Some(act) => self.act(draft, act),
        }
    }

    /// The person of a name, who must have been `given`.
    fn person(&mut self, draft: &Draft<'_>, name: &syntax::Name) -> Option<PersonIx> {
        let known = draft.people.iter().position(|it| it.text == name.text);
        if known.is_none() && !name.is_missing() {
            let people: Vec<&str> = draft.people.iter().map(|it| it.text.as_str()).collect();
            let near = crate::near::nearest(&name.text, people.iter().copied());
            let error = NameError::unknown(Kind::Person, &name.text, near, &people);
            self.problems
                .push(error.at(Location::new(draft.file, name.span)));
        }
        known.map(PersonIx)
    }

    /// The journeys a test is about.
    fn tested(&self, journey: Option<&str>) -> Vec<&ir::Journey> {
        let all = &self.program.journeys;
        let Some(name) = journey else {
            return all.iter().collect();
        };
        // They stand in the order of their names.
        let at = all.binary_search_by(|it| it.name.as_str().cmp(name)).ok();
        at.and_then(|at| all.get(at)).into_iter().collect()
    }
}
