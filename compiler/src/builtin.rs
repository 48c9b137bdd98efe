//! Events that the channels report themselves: `email.delivered`, `sms.clicked` and their like.

use journey_ir as ir;

/// The field of a built-in event that holds a template's name.
pub(crate) const TEMPLATE: &str = "template";

/// The field of a built-in event that holds the name of the link that was clicked.
pub(crate) const LINK: &str = "link";

/// What a request to enter a journey is called in that journey: `request.product`.
pub(crate) const REQUEST: &str = "request";

/// The name of the event that a request to enter a journey is.
pub(crate) fn request_event(journey: &str) -> String {
    format!("{journey}.{REQUEST}")
}

/// What stands before the fields of an event where they are read.
pub(crate) fn owner_of_fields(event: &ir::Event) -> &str {
    match event.name.rsplit_once('.') {
        Some((_, REQUEST)) if event.built_in => REQUEST,
        _ => &event.name,
    }
}

const CHANNELS: [ir::Channel; 4] = [
    ir::Channel::Email,
    ir::Channel::Sms,
    ir::Channel::Kakao,
    ir::Channel::Push,
];
const HAPPENINGS: [&str; 6] = [
    "delivered",
    "opened",
    "clicked",
    "bounced",
    "unsubscribed",
    "complained",
];

/// The channels by which people write back.
const REPLYING: [ir::Channel; 3] = [ir::Channel::Email, ir::Channel::Sms, ir::Channel::Kakao];
/// What a channel reports of a reply.
const REPLIED: &str = "replied";

/// The names of all built-in events.
pub(crate) fn event_names() -> Vec<String> {
    let names = |channel: ir::Channel| HAPPENINGS.map(|what| format!("{channel}.{what}"));
    let replies = REPLYING.map(|channel| reply_by(channel.word()));
    CHANNELS
        .into_iter()
        .flat_map(names)
        .chain(replies)
        .collect()
}

/// The name of the event of a reply by a channel.
pub(crate) fn reply_by(channel: &str) -> String {
    format!("{channel}.{REPLIED}")
}

/// Whether an event of this name is built in.
pub(crate) fn is_event(name: &str) -> bool {
    channel_of(name).is_some()
}

/// The channel that reports an event of this name.
pub(crate) fn channel_of(name: &str) -> Option<ir::Channel> {
    let (channel, what) = name.split_once('.')?;
    let channel = ir::Channel::from_word(channel)?;
    let reports = CHANNELS.contains(&channel) && HAPPENINGS.contains(&what);
    let replies = REPLYING.contains(&channel) && what == REPLIED;
    (reports || replies).then_some(channel)
}

/// The built-in events.
pub(crate) fn events() -> impl Iterator<Item = ir::Event> {
    let text = |name: &str, optional| ir::Field {
        name: name.to_owned(),
        kind: ir::Type::Text,
        optional,
        private: false,
    };
    event_names().into_iter().map(move |name| ir::Event {
        fields: match name.strip_suffix(REPLIED) {
            Some(_) => vec![text("text", false)],
            None => vec![text(TEMPLATE, false), text(LINK, true)],
        },
        name,
        key: None,
        arrives_within: None,
        built_in: true,
    })
}
