//! `journeyc`.

/// Nothing else in this program is made as often as small pieces of memory.
#[global_allocator]
static MEMORY: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> journeyc::cli::Exit {
    journeyc::cli::main()
}
