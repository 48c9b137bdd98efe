//! What holds for any text: it is read, every place lies in it, and formatting settles at once.

use journey_grammar::{Language, parse};

use crate::case::Product;

pub(crate) fn holds(product: Product, text: &str) {
    let read = parse(text);
    for problem in &read.problems {
        let span = problem.span;
        assert!(
            text.get(span.start as usize..span.end as usize).is_some(),
            "a problem has no place: {problem:?}"
        );
        for language in [Language::English, Language::Korean] {
            assert!(!problem.kind.message(language).is_empty());
            let _ = problem.kind.help(language);
        }
    }
    for declaration in &read.file.declarations {
        let span = declaration.span();
        assert!(text.get(span.start as usize..span.end as usize).is_some());
    }
    let formatted = (product.format)(text);
    let again = (product.format)(&formatted);
    assert!(
        again == formatted,
        "formatting what was formatted changed it:\n{formatted}\nbecame:\n{again}"
    );
    if read.problems.is_empty() {
        let problems = parse(&formatted).problems;
        assert!(problems.is_empty(), "formatting broke it: {problems:?}");
    }
}
