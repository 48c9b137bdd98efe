//! Versions: what changes them and what does not.

use std::fs;
use std::path::{Path, PathBuf};

use journey_ir::Program;
use journeyc::{LoadedProject, compile};

/// The texts of the seeds, by path.
fn seeds() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/seeds");
    let mut texts = Vec::new();
    collect(&root, &root, &mut texts);
    texts.sort();
    texts
}

fn collect(root: &Path, folder: &Path, texts: &mut Vec<(String, String)>) {
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(root, &path, texts);
        } else if path.extension().is_some_and(|it| it != "snap") {
            let below = path.strip_prefix(root).unwrap();
            let below = below.to_str().unwrap().to_owned();
            texts.push((below, fs::read_to_string(&path).unwrap()));
        }
    }
}

fn program(texts: &[(String, String)]) -> Program {
    let texts = texts
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()));
    let compilation = compile(&LoadedProject::from_texts(texts));
    compilation
        .program
        .unwrap_or_else(|| panic!("{:#?}", compilation.problems))
}

fn versions(program: &Program) -> Vec<(String, String)> {
    let journeys = program.journeys.iter();
    journeys
        .map(|it| (it.name.clone(), it.version.clone()))
        .collect()
}

/// The seeds with one text replaced everywhere.
fn edited(from: &str, to: &str) -> Vec<(String, String)> {
    let mut texts = seeds();
    assert!(
        texts.iter().any(|(_, text)| text.contains(from)),
        "{from:?} is nowhere"
    );
    for (_, text) in &mut texts {
        *text = text.replace(from, to);
    }
    texts
}

/// The names of the journeys whose version an edit changes.
fn changed(from: &str, to: &str) -> Vec<String> {
    let before = versions(&program(&seeds()));
    let after = versions(&program(&edited(from, to)));
    before
        .into_iter()
        .zip(after)
        .filter(|(before, after)| before != after)
        .map(|((name, _), _)| name)
        .collect()
}

#[test]
fn words_for_people_change_no_version() {
    for (from, to) in [
        ("\"장바구니 구출\"", "\"장바구니를 되찾자\""),
        ("\"장바구니 5천원\"", "\"오천원\""),
        ("  wait 1 day\n", "  # 하루\n\n  wait   1 day   # 기다림\n"),
        (
            "  goal purchase within 30 days\n",
            "  goal purchase within 30 days\n  owner \"crm\"\n",
        ),
        ("purpose = \"survey\"", "purpose = \"survey\" # asks"),
        ("님, 다시 보기", "님, 잊으신 것"),
        ("name = \"팔도한상\"", "name = \"다른 이름\""),
    ] {
        assert_eq!(changed(from, to), Vec::<String>::new(), "{from:?}");
    }
}

#[test]
fn a_definition_changes_the_versions_of_the_journeys_that_use_it() {
    for (from, to, journeys) in [
        ("wait gap", "wait 5 days", vec!["demo_request"]),
        (
            "  wait 1 day\n  if",
            "  wait 2 days\n  if",
            vec!["cart_rescue"],
        ),
        (
            "in the last 1 year\n",
            "in the last 2 years\n",
            vec!["lapsed", "win_back"],
        ),
        (
            "arrives within 10 minutes",
            "arrives within 20 minutes",
            vec!["cart_rescue", "lapsed", "welcome", "win_back"],
        ),
        ("{ 40% off }", "{ 50% off }", vec!["lapsed"]),
        ("page: text }", "page: text, optional }", vec![]),
        (
            "at least 3 times in the last 180 days",
            "at least 9 times in the last 180 days",
            vec![],
        ),
    ] {
        assert_eq!(changed(from, to), journeys, "{from:?}");
    }
}

#[test]
fn neither_new_declarations_nor_their_places_leak_into_other_versions() {
    let before = program(&seeds());
    let mut texts = seeds();
    let added = "event aaa { x: text }\nsegment aaaa { did aaa where (x is \"1\") or did purchase at least 20 times in the last 3 days }\noffer aaaaa { 1% off }\njourney aaaaaa {\n  enter when aaa\n  if in aaaa { add tag \"x\" }\n}\n";
    texts.push(("journeys/added.journey".into(), added.into()));
    let after = program(&texts);
    let kept: Vec<_> = versions(&after)
        .into_iter()
        .filter(|(name, _)| name != "aaaaaa")
        .collect();
    assert_eq!(versions(&before), kept);
    assert_ne!(before.hash(), after.hash());
}

#[test]
fn the_program_is_the_same_whatever_file_a_declaration_stands_in() {
    let before = program(&seeds());
    let (mut all, mut rest) = (Vec::new(), Vec::new());
    for (path, text) in seeds() {
        if path.ends_with(".journey") {
            all.push(text);
        } else {
            rest.push((path, text));
        }
    }
    all.reverse();
    rest.push(("everything.journey".into(), all.join("\n")));
    assert_eq!(before.hash(), program(&rest).hash());
}

#[test]
fn a_journey_that_is_only_renamed_keeps_its_version() {
    let version = |name: &str, moved: &str| {
        let text = format!(
            "event bought {{}}\njourney {name} {{\n  enter when bought\n  wait 1 day\n}}\n{moved}"
        );
        let texts = [("project.journey".to_owned(), text)];
        let program = program(&texts);
        let journey = &program.journeys[0];
        (journey.version.clone(), journey.formerly.join(" "))
    };
    let (first, _) = version("thanks", "");
    let once = "moved thanks to gratitude\n";
    let twice = "moved gratitude to cheers\n";
    assert_eq!(version("gratitude", once), (first.clone(), "thanks".into()));
    assert_eq!(
        version("cheers", &format!("{twice}{once}")),
        (first.clone(), "thanks gratitude".into())
    );
    assert_ne!(version("gratitude", "").0, first);
}
