//! The examples of the language reference: Markdown in, projects out.
//!
//! A fence says what stands in it: `journey` are declarations, `journey steps EVENT` the steps of a journey that begins
//! with that event, `journey header` the first lines of a journey, `journey condition` a condition; `md PATH` and `toml`
//! are files. Each is compiled together with the blocks marked `prelude`, except those marked `alone`. `raises J0204`
//! says what an example is meant to be told.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// The pages of the reference, from the folder of the grammar's documents.
const PAGES: [&str; 11] = [
    "language.md",
    "people.md",
    "conditions.md",
    "measures.md",
    "journeys.md",
    "templates.md",
    "tests.md",
    "recipes.md",
    "guide.md",
    "prelude.md",
    "language.ko.md",
];

/// All examples, and what they share.
#[derive(Debug, Default)]
pub(crate) struct Document {
    /// Files by path.
    pub(crate) prelude: BTreeMap<String, String>,
    /// The examples in the order of the pages.
    pub(crate) examples: Vec<Example>,
}

/// One example.
#[derive(Debug)]
pub(crate) struct Example {
    /// Where it stands: `journeys.md:12`.
    pub(crate) place: String,
    /// Whether it stands without the prelude.
    pub(crate) alone: bool,
    /// The code it is meant to raise.
    pub(crate) raises: Option<String>,
    /// The path of its file in the project.
    pub(crate) path: String,
    /// The whole file.
    pub(crate) text: String,
}

impl Document {
    /// The projects of all examples that are right, by their places.
    pub(crate) fn projects(&self) -> BTreeMap<String, BTreeMap<String, String>> {
        let right = self.examples.iter().filter(|it| it.raises.is_none());
        right
            .map(|it| (it.place.clone(), self.project(it)))
            .collect()
    }

    /// The project of an example.
    pub(crate) fn project(&self, example: &Example) -> BTreeMap<String, String> {
        let mut files = if example.alone {
            BTreeMap::new()
        } else {
            self.prelude.clone()
        };
        files.insert(example.path.clone(), example.text.clone());
        files
    }
}

/// Reads the pages of the reference.
pub(crate) fn read() -> Document {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../grammar/docs");
    let mut document = Document::default();
    for page in PAGES {
        let text = fs::read_to_string(folder.join(page));
        let text = text.unwrap_or_else(|error| panic!("{page}: {error}"));
        document.add(page, &text);
    }
    document
}

impl Document {
    fn add(&mut self, page: &str, text: &str) {
        let mut lines = text.lines().enumerate();
        while let Some((at, line)) = lines.next() {
            let Some(info) = line.strip_prefix("```").filter(|it| !it.is_empty()) else {
                continue;
            };
            let inside = lines.by_ref().map(|(_, line)| line);
            let inside: Vec<&str> = inside.take_while(|line| !line.starts_with("```")).collect();
            self.add_block(&format!("{page}:{}", at + 1), info, &inside.join("\n"));
        }
    }

    fn add_block(&mut self, place: &str, info: &str, text: &str) {
        let words: Vec<&str> = info.split_whitespace().collect();
        let after = |word: &str| {
            let at = words.iter().position(|it| *it == word)?;
            words.get(at + 1).copied()
        };
        let has = |word: &str| words.contains(&word);
        let path = match words.first() {
            Some(&"journey") => "example.journey",
            Some(&"toml") => "journey.toml",
            Some(&"md") => words.last().copied().unwrap_or_default(),
            _ => return,
        };
        let text = if has("steps") {
            let event = after("steps").filter(|it| *it != "raises");
            format!(
                "journey example {{\n  enter when {}\n{text}\n}}\n",
                event.unwrap_or("purchase")
            )
        } else if has("header") {
            format!("journey example {{\n{text}\n  send email hello\n}}\n")
        } else if has("condition") {
            format!("segment example {{\n{text}\n}}\n")
        } else {
            format!("{text}\n")
        };
        if has("prelude") {
            let path = if path == "example.journey" {
                "prelude.journey"
            } else {
                path
            };
            self.prelude
                .entry(path.to_owned())
                .or_default()
                .push_str(&text);
            return;
        }
        self.examples.push(Example {
            place: place.to_owned(),
            alone: has("alone"),
            raises: after("raises").map(str::to_owned),
            path: path.to_owned(),
            text,
        });
    }
}
