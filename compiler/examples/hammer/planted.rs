//! The hammer finds what is wrong: faults are planted in the formatter and in the compiler, and each is reported with the
//! seed that leads there again and an input that shows little else.

use journeyc::{Compilation, LoadedProject};

use crate::case::{Counts, Input, Product, judge};
use crate::corpus::{Corpus, Project};
use crate::{Failure, search};

const SCHEMA: &str = "contact {
  email: email address, optional
  age:   whole number, optional
}

event signed_up {}
event purchase { total: whole number }
";

const WELCOME: &str = "# Greets everybody.
journey welcome \"Welcome\" {
  enter when signed_up
  goal purchase within 30 days
  priority high

  wait 2 days
  if age over 60 {
    add tag \"older\"
  } otherwise {
    add tag \"younger\"
  }
}
";

const THANKS: &str = "journey thanks \"Thanks\" {
  enter when purchase
  reenter any time

  wait 1 day
  add tag \"customer\"
}
";

fn corpus() -> Corpus {
    let files = [
        ("people.journey", SCHEMA),
        ("thanks.journey", THANKS),
        ("welcome.journey", WELCOME),
    ];
    let project: Project = files
        .iter()
        .map(|(path, text)| ((*path).to_owned(), (*text).to_owned()))
        .collect();
    Corpus {
        texts: project.values().cloned().collect(),
        projects: vec![project],
    }
}

fn found(product: Product) -> Option<Failure> {
    search(product, &corpus(), 1..200, &mut Counts::default())
}

#[test]
fn nothing_is_found_where_nothing_is_wrong() {
    assert!(found(Product::default()).is_none());
}

/// A formatter that puts one more empty line after a priority each time.
fn never_settles(text: &str) -> String {
    let formatted = journey_grammar::format(text).text;
    formatted.replace("priority high\n", "priority high\n\n")
}

#[test]
fn a_formatter_that_does_not_settle_is_found_and_shown_in_few_words() {
    let product = Product {
        format: never_settles,
        ..Product::default()
    };
    let failure = found(product).unwrap();
    assert_eq!(
        failure.wrong.kind(),
        "formatting what was formatted changed it"
    );
    let Input::Text(text) = &failure.smallest else {
        panic!("{failure:?}");
    };
    assert!(text.contains("priority high"), "{text}");
    assert!(text.split_whitespace().count() <= 6, "{text}");
}

/// A compiler that says nothing is wrong and gives no program all the same, wherever somebody waits for two days.
fn forgets(project: &LoadedProject) -> Compilation {
    let mut compilation = journeyc::compile(project);
    let texts: Vec<&str> = project.sources().iter().map(|(_, it)| it.text()).collect();
    if texts.iter().any(|it| it.contains("wait 2 days")) {
        compilation.program = None;
    }
    compilation
}

#[test]
fn a_compiler_that_forgets_a_program_is_found_and_the_seed_leads_there_again() {
    let product = Product {
        compile: forgets,
        ..Product::default()
    };
    let failure = found(product).unwrap();
    let kind = failure.wrong.kind();
    assert_eq!(
        kind,
        "a program comes of what has no error, and of nothing else"
    );
    let Input::Project(project) = &failure.smallest else {
        panic!("{failure:?}");
    };
    let text: Vec<&str> = project.values().map(String::as_str).collect();
    let text = text.concat();
    assert!(text.contains("wait 2 days"), "{text}");
    assert!(text.split_whitespace().count() <= 30, "{failure:?}");

    let input = Input::of(failure.seed, &corpus());
    let again = judge(product, &input, failure.seed, &mut Counts::default());
    assert_eq!(again.unwrap_err().kind(), kind);
    let right = judge(
        Product::default(),
        &input,
        failure.seed,
        &mut Counts::default(),
    );
    assert_eq!(right, Ok(()));
}
