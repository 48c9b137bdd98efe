//! `journeyc preview`: a message as one person would get it.

use std::fs;
use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use serde_json::{Map, Value as Json, json};

use super::Exit;
use super::graph::{Compiled, compiled, write};
use super::screen::Screen;
use crate::preview::{Given, PreviewError, Previewed, preview};
use crate::problem::{Language, Text};

/// Read a message as one person will get it: subject, plain text and HTML
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc preview email/welcome_coupon          with samples for all values
  journeyc preview welcome_coupon shop --as minji.json
                                                 for a person: {\"name\": \"민지\"}
  journeyc preview welcome_coupon shop --with coupon.json
                                                 {\"coupon\": {\"title\": \"10%\", \"code\": \"AB-12\", \"expires\": \"2026-09-14\"}}
  journeyc preview welcome_coupon shop --lang en
                                                 its translation
  journeyc preview email/welcome_coupon shop --format html -o mail.html
                                                 the mail, for a browser

Nothing is sent. What was filled in with samples, and what is wrong with the files, is said on standard error.
Where a file is given, what it does not hold gets the template's `or:` words.")]
pub(super) struct Preview {
    /// The message: email/welcome_coupon, or welcome_coupon where one channel has it
    #[arg(value_name = "TEMPLATE")]
    template: String,
    /// The project folder
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// A JSON object of the person's attributes
    #[arg(long = "as", value_name = "PERSON.json")]
    person: Option<PathBuf>,
    /// A JSON object of the message's arguments
    #[arg(long = "with", value_name = "ARGS.json")]
    arguments: Option<PathBuf>,
    /// What to write
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    format: Format,
    /// The file to write to; by default standard output
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// The subject and the plain text
    Text,
    /// The page of a mail
    Html,
    /// One object: subject, html, text
    Json,
}

impl Preview {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        match self.previewed(screen) {
            Ok((previewed, language)) => self.show(screen, &previewed, language),
            Err(exit) => exit,
        }
    }

    fn previewed(&self, screen: &mut Screen) -> Result<(Previewed, Language), Exit> {
        let person = object(screen, self.person.as_deref())?;
        let arguments = object(screen, self.arguments.as_deref())?;
        let Compiled { compilation, .. } = compiled(&self.path, screen)?;
        let language = screen.language(compilation.language);
        let given = Given {
            person: person.as_ref(),
            arguments: arguments.as_ref(),
            language: screen.chosen().map(|it| match it {
                Language::English => "en",
                Language::Korean => "ko",
            }),
        };
        let previewed = preview(&compilation, &self.template, given).map_err(|error| {
            let (text, exit) = match error {
                PreviewError::Problems => return Exit::Problems,
                PreviewError::Unknown(text) => (text.in_language(language).to_owned(), Exit::Usage),
                other => (other.to_string(), Exit::Bug),
            };
            screen.error(&text);
            exit
        })?;
        Ok((previewed, language))
    }

    fn show(&self, screen: &mut Screen, previewed: &Previewed, language: Language) -> Exit {
        let text = match self.format {
            Format::Text => page(previewed, language),
            Format::Json => {
                let Previewed {
                    subject,
                    html,
                    text,
                    ..
                } = previewed;
                let object = json!({ "subject": subject, "html": html, "text": text });
                format!("{object:#}\n")
            }
            Format::Html => {
                let Some(html) = &previewed.html else {
                    screen.fail(&Text::new(
                        "only e-mail has HTML; leave `--format html` out",
                        "이메일에만 HTML이 있습니다. `--format html`을 빼세요",
                    ));
                    return Exit::Usage;
                };
                html.clone()
            }
        };
        let heads = match language {
            Language::English => ("note", "problem"),
            Language::Korean => ("참고", "문제"),
        };
        for (head, texts) in [(heads.0, &previewed.notes), (heads.1, &previewed.problems)] {
            for text in texts {
                screen.note(&format!("{head}: {}\n", text.in_language(language)));
            }
        }
        match write(screen, self.output.as_deref(), &text) {
            Exit::Fine if !previewed.problems.is_empty() => Exit::Problems,
            exit => exit,
        }
    }
}

/// The subject, where there is one, and the plain text.
fn page(previewed: &Previewed, language: Language) -> String {
    let head = match language {
        Language::English => "Subject",
        Language::Korean => "제목",
    };
    let text = previewed.text.trim_end();
    match previewed.subject.as_str() {
        "" => format!("{text}\n"),
        subject => format!("{head}: {subject}\n\n{text}\n"),
    }
}

/// Reads a JSON object.
fn object(screen: &mut Screen, path: Option<&Path>) -> Result<Option<Map<String, Json>>, Exit> {
    let Some(path) = path else {
        return Ok(None);
    };
    let shown = path.display();
    let text = fs::read_to_string(path).map_err(|error| {
        screen.fail(&Text::new(
            format!("`{shown}` cannot be read: {error}"),
            format!("`{shown}`을(를) 읽을 수 없습니다: {error}"),
        ));
        Exit::Io
    })?;
    serde_json::from_str(&text).map(Some).map_err(|error| {
        screen.fail(&Text::new(
            format!("`{shown}` is not a JSON object: {error}"),
            format!("`{shown}`: JSON 객체가 아닙니다: {error}"),
        ));
        Exit::Usage
    })
}
