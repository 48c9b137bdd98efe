//! `journeyc`.
fn main() {}
