//! What the loader finds on a real disk.

use super::*;

struct Folder(tempfile::TempDir);

impl Folder {
    fn new(files: &[(&str, &[u8])]) -> Self {
        let folder = Self(tempfile::tempdir().unwrap());
        for (path, bytes) in files {
            let path = folder.path().join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        folder
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

fn paths(project: &LoadedProject) -> Vec<&str> {
    project.sources().iter().map(|(_, it)| it.path()).collect()
}

#[test]
fn only_the_files_of_a_project_are_read_in_the_order_of_their_paths() {
    let folder = Folder::new(&[
        ("journeys/b.journey", b""),
        ("a.journey", b""),
        ("journey.toml", b""),
        ("templates/email/hello.md", b""),
        ("holidays/kr.toml", b""),
        ("README.md", b""),
        ("Cargo.toml", b""),
        ("target/x.journey", b""),
        (".git/x.journey", b""),
        ("journey-data/x.journey", b""),
    ]);
    let project = load(folder.path()).unwrap();
    assert_eq!(
        paths(&project),
        [
            "a.journey",
            "holidays/kr.toml",
            "journey.toml",
            "journeys/b.journey",
            "templates/email/hello.md"
        ]
    );
}

#[test]
#[cfg(unix)]
fn links_in_a_circle_end() {
    let folder = Folder::new(&[("a/x.journey", b"")]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/again")).unwrap();
    std::os::unix::fs::symlink("nowhere", folder.path().join("a/lost.journey")).unwrap();
    assert_eq!(paths(&load(folder.path()).unwrap()), ["a/x.journey"]);
}

#[test]
fn a_file_of_a_project_stands_for_the_project_and_a_loose_one_for_itself() {
    let folder = Folder::new(&[
        ("shop/journey.toml", b""),
        ("shop/journeys/a.journey", b""),
        ("shop/schema.journey", b""),
        ("loose.journey", b""),
        (".git/HEAD", b""),
    ]);
    let inside = load(&folder.path().join("shop/journeys/a.journey")).unwrap();
    assert_eq!(inside.sources().len(), 3);
    let loose = load(&folder.path().join("loose.journey")).unwrap();
    assert_eq!(loose.sources().len(), 1);
    assert_eq!(loose.name(), "loose");
}

#[test]
fn a_project_below_is_its_own() {
    let folder = Folder::new(&[
        ("a/journey.toml", b""),
        ("b/journey.toml", b""),
        ("c.journey", b""),
    ]);
    let found = projects(folder.path()).unwrap();
    let names: Vec<_> = found.iter().map(|it| it.file_name().unwrap()).collect();
    assert_eq!(names, ["a", "b", "c.journey"]);

    fs::write(folder.path().join("journey.toml"), "").unwrap();
    let outer = load(folder.path()).unwrap();
    assert_eq!(outer.journey_files(), 1);
    assert_eq!(outer.problems().len(), 2);
}

#[test]
fn bytes_that_are_no_text_are_reported_and_the_rest_is_read() {
    let folder = Folder::new(&[
        ("journey.toml", b""),
        ("a.journey", b"journey x \xb0\xa1"),
        ("b.journey", &vec![b'#'; MAX_BYTES + 1]),
        ("c.journey", b"# fine"),
    ]);
    let project = load(folder.path()).unwrap();
    let codes: Vec<_> = project.problems().iter().map(|it| it.code).collect();
    assert_eq!(codes, ["J0090", "J0091"]);
    assert_eq!(project.journey_files(), 1);
}

#[test]
fn a_path_without_a_project_says_so() {
    let folder = Folder::new(&[("notes.txt", b"")]);
    assert!(matches!(
        load(&folder.path().join("nothing")),
        Err(LoadError::Missing { .. })
    ));
    assert!(matches!(
        load(&folder.path().join("notes.txt")),
        Err(LoadError::NotAProject { .. })
    ));
    assert!(matches!(load(folder.path()), Err(LoadError::Empty { .. })));
}

#[test]
fn a_folder_inside_a_project_stands_for_the_whole_project() {
    let folder = Folder::new(&[
        ("journey.toml", b""),
        ("journeys/a.journey", b""),
        ("schema/b.journey", b""),
    ]);
    let inside = folder.path().join("journeys");
    let found = projects(&inside).unwrap();
    let [root] = found.as_slice() else {
        panic!("{found:?}")
    };
    let all = ["journey.toml", "journeys/a.journey", "schema/b.journey"];
    assert_eq!(paths(&load(root).unwrap()), all);
    assert_eq!(paths(&load(&inside).unwrap()), all);
}
