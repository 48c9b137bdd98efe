//! The requirements table and the pages of the library: every requirement is met somewhere or said not to be, and what
//! `journeys/README.md` says of the folders is what their own pages say.
//!
//! `UPDATE_LIBRARY=1 cargo test -p journeyc requirements` writes the tables anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use journeyc::projects;
use serde::Deserialize;

/// How many requirements each document has; `R000.1` is the first of the first.
const DOCUMENTS: [(&str, u32); 5] = [
    ("R000", 20),
    ("R001", 27),
    ("R002", 25),
    ("R003", 17),
    ("R004", 15),
];

/// The stages of the library, in the order of a customer's life.
const STAGES: [&str; 8] = [
    "lead",
    "nurture",
    "sale",
    "success",
    "advocacy",
    "compliance",
    "classify",
    "measure",
];

/// What one requirement asks, and what meets it beside the library.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Requirement {
    asks: String,
    met: Option<String>,
    not_yet: Option<String>,
    background: Option<String>,
}

/// One folder of the library, as its page presents it.
struct Folder {
    /// Its path below `journeys/`: `sale/cart_rescue`.
    path: String,
    /// The first sentence of its page.
    about: String,
    /// The requirements that it claims.
    claims: BTreeSet<(String, u32)>,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../journeys")
}

fn requirements() -> BTreeMap<(String, u32), Requirement> {
    let text = std::fs::read_to_string(root().join("requirements.toml")).unwrap();
    let documents: BTreeMap<String, BTreeMap<String, Requirement>> = toml::from_str(&text).unwrap();
    let numbered = documents.into_iter().flat_map(|(document, all)| {
        all.into_iter()
            .map(move |(number, it)| ((document.clone(), number.parse().unwrap()), it))
    });
    numbered.collect()
}

fn known() -> BTreeSet<(String, u32)> {
    let all = DOCUMENTS.into_iter();
    all.flat_map(|(document, count)| (1..=count).map(move |number| (document.to_owned(), number)))
        .collect()
}

/// The folders of the library with what is wrong with their pages.
fn folders() -> (Vec<Folder>, Vec<String>) {
    let known = known();
    let mut all = Vec::new();
    let mut wrong = Vec::new();
    for project in projects(&root()).unwrap() {
        let path = project.strip_prefix(root()).unwrap();
        let path = path.to_string_lossy().replace('\\', "/");
        let Ok(page) = std::fs::read_to_string(project.join("README.md")) else {
            wrong.push(format!("{path} has no README.md"));
            continue;
        };
        let mut folder = Folder {
            about: about(&page),
            claims: BTreeSet::new(),
            path,
        };
        let path = &folder.path;
        if !folder.about.ends_with('.') {
            wrong.push(format!("{path}: its page does not begin with a sentence"));
        }
        let claimed = page
            .lines()
            .find_map(|line| line.strip_prefix("Requirements:"));
        let claims = claimed.unwrap_or_default().split(',').map(str::trim);
        for claim in claims.filter(|it| !it.is_empty()) {
            let number = claim
                .split_once('.')
                .and_then(|(document, number)| Some((document.to_owned(), number.parse().ok()?)));
            match number.filter(|it| known.contains(it)) {
                Some(number) => drop(folder.claims.insert(number)),
                None => wrong.push(format!("{path} claims {claim:?}, which is no requirement")),
            }
        }
        all.push(folder);
    }
    all.sort_by_key(|it| {
        let stage = it.path.split('/').next().unwrap_or_default();
        let place = STAGES.iter().position(|known| *known == stage);
        (place.unwrap_or(STAGES.len()), it.path.clone())
    });
    (all, wrong)
}

/// The first sentence of a page after its heading.
fn about(page: &str) -> String {
    let mut lines = page
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with(['#', '!', '<', '[']));
    lines.next().unwrap_or_default().to_owned()
}

fn index(folders: &[Folder]) -> String {
    let mut out = String::from("| stage | folder | what it does |\n| --- | --- | --- |\n");
    for folder in folders {
        let Folder { path, about, .. } = folder;
        let (stage, name) = path.split_once('/').unwrap();
        let _ = writeln!(out, "| {stage} | [{name}]({path}) | {about} |");
    }
    out
}

fn table(all: &BTreeMap<(String, u32), Requirement>, folders: &[Folder]) -> String {
    let mut out =
        String::from("| number | what it asks | where it is met |\n| --- | --- | --- |\n");
    for (number, requirement) in all {
        let claiming = folders.iter().filter(|it| it.claims.contains(number));
        let links = claiming.map(|it| {
            let name = it.path.rsplit('/').next().unwrap_or_default();
            format!("[{name}]({})", it.path)
        });
        let links = links.collect::<Vec<_>>().join(", ");
        let Requirement {
            asks,
            met,
            not_yet,
            background,
        } = requirement;
        let missing = not_yet.as_ref().map(|it| format!("not yet: {it}"));
        let background = background.as_ref().map(|it| format!("background: {it}"));
        let met = met.clone().filter(|it| it != "library folders");
        let links = Some(links).filter(|it| !it.is_empty());
        let parts: Vec<String> = [links, met, missing, background]
            .into_iter()
            .flatten()
            .collect();
        let (document, number) = number;
        let parts = parts.join(" · ");
        let _ = writeln!(out, "| {document}.{number} | {asks} | {parts} |");
    }
    out
}

/// The page with what stands between two marks written anew.
fn between(page: &str, mark: &str, text: &str) -> String {
    let begin = format!("<!-- {mark} -->\n");
    let end = format!("<!-- end of {mark} -->");
    let (before, rest) = page.split_once(&begin).unwrap();
    let (_, after) = rest.split_once(&end).unwrap();
    format!("{before}{begin}\n{text}\n{end}{after}")
}

/// What a page sets in code, outside of blocks: names of the language and of the files.
fn code(page: &str) -> BTreeSet<&str> {
    let outside = page.split("```").step_by(2);
    outside
        .flat_map(|text| text.split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn every_folder_has_a_korean_page_that_names_what_the_english_one_names() {
    let mut wrong = Vec::new();
    for project in projects(&root()).unwrap() {
        let read = |name: &str| std::fs::read_to_string(project.join(name)).unwrap_or_default();
        let (english, korean) = (read("README.md"), read("README.ko.md"));
        let hangul = |it: char| ('가'..='힣').contains(&it);
        if !about(&korean).contains(hangul) {
            wrong.push(format!("{}: no Korean sentence", project.display()));
        }
        if code(&english) != code(&korean) {
            wrong.push(format!("{}: other names", project.display()));
        }
        let claims = |page: &str, word: &str| {
            let line = page.lines().find_map(|line| line.strip_prefix(word));
            line.map(ToOwned::to_owned)
        };
        if claims(&english, "Requirements:") != claims(&korean, "요구사항:") {
            wrong.push(format!("{}: other requirements", project.display()));
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn every_requirement_is_in_the_list_and_no_other() {
    let listed: BTreeSet<_> = requirements().into_keys().collect();
    assert_eq!(listed, known());
}

#[test]
fn every_requirement_is_met_or_said_not_to_be() {
    let (folders, wrong) = folders();
    assert_eq!(wrong, Vec::<String>::new());
    let mut open = Vec::new();
    for (number, requirement) in requirements() {
        let claimed = folders.iter().any(|it| it.claims.contains(&number));
        let by_folders = requirement.met.as_deref() == Some("library folders");
        let met = requirement.met.is_some() && !by_folders;
        if !(claimed || met || requirement.not_yet.is_some() || requirement.background.is_some()) {
            open.push(number);
        }
    }
    assert_eq!(open, Vec::new(), "nothing meets these");
}

#[test]
fn the_index_and_the_table_are_what_the_pages_say() {
    let (folders, _) = folders();
    let path = root().join("README.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let fresh = between(&page, "index", &index(&folders));
    let fresh = between(&fresh, "requirements", &table(&requirements(), &folders));
    if std::env::var_os("UPDATE_LIBRARY").is_some() {
        std::fs::write(&path, fresh).unwrap();
        return;
    }
    assert!(
        page == fresh,
        "journeys/README.md is out of date: UPDATE_LIBRARY=1 cargo test -p journeyc requirements"
    );
}
