//! The compiler of journey files.
