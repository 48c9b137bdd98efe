//! `journeyc build`: a project to one program file.

use std::path::{Path, PathBuf};

use clap::Args;
use journey_ir::Program;

use super::Exit;
use super::replace::replace;
use super::screen::Screen;
use crate::compile::compile;
use crate::load::load;
use crate::problem::{Language, Text};
use crate::report::Report;

/// Compile a project to one file for the daemon
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc build                            writes program.json
  journeyc build shop -o shop.json
  journeyc build shop -o shop.json && journeyd run shop.json

The same project always gives the same bytes; the hash that is printed names them. Nothing is written when there are
errors, and an existing file is replaced in one step.")]
pub(super) struct Build {
    /// The project folder
    #[arg(value_name = "PATH", default_value = ".")]
    path: PathBuf,
    /// The file to write
    #[arg(short, long, value_name = "FILE", default_value = "program.json")]
    output: PathBuf,
}

impl Build {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        let project = match load(&self.path) {
            Ok(project) => project,
            Err(error) => return screen.cannot_load(&error),
        };
        let compilation = compile(&project);
        let language = screen.language(compilation.language);
        if !compilation.problems.is_empty() {
            let mut report = Report::default();
            report.add(project.prefix(), &project, &compilation.problems);
            let text = report.human(screen.look(compilation.language));
            screen.note(&text);
        }
        let Some(program) = compilation.program else {
            return Exit::Problems;
        };
        if let Err(error) = replace(&self.output, &program.to_json()) {
            let path = self.output.display();
            screen.fail(&Text::new(
                format!("`{path}` cannot be written: {error}"),
                format!("`{path}`을(를) 쓸 수 없습니다: {error}"),
            ));
            return Exit::Io;
        }
        match screen.print(&written(&self.output, &program, language)) {
            Ok(()) => Exit::Fine,
            Err(_) => Exit::Io,
        }
    }
}

fn written(output: &Path, program: &Program, language: Language) -> String {
    let (path, hash) = (output.display(), program.hash());
    let journeys = program.journeys.len();
    let messages = program.messages.len();
    let segments = program.segments.len() + program.lifecycles.len();
    match language {
        Language::English => format!(
            "{path} {hash}\n{journeys} journeys, {messages} messages, {segments} segments and lifecycles\n"
        ),
        Language::Korean => format!(
            "{path} {hash}\n여정 {journeys}개, 메시지 {messages}개, 세그먼트와 생애주기 {segments}개\n"
        ),
    }
}
