//! Facts about the engine, told as stories and checked as properties.
