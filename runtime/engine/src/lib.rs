//! One pure step per contact.
