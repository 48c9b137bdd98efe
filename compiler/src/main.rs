//! `journeyc`.

fn main() -> journeyc::cli::Exit {
    journeyc::cli::main()
}
