//! Events per second of the engine alone, in memory, on a small shop.

fn main() {}
