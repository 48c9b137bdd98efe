//! `journeyc explain`: the page of a problem.

use clap::Args;

use super::Exit;
use super::screen::Screen;
use crate::codes;
use crate::near::nearest;
use crate::pages;
use crate::problem::Text;

/// Say more about a problem: what it means, why it matters, and what to write instead
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  journeyc explain J0301
  journeyc explain unknown-variable
  journeyc explain                 lists all problems")]
pub(super) struct Explain {
    /// The code or name of a problem
    #[arg(value_name = "CODE")]
    code: Option<String>,
}

impl Explain {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        let Some(asked) = &self.code else {
            return print(screen, &list());
        };
        let page = codes::find(asked).and_then(|code| pages::page(code.name));
        let Some(page) = page else {
            let words = codes::ALL.iter().flat_map(|it| [it.code, it.name]);
            let (en, ko) = nearest(asked, words).map_or_else(Default::default, |near| {
                (
                    format!("; did you mean `{near}`?"),
                    format!(" 혹시 `{near}`인가요?"),
                )
            });
            screen.fail(&Text::new(
                format!("there is no problem called `{asked}`{en} `journeyc explain` lists all"),
                format!(
                    "`{asked}`: 그런 문제가 없습니다.{ko} `journeyc explain`은 모두 보여 줍니다"
                ),
            ));
            return Exit::Usage;
        };
        print(screen, page)
    }
}

fn print(screen: &mut Screen, text: &str) -> Exit {
    match screen.print(text) {
        Ok(()) => Exit::Fine,
        Err(_) => Exit::Io,
    }
}

fn list() -> String {
    let widest = codes::ALL.iter().map(|it| it.name.len()).max();
    let width = widest.unwrap_or_default();
    let lines: Vec<String> = codes::ALL
        .iter()
        .map(|it| {
            let severity = it.severity.word();
            format!("{} {:<width$} {severity:<7} {}", it.code, it.name, it.about)
        })
        .collect();
    lines.join("\n") + "\n"
}
