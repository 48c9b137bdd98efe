//! What is read, in words: attributes, fields of events, offers, and the events themselves.

use journey_ir as ir;
use journey_ir::journey::Expression;
use journey_ir::{Channel, EventIx, FieldIx, Source};

use super::{Place, Teller, say};

impl Teller<'_> {
    /// A value that is read.
    pub(crate) fn source(&self, source: &Source, place: Place<'_>) -> String {
        match source {
            Source::Attribute(at) => self
                .program
                .attribute(*at)
                .map_or_else(String::new, |it| it.name.clone()),
            Source::Field(field) => place
                .event
                .map_or_else(String::new, |event| self.field(event, *field)),
            Source::Register(at) => match place.registers.get(at.at()) {
                Some(ir::Register::Field { event, field }) => {
                    let (field, event) = (self.field(*event, *field), self.event(*event));
                    say!(self, "{field} of {event}", "{event}의 {field}")
                }
                Some(ir::Register::Kept(name)) => name.clone(),
                None => String::new(),
            },
            Source::OfferExpires(at) => {
                let offer = self.offer(*at);
                say!(self, "the end of “{offer}”", "“{offer}” 만료 시각")
            }
            Source::OfferIssued(at) => {
                let offer = self.offer(*at);
                say!(self, "the issue of “{offer}”", "“{offer}” 발급 시각")
            }
            Source::Score(at) => self.score(*at).to_owned(),
            Source::Recalled(at) => self.recalled(*at),
            Source::Item(item) => self
                .item_field(*item)
                .map_or_else(String::new, |it| it.name.clone()),
        }
    }

    /// `last purchase.category`, `favourite purchase.category`.
    fn recalled(&self, at: ir::AggregateIx) -> String {
        let Some(aggregate) = self.program.aggregate(at) else {
            return String::new();
        };
        let event = self.counted(at);
        let field = aggregate.keep.field();
        let field = field.map_or_else(String::new, |it| self.field(aggregate.event, it));
        if matches!(aggregate.keep, ir::Keep::Favourite(_)) {
            return say!(
                self,
                "the most frequent {field} of “{event}”",
                "{event}에서 가장 잦은 {field}"
            );
        }
        say!(
            self,
            "the {field} of the last “{event}”",
            "마지막 {event}의 {field}"
        )
    }

    /// A field of the objects in a list.
    fn item_field(&self, item: ir::ItemField) -> Option<&ir::Field> {
        match &self.program.field(item.event, item.list)?.kind {
            ir::Type::Items(items) => items.fields.get(item.field.at()),
            _ => None,
        }
    }

    /// Whether what is read may be missing.
    pub(super) fn may_be_missing(&self, source: &Source, place: Place<'_>) -> bool {
        let field = |event, field| {
            self.program
                .field(event, field)
                .is_some_and(|it| it.optional)
        };
        match source {
            Source::Attribute(at) => {
                let attribute = self.program.attribute(*at);
                attribute.is_some_and(|it| it.optional && it.default.is_none())
            }
            Source::Field(at) => place.event.is_some_and(|event| field(event, *at)),
            Source::Register(at) => match place.registers.get(at.at()) {
                Some(ir::Register::Field { event, field: at }) => field(*event, *at),
                Some(ir::Register::Kept(_)) => true,
                None => false,
            },
            Source::OfferExpires(_) | Source::OfferIssued(_) | Source::Recalled(_) => true,
            Source::Item(item) => self.item_field(*item).is_some_and(|it| it.optional),
            Source::Score(_) => false,
        }
    }

    /// The words that a value may be, where it is a choice.
    pub(super) fn choices(&self, source: &Source, place: Place<'_>) -> Option<&[String]> {
        let kind = match source {
            Source::Attribute(at) => &self.program.attribute(*at)?.kind,
            Source::Field(at) => &self.program.field(place.event?, *at)?.kind,
            Source::Register(at) => {
                let ir::Register::Field { event, field } = place.registers.get(at.at())? else {
                    return None;
                };
                &self.program.field(*event, *field)?.kind
            }
            Source::Recalled(at) => {
                let aggregate = self.program.aggregate(*at)?;
                &self
                    .program
                    .field(aggregate.event, aggregate.keep.field()?)?
                    .kind
            }
            Source::Item(item) => &self.item_field(*item)?.kind,
            Source::OfferExpires(_) | Source::OfferIssued(_) | Source::Score(_) => return None,
        };
        match kind {
            ir::Type::OneOf(values) | ir::Type::Scale(values) => Some(values),
            _ => None,
        }
    }

    /// A field by its name.
    pub(crate) fn field(&self, event: EventIx, field: FieldIx) -> String {
        let field = self.program.field(event, field);
        field.map_or_else(String::new, |it| it.name.clone())
    }

    /// An event by its title, else its name; the channels' own in words.
    pub(crate) fn event(&self, event: EventIx) -> String {
        let Some(event) = self.program.event(event) else {
            return String::new();
        };
        if event.built_in
            && let Some(words) = self.built_in(&event.name)
        {
            return words;
        }
        self.titles.title(&event.name).to_owned()
    }

    fn built_in(&self, name: &str) -> Option<String> {
        let (channel, what) = name.split_once('.')?;
        let channel = self.channel(Channel::from_word(channel)?);
        let (en, ko) = match what {
            "delivered" => ("delivery", "도착"),
            "opened" => ("opening", "열람"),
            "clicked" => ("click", "링크 클릭"),
            "bounced" => ("bounce", "반송"),
            "unsubscribed" => ("unsubscription", "수신 거부"),
            "complained" => ("spam complaint", "스팸 신고"),
            "replied" => ("reply", "답장"),
            _ => return None,
        };
        Some(say!(self, "{channel} {en}", "{channel} {ko}"))
    }

    /// A channel.
    pub(crate) fn channel(&self, channel: Channel) -> &'static str {
        let (en, ko) = match channel {
            Channel::Email => ("email", "이메일"),
            Channel::Sms => ("text message", "문자"),
            Channel::Kakao => ("KakaoTalk", "카카오톡"),
            Channel::Push => ("push", "푸시"),
            Channel::Webhook => ("webhook", "웹훅"),
            Channel::Inapp => ("in-app message", "앱 안 메시지"),
        };
        if self.is_korean() { ko } else { en }
    }

    /// An offer by its title, else its name.
    pub(crate) fn offer(&self, offer: ir::OfferIx) -> &str {
        let offer = self.program.offer(offer);
        offer.map_or("", |it| it.title.as_deref().unwrap_or(&it.name))
    }

    /// A score by its title, else its name.
    pub(crate) fn score(&self, score: ir::ScoreIx) -> &str {
        let score = self.program.score(score);
        score.map_or("", |it| it.title.as_deref().unwrap_or(&it.name))
    }

    /// A segment by its title, else its name.
    pub(crate) fn segment(&self, segment: ir::SegmentIx) -> &str {
        let segment = self.program.segment(segment);
        segment.map_or("", |it| it.title.as_deref().unwrap_or(&it.name))
    }

    /// A lifecycle by its title, else its name.
    pub(crate) fn lifecycle(&self, lifecycle: ir::LifecycleIx) -> &str {
        let lifecycle = self.program.lifecycle(lifecycle);
        lifecycle.map_or("", |it| it.title.as_deref().unwrap_or(&it.name))
    }

    /// A stage by its title, else its name.
    pub(crate) fn stage(&self, lifecycle: ir::LifecycleIx, stage: ir::StageIx) -> &str {
        let stages = self.program.lifecycle(lifecycle).map(|it| &it.stages);
        let stage = stages.and_then(|it| it.get(stage.at()));
        stage.map_or("", |it| it.title.as_deref().unwrap_or(&it.name))
    }

    /// A consent by its title, else its name.
    pub(crate) fn consent(&self, consent: ir::ConsentIx) -> &str {
        let consent = self.program.consent(consent);
        consent.map_or("", |it| self.titles.title(&it.name))
    }

    /// Opening hours by their name.
    pub(crate) fn hours(&self, hours: ir::HoursIx) -> &str {
        self.program.hours(hours).map_or("", |it| it.name.as_str())
    }

    /// A value written in a step.
    pub(crate) fn expression(&self, expression: &Expression, place: Place<'_>) -> String {
        match expression {
            Expression::Value(value) => self.value(value),
            Expression::Source(source) => self.source(source, place),
            Expression::Offer(offer) => self.offer(*offer).to_owned(),
        }
    }
}
