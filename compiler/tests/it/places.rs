//! Places: every journey and step of a program knows where it was written.

use std::path::Path;

use journey_ir::StepKind;
use journeyc::{Location, compile, load};

#[test]
fn every_step_of_the_seeds_knows_where_it_was_written() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/seeds");
    let project = load(&path).unwrap();
    let compilation = compile(&project);
    let program = compilation.program.unwrap();
    let places = compilation.places;
    let sources = project.sources();
    let text = |at: Location| at.span.of(sources.text(at.file));
    assert_eq!(places.journeys.len(), program.journeys.len());
    for (journey, at) in program.journeys.iter().zip(&places.journeys) {
        assert_eq!(text(at.name), journey.name);
        assert!(text(at.enter.unwrap()).starts_with("enter "));
        assert_eq!(at.goal.is_some(), journey.goal.is_some());
        assert_eq!(at.exits.len(), journey.exits.len());
        assert_eq!(at.steps.len(), journey.steps.len());
        for (step, at) in journey.steps.iter().zip(&at.steps) {
            let (whole, head) = (text(at.whole.unwrap()), text(at.head.unwrap()));
            assert!(whole.starts_with(head), "{head}");
            let (word, arms) = match &step.kind {
                StepKind::Send { candidates, .. } => {
                    assert_eq!(at.candidates.len(), candidates.len());
                    ("send ", 0)
                }
                StepKind::Wait { .. } => ("wait ", 0),
                StepKind::Race { arms, .. } => {
                    assert_eq!(text(at.last.unwrap()), "timeout");
                    ("wait up to ", arms.len())
                }
                StepKind::Branch { arms, .. } => {
                    let word = if head.starts_with("if ") {
                        "if "
                    } else {
                        "choose by "
                    };
                    (word, arms.len())
                }
                StepKind::Split { arms, .. } => ("split ", arms.len()),
                StepKind::Exit { .. } => ("exit", 0),
                _ => ("", 0),
            };
            assert!(head.starts_with(word), "{head}");
            assert_eq!(at.arms.len(), arms, "{head}");
        }
    }
    let inlined = places.journeys.iter().flat_map(|it| &it.steps);
    let run = inlined.flat_map(|it| &it.runs).next().unwrap();
    assert!(text(*run).starts_with("run starter_emails"));
}
