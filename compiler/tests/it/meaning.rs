//! How a project is laid out does not change what it means, and whatever its declarations are put together to, the
//! compiler makes a program of it or says why not.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};

use journey_grammar::{format, parse};
use journeyc::{Compilation, LoadedProject, compile, projects};
use proptest::prelude::*;

use crate::reference;

type Files = BTreeMap<String, String>;

/// Every project that is shipped, and every example of the reference.
static PROJECTS: LazyLock<Vec<Files>> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut roots = ["starter/en", "starter/ko", "tests/cases/seeds"]
        .map(|it| root.join(it))
        .to_vec();
    for shelf in ["../examples", "../journeys"] {
        roots.extend(projects(&root.join(shelf)).unwrap());
    }
    let mut all: Vec<Files> = Vec::new();
    for root in roots {
        let mut files = Files::new();
        read_folder(&root, Path::new(""), &mut files);
        all.push(files);
    }
    all.extend(reference::projects());
    all
});

fn read_folder(folder: &Path, below: &Path, into: &mut Files) {
    for entry in fs::read_dir(folder.join(below)).unwrap() {
        let path = below.join(entry.unwrap().file_name());
        if folder.join(&path).is_dir() {
            read_folder(folder, &path, into);
        } else if let Ok(text) = fs::read_to_string(folder.join(&path)) {
            into.insert(path.to_str().unwrap().to_owned(), text);
        }
    }
}

fn is_journey(path: &str) -> bool {
    Path::new(path)
        .extension()
        .is_some_and(|it| it == "journey")
}

fn compiled(files: &Files) -> Compilation {
    let texts = files.iter();
    compile(&LoadedProject::from_texts(
        texts.map(|(path, text)| (path.as_str(), text.as_str())),
    ))
}

/// The same words, laid out by somebody in a hurry: wide spaces, empty lines, no indentation, signs for words.
fn untidy(text: &str, seed: usize) -> String {
    let mut lines = String::new();
    for (at, line) in text.lines().enumerate() {
        let turn = (at + seed) % 4;
        let line = line.trim();
        let is_plain = !line.contains(['"', '#', '`']);
        let line = match turn {
            0 if is_plain => line.replace(" over ", " > ").replace(" under ", "  < "),
            1 if is_plain => line.replace(", ", ",   "),
            2 => format!("\t   {line}   "),
            _ => line.to_owned(),
        };
        lines.push_str(&line);
        lines.push_str(if turn == 3 { "\r\n\r\n\r\n" } else { "\n" });
    }
    lines
}

fn laid_out(files: &Files, layout: impl Fn(&str) -> String) -> Files {
    let file = |(path, text): (&String, &String)| {
        let text = if is_journey(path) {
            layout(text)
        } else {
            text.clone()
        };
        (path.clone(), text)
    };
    files.iter().map(file).collect()
}

#[test]
fn tidying_up_changes_no_program() {
    let mut compared = 0;
    for (at, files) in PROJECTS.iter().enumerate() {
        let program = compiled(files).program;
        let messy = laid_out(files, |text| untidy(text, at));
        let tidy = laid_out(&messy, |text| format(text).text);
        assert_eq!(compiled(&messy).program, program, "{messy:#?}");
        assert_eq!(compiled(&tidy).program, program, "{tidy:#?}");
        compared += usize::from(program.is_some());
    }
    assert!(compared > 70, "only {compared} projects have a program");
}

/// Puts a project's declarations into one file in another order, without some of them, with some of another project.
fn recombined(files: &Files, other: &Files, picks: &[prop::sample::Index]) -> Files {
    let declarations = |files: &Files| -> Vec<String> {
        let texts = files.iter().filter(|(path, _)| is_journey(path));
        let each = texts.flat_map(|(_, text)| {
            let read = parse(text).file.declarations;
            let written = |it: &journey_grammar::tree::Declaration| it.span().of(text).to_owned();
            read.iter().map(written).collect::<Vec<_>>()
        });
        each.collect()
    };
    let mut own = declarations(files);
    let others = declarations(other);
    for (n, pick) in picks.iter().enumerate() {
        let (from, to) = (pick.index(own.len()), n % own.len());
        match n % 3 {
            0 if own.len() > 1 => {
                own.remove(from);
            }
            1 if others.len() > 1 => own.push(pick.get(&others).clone()),
            _ => own.swap(from, to),
        }
    }
    let mut recombined: Files = files.clone();
    recombined.retain(|path, _| !is_journey(path));
    recombined.insert("all.journey".to_owned(), own.join("\n\n"));
    recombined
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, ..ProptestConfig::default() })]

    #[test]
    fn declarations_put_together_anew_are_a_program_or_a_problem(
        one in any::<prop::sample::Index>(),
        other in any::<prop::sample::Index>(),
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
    ) {
        let files = recombined(one.get(&PROJECTS), other.get(&PROJECTS), &picks);
        let compilation = compiled(&files);
        prop_assert_eq!(compilation.program.is_some(), !compilation.problems.has_errors());
        for problem in compilation.problems.iter() {
            // What is left out of a program without a reason is a mistake of the compiler.
            prop_assert!(!problem.message.en.contains("what stands here"), "{:?}", problem);
        }
        if let Some(program) = compilation.program {
            let tidy = laid_out(&files, |text| format(text).text);
            let tidy = compiled(&tidy).program;
            prop_assert_eq!(tidy.as_ref(), Some(&program));
            let linked = journey_engine::Program::link(Arc::new(program), &[]);
            prop_assert!(linked.is_ok(), "{:?}", linked.err());
        }
    }
}
