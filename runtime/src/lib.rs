//! The daemon that runs journeys.
