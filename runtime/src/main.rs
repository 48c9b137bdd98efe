//! `journeyd`: see [`journeyd::cli`].

use std::process::ExitCode;

/// What arrives is read on one thread and let go on another, which the system's own allocator does slowly.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    journeyd::cli::main()
}
