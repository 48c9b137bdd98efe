//! What stands in the library's messages for the sender's own address and numbers.
//!
//! The library's messages carry what the law asks for, and what nobody can reach: whoever copies a journey has to put in
//! their own before anything is sent.

/// Lines of one file that hold samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Samples {
    /// The file, below the project's folder.
    pub(crate) path: String,
    /// The lines, counted from 1.
    pub(crate) lines: Vec<usize>,
}

/// The lines with samples among these files, by file.
pub(super) fn samples(files: &[(String, String)]) -> Vec<Samples> {
    let templates = files
        .iter()
        .filter(|(path, _)| path.starts_with("templates/"));
    let found = templates.map(|(path, text)| {
        let lines = text.lines().zip(1..);
        let with_sample = lines.filter(|(line, _)| !crate::samples::found(line).is_empty());
        Samples {
            path: path.clone(),
            lines: with_sample.map(|(_, at)| at).collect(),
        }
    });
    found.filter(|it| !it.lines.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_to_replace_are_found_in_messages_only() {
        let files = [
            (
                "templates/sms/a.md",
                "+++\n+++\n(광고) 가게\n무료수신거부 080-000-0000\n",
            ),
            (
                "templates/sms/b.md",
                "+++\n+++\n무료수신거부 080-123-4567\n",
            ),
            ("tests/a.journey", "# 080-000-0000\n"),
        ]
        .map(|(path, text)| (path.to_owned(), text.to_owned()));
        let expected = Samples {
            path: "templates/sms/a.md".to_owned(),
            lines: vec![4],
        };
        assert_eq!(samples(&files), [expected]);
    }
}
