//! `journeyd`: see [`journeyd::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    journeyd::cli::main()
}
