//! Small drawings for kinds of steps: 16 by 16, white lines on the colour of their kind.

use journey_ir::Channel;

use super::layout::Shape;
use crate::sentences::Look;

/// The class of a shape's colour, and its drawing.
pub(super) fn icon(shape: Shape) -> (&'static str, &'static str) {
    match shape {
        Shape::Entry => (
            "entry",
            r#"<path d="M5 3.5v9l7-4.5z" fill="currentColor"/>"#,
        ),
        Shape::End => ("end", r#"<path d="M3.5 8.5l3 3 6-7"/>"#),
        Shape::Goal => ("goal", r#"<path d="M4 14V2.5h8l-2 3 2 3H4"/>"#),
        Shape::Rule => (
            "exit",
            r#"<path d="M6.5 3H3v10h3.5M7 8h6M10.5 5l3 3-3 3"/>"#,
        ),
        Shape::Frame | Shape::Label(_) => ("plain", ""),
        Shape::Step(look) => step(look),
    }
}

fn step(look: Look) -> (&'static str, &'static str) {
    match look {
        Look::Send(channel) => send(channel),
        Look::Wait => (
            "wait",
            r#"<circle cx="8" cy="8" r="5.5"/><path d="M8 4.8V8l2.4 1.6"/>"#,
        ),
        Look::Race => (
            "race",
            r#"<path d="M4 2.5h8M4 13.5h8M5 2.5c0 4 6 7 6 11M11 2.5c0 4-6 7-6 11"/>"#,
        ),
        Look::Branch => (
            "branch",
            r#"<path d="M8 2v4M8 6c0 4-5 3-5 7.5M8 6c0 4 5 3 5 7.5"/>"#,
        ),
        Look::Split => (
            "split",
            r#"<rect x="3" y="3" width="10" height="10" rx="2"/><circle cx="6" cy="6" r=".8" fill="currentColor"/><circle cx="10" cy="10" r=".8" fill="currentColor"/>"#,
        ),
        Look::Draw => (
            "draw",
            r#"<path d="M2.500 6.500h11v7h-11zM2 4.500h12v2H2zM8 4.500v9M8 4.500C6 1 3.500 3.500 8 4.500c4.500-1 2-3.500 0 0"/>"#,
        ),
        Look::Count => (
            "split",
            r#"<path d="M6 2.500l-1.500 11M11.500 2.500l-1.500 11M2.800 6h11M2.200 10h11"/>"#,
        ),
        Look::Repeat => (
            "repeat",
            r#"<path d="M13 7A5.200 5.200 0 0 0 3.500 5.500M3 2.500v3.300h3.300M3 9a5.200 5.200 0 0 0 9.500 1.500M13 13.500v-3.300H9.700"/>"#,
        ),
        Look::Ask => (
            "race",
            r#"<path d="M2.500 3h11v7.500H8L5 13.500v-3H2.500zM6.600 5.600c.2-1.400 2.800-1.200 2.700.2 0 .9-1.300 1-1.300 1.700M8 9.100v.1"/>"#,
        ),
        Look::Do => (
            "do",
            r#"<path d="M5.5 5L2.5 8l3 3M10.5 5l3 3-3 3M9 3.5l-2 9"/>"#,
        ),
        Look::Assign => (
            "assign",
            r#"<circle cx="8" cy="5.5" r="2.6"/><path d="M2.8 13.6c.6-5 9.8-5 10.4 0"/>"#,
        ),
        Look::Note => (
            "note",
            r#"<path d="M8 2.5h5.5V8L8 13.5 2.5 8z"/><circle cx="10.8" cy="5.2" r=".8" fill="currentColor"/>"#,
        ),
        Look::Exit => (
            "exit",
            r#"<rect x="4.2" y="4.2" width="7.6" height="7.6" rx="1" fill="currentColor"/>"#,
        ),
    }
}

fn send(channel: Channel) -> (&'static str, &'static str) {
    match channel {
        Channel::Email => (
            "email",
            r#"<rect x="2" y="3.5" width="12" height="9" rx="1.4"/><path d="M2.5 4.5L8 9l5.5-4.5"/>"#,
        ),
        Channel::Sms => (
            "sms",
            r#"<path d="M2.5 3h11v7.5H7L4 13.2v-2.7H2.5z"/><path d="M5 5.8h6M5 8h4"/>"#,
        ),
        Channel::Kakao => (
            "kakao",
            r#"<path d="M8 2.8c3.6 0 6 2.1 6 4.6s-2.400 4.600-6 4.600l-2.800 2 .4-2.600C3.300 10.600 2 9.200 2 7.400c0-2.500 2.400-4.600 6-4.600z" fill="currentColor"/>"#,
        ),
        Channel::Push => (
            "push",
            r#"<path d="M3 11.500h10c-1.500-1.500-1.300-3-1.300-5a3.700 3.700 0 0 0-7.400 0c0 2 .2 3.500-1.300 5zM6.600 13.500h2.800"/>"#,
        ),
        Channel::Webhook => (
            "webhook",
            r#"<circle cx="8" cy="4.500" r="2"/><circle cx="4" cy="11.500" r="2"/><circle cx="12" cy="11.500" r="2"/><path d="M7 6.300L5 9.700M9 6.300l2 3.400M6 11.500h4"/>"#,
        ),
        Channel::Inapp => (
            "inapp",
            r#"<rect x="4" y="2" width="8" height="12" rx="1.600"/><path d="M7 11.800h2"/>"#,
        ),
    }
}
