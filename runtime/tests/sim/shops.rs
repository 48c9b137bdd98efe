//! The shop, and what it becomes in the course of a life: programs that take over from each other, with other positions,
//! names, questions about the past, and versions that move the people inside or leave them where they are.

use std::fs;
use std::path::Path;

use journey_ir as ir;
use journeyc::LoadedProject;

/// What differs from the shop in each of the others: a text and what stands in its place.
const OTHERS: [&[(&str, &str)]; 3] = [
    &[
        (
            "event purchase {",
            "event aisle_seen {}\n\nevent purchase {",
        ),
        (
            "journey receipt {",
            "moved receipt to thanks\n\njourney thanks {",
        ),
        ("wait 1 hour", "wait 3 hours"),
        ("at least 3 times", "at least 2 times"),
    ],
    &[
        ("in the last 10 days", "in the last 4 days"),
        (
            "enter when cart_filled",
            "enter when cart_filled\n  on update move to new version",
        ),
        ("wait 2 days", "wait 5 days"),
        (
            "journey box {",
            "journey club {\n  enter when joins regulars, including current members\n\n  send email news\n}\n\njourney box {",
        ),
    ],
    &[
        (
            "segment regulars {",
            "segment strangers {\n  never did purchase\n}\n\nsegment regulars {",
        ),
        ("at 09:00", "at 18:00"),
        ("reenter after 2 days", "reenter any time"),
        ("wait up to 1 day {", "wait up to 6 hours {"),
        ("60% gold", "20% gold"),
        ("at least 3 times", "at least 4 times"),
    ],
];

/// One of them.
pub(crate) struct Shop {
    pub(crate) compiled: ir::Program,
    /// From how many purchases on somebody is a regular.
    pub(crate) regular: usize,
}

/// All of them; each life begins with the first.
pub(crate) fn shops() -> Vec<Shop> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/sim/shop");
    let mut files = Vec::new();
    read(&root, "", &mut files);
    let all = [&[][..]].into_iter().chain(OTHERS);
    all.map(|edits| shop(&files, edits)).collect()
}

fn read(folder: &Path, prefix: &str, files: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        if entry.path().is_dir() {
            read(&entry.path(), &format!("{prefix}{name}/"), files);
        } else {
            let text = fs::read_to_string(entry.path()).unwrap();
            files.push((format!("{prefix}{name}"), text));
        }
    }
}

fn shop(files: &[(String, String)], edits: &[(&str, &str)]) -> Shop {
    let mut files = files.to_vec();
    let mut regular = 3;
    for (path, text) in &mut files {
        if path != "shop.journey" {
            continue;
        }
        for (from, to) in edits {
            assert_eq!(text.matches(from).count(), 1, "{from}");
            *text = text.replace(from, to);
        }
        let counted = text.split_once("purchase at least ").unwrap().1;
        regular = counted.split(' ').next().unwrap().parse().unwrap();
    }
    let texts = files
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let compilation = journeyc::compile(&LoadedProject::from_texts(texts));
    Shop {
        compiled: compilation.program.unwrap(),
        regular,
    }
}
