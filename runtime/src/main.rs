//! `journeyd`.
fn main() {}
