//! `journeyc lsp`: the language server on standard input and output.

use clap::Args;
use lsp_server::Connection;

use super::Exit;
use super::screen::Screen;
use crate::lsp::{self, Options};

/// Speak the Language Server Protocol on standard input and output, for editors
#[derive(Debug, Args)]
#[command(after_help = "\
Editors start this by themselves; see docs/editors.md. It ends when the editor says so or goes away.")]
pub(super) struct Lsp {
    /// Standard input and output, which is the only way it speaks; many editors ask for it
    #[arg(long, hide = true, default_value_t = true)]
    stdio: bool,
}

impl Lsp {
    pub(super) fn run(&self, screen: &mut Screen) -> Exit {
        debug_assert!(self.stdio, "there is no other way");
        let (connection, threads) = Connection::stdio();
        let language = screen.chosen();
        let served = lsp::serve(&connection, Options { language });
        // The writing thread ends when nobody can send any more.
        drop(connection);
        let ended = served.and_then(|()| Ok(threads.join()?));
        match ended {
            Ok(()) => Exit::Fine,
            Err(error) => {
                screen.error(&error.to_string());
                Exit::Io
            }
        }
    }
}
