//! The compiled program as data.
