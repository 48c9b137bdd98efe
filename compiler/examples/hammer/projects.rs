//! What holds for any project: a program comes of what has no error and of nothing else, the engine takes it, and neither
//! storing it nor formatting its text changes it.

use std::num::NonZeroUsize;
use std::sync::Arc;

use journey_engine::Program;
use journeyc::{LoadedProject, run_tests};

use crate::case::Product;
use crate::corpus::{Project, is_journey};

/// Compiles; gives the program if there is one.
pub(crate) fn holds(product: Product, project: &Project) -> Option<Program> {
    let loaded = loaded(project);
    let compilation = (product.compile)(&loaded);
    assert!(
        compilation.program.is_some() != compilation.problems.has_errors(),
        "a program comes of what has no error, and of nothing else"
    );
    for problem in compilation.problems.iter() {
        assert!(!problem.message.en.is_empty() && !problem.message.ko.is_empty());
        // What is left out of a program without a reason is a mistake of the compiler.
        assert!(
            !problem.message.en.contains("what stands here"),
            "{problem:?}"
        );
    }
    let program = compilation.program.as_ref()?;
    let written = serde_json::to_string(program).expect("a program as JSON");
    let read: journey_ir::Program = serde_json::from_str(&written).expect("a program from JSON");
    assert!(read == *program, "a program is not what was stored of it");
    let linked = Program::link(Arc::new(read), &[]);
    let linked = linked.unwrap_or_else(|error| panic!("the engine refuses it: {error}"));
    let formatted: Project = project
        .iter()
        .map(|(path, text)| {
            let text = if is_journey(path) {
                (product.format)(text)
            } else {
                text.clone()
            };
            (path.clone(), text)
        })
        .collect();
    let after = (product.compile)(&self::loaded(&formatted));
    assert!(
        after.program.as_ref() == Some(program),
        "formatting changed the program"
    );
    let _ = run_tests(&compilation, "", NonZeroUsize::MIN);
    Some(linked)
}

fn loaded(project: &Project) -> LoadedProject {
    let files = project
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    LoadedProject::from_texts(files)
}
