//! Text of a `.journey` file to a syntax tree.
