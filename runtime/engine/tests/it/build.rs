//! A small builder of compiled programs, and a person to whom things happen.

use std::sync::Arc;

use journey_engine::{Contact, Effect, Event, EventId, Happening, Intent, Item, Outcome, Program};
use journey_ir::journey::{Argument, OnUpdate, Reenter, SplitArm, Until};
use journey_ir::schema::Type;
use journey_ir::time::{DAY, HOUR, MINUTE};
use journey_ir::*;

/// 2026-03-02 00:00 UTC, a Monday.
pub(crate) const MONDAY: Instant = 1_772_409_600_000;

/// An instant from text such as `2026-03-02T09:00:00Z`.
pub(crate) fn at(text: &str) -> Instant {
    text.parse::<jiff::Timestamp>().unwrap().as_millisecond()
}

pub(crate) fn days(n: u32) -> Span {
    Span::new(n, Unit::Day)
}

pub(crate) fn hours(n: u32) -> Span {
    Span::new(n, Unit::Hour)
}

pub(crate) fn minutes(n: u32) -> Span {
    Span::new(n, Unit::Minute)
}

pub(crate) fn clock(h: u16, m: u16) -> Clock {
    Clock(h * 60 + m)
}

pub(crate) fn text(of: &str) -> Value {
    Value::Text(of.into())
}

pub(crate) fn won(amount: i64) -> Value {
    Value::Money(Money {
        minor: amount,
        currency: Currency::new("KRW").unwrap(),
    })
}

pub(crate) fn whole(n: i64) -> Value {
    Value::Number(Decimal::whole(n).unwrap())
}

/// A program in the making.
pub(crate) struct Build {
    pub(crate) ir: ir_program::Program,
}

use journey_ir as ir_program;

impl Build {
    /// A project in UTC with an e-mail and a phone attribute.
    pub(crate) fn new() -> Self {
        let project = Project {
            name: "test".into(),
            timezone: "UTC".into(),
            language: "en".into(),
            accept_late: 3 * DAY,
            addresses: vec![
                (Channel::Email, "email".into()),
                (Channel::Sms, "phone".into()),
            ],
            ..Project::default()
        };
        let mut build = Self {
            ir: ir_program::Program::empty(project),
        };
        build.attribute("email", Type::EmailAddress);
        build.attribute("phone", Type::PhoneNumber);
        build.attribute("name", Type::Text);
        build
    }

    pub(crate) fn zone(mut self, zone: &str) -> Self {
        self.ir.project.timezone = zone.into();
        self
    }

    pub(crate) fn attribute(&mut self, name: &str, kind: Type) -> AttributeIx {
        self.ir.schema.attributes.push(Attribute {
            name: name.into(),
            kind,
            optional: true,
            private: false,
            default: None,
        });
        AttributeIx(self.ir.schema.attributes.len() as u32 - 1)
    }

    pub(crate) fn event(&mut self, name: &str, fields: &[(&str, Type)]) -> EventIx {
        self.ir.schema.events.push(ir_program::Event {
            name: name.into(),
            fields: fields
                .iter()
                .map(|(name, kind)| Field {
                    name: (*name).into(),
                    kind: kind.clone(),
                    optional: true,
                    private: false,
                })
                .collect(),
            key: None,
            arrives_within: None,
            built_in: false,
        });
        EventIx(self.ir.schema.events.len() as u32 - 1)
    }

    pub(crate) fn consent(&mut self, name: &str) -> ConsentIx {
        self.ir.schema.consents.push(Consent {
            name: name.into(),
            channels: vec![Channel::Email, Channel::Sms],
            others: Vec::new(),
            ask_again: None,
        });
        ConsentIx(self.ir.schema.consents.len() as u32 - 1)
    }

    pub(crate) fn condition(&mut self, condition: Condition) -> ConditionIx {
        self.ir.conditions.push(condition);
        ConditionIx(self.ir.conditions.len() as u32 - 1)
    }

    pub(crate) fn always(&mut self) -> ConditionIx {
        self.condition(Condition::Always)
    }

    pub(crate) fn not(&mut self, of: ConditionIx) -> ConditionIx {
        self.condition(Condition::Not(of))
    }

    pub(crate) fn is(&mut self, atom: Atom) -> ConditionIx {
        self.ir.atoms.push(atom);
        let at = AtomIx(self.ir.atoms.len() as u32 - 1);
        self.condition(Condition::Is(at))
    }

    pub(crate) fn compare(&mut self, left: Source, test: Comparison) -> ConditionIx {
        self.is(Atom::Compare { left, test })
    }

    pub(crate) fn field_is(&mut self, field: u32, value: Value) -> ConditionIx {
        self.compare(
            Source::Field(FieldIx(field)),
            Comparison::Is(Operand::Value(value)),
        )
    }

    pub(crate) fn aggregate(
        &mut self,
        event: EventIx,
        filter: Option<ConditionIx>,
        keep: Keep,
    ) -> AggregateIx {
        self.ir.aggregates.push(Aggregate {
            event,
            filter,
            keep,
        });
        AggregateIx(self.ir.aggregates.len() as u32 - 1)
    }

    /// `did E (at least n times) (in the last W)`.
    pub(crate) fn did(
        &mut self,
        event: EventIx,
        n: u32,
        window: Window,
        settle: i64,
    ) -> ConditionIx {
        let keep = if window == Window::Ever {
            Keep::Oldest(n)
        } else {
            Keep::Newest(n)
        };
        let aggregate = self.aggregate(event, None, keep);
        self.is(Atom::Happened {
            aggregate,
            n,
            window,
            settle,
        })
    }

    pub(crate) fn segment(&mut self, name: &str, condition: ConditionIx) -> SegmentIx {
        self.ir.segments.push(Segment {
            name: name.into(),
            title: None,
            condition,
        });
        SegmentIx(self.ir.segments.len() as u32 - 1)
    }

    pub(crate) fn lifecycle(&mut self, name: &str, stages: &[(&str, ConditionIx)]) -> LifecycleIx {
        self.ir.lifecycles.push(Lifecycle {
            name: name.into(),
            title: None,
            stages: stages
                .iter()
                .map(|(name, when)| Stage {
                    name: (*name).into(),
                    title: None,
                    when: *when,
                })
                .collect(),
        });
        LifecycleIx(self.ir.lifecycles.len() as u32 - 1)
    }

    /// 신규, 활동, 이탈위험, 휴면 by the last purchase, as in every shop.
    pub(crate) fn shop_lifecycle(&mut self, purchase: EventIx, settle: i64) -> LifecycleIx {
        let ever = self.did(purchase, 1, Window::Ever, 0);
        let never = self.not(ever);
        let active = self.did(purchase, 1, Window::Last(days(90)), settle);
        let at_risk = self.did(purchase, 1, Window::Last(days(365)), settle);
        let rest = self.always();
        self.lifecycle(
            "생애주기",
            &[
                ("신규", never),
                ("활동", active),
                ("이탈위험", at_risk),
                ("휴면", rest),
            ],
        )
    }

    /// A plain e-mail that needs no consent.
    pub(crate) fn mail(&mut self, template: &str) -> MessageIx {
        self.message(Message {
            channel: Channel::Email,
            template: template.into(),
            purpose: Purpose::Transactional,
            consent: None,
            sender: None,
            subject: vec![Piece::Text("hello".into())],
            body: vec![Piece::Text("world".into())],
            needs: Vec::new(),
            translations: Vec::new(),
        })
    }

    pub(crate) fn message(&mut self, message: Message) -> MessageIx {
        self.ir.messages.push(message);
        MessageIx(self.ir.messages.len() as u32 - 1)
    }

    pub(crate) fn journey(
        &mut self,
        name: &str,
        entry: Entry,
        steps: Vec<StepKind>,
    ) -> &mut Journey {
        let id = |at: usize, kind: &StepKind| match kind {
            StepKind::Send { .. } => format!("send {at}"),
            StepKind::Wait { .. } => format!("wait {at}"),
            StepKind::Race { .. } => format!("race {at}"),
            _ => format!("step {at}"),
        };
        self.ir.journeys.push(Journey {
            name: name.into(),
            title: None,
            version: "v1".into(),
            entry,
            include_current: false,
            starts: None,
            ends: None,
            reenter: Reenter::Never,
            run_key: None,
            restart: false,
            goal: None,
            exits: Vec::new(),
            priority: 1,
            owner: None,
            on_update: OnUpdate::Finish,
            moves: Vec::new(),
            formerly: Vec::new(),
            registers: Vec::new(),
            start: (!steps.is_empty()).then_some(StepIx(0)),
            steps: steps
                .into_iter()
                .enumerate()
                .map(|(at, kind)| Step {
                    id: id(at, &kind),
                    kind,
                })
                .collect(),
        });
        self.ir.journeys.last_mut().unwrap()
    }

    pub(crate) fn link(self) -> Arc<Program> {
        Arc::new(Program::link(Arc::new(self.ir), &[]).unwrap())
    }

    /// A person in this program, with an e-mail address.
    pub(crate) fn person(self) -> Person {
        Person::in_program(self.link())
    }
}

pub(crate) fn when(event: EventIx) -> Entry {
    Entry::When {
        trigger: Trigger::Event {
            event,
            filter: None,
        },
        condition: None,
    }
}

pub(crate) fn on(event: EventIx) -> Trigger {
    Trigger::Event {
        event,
        filter: None,
    }
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "a step is followed by another, or by nothing"
)]
pub(crate) fn next(step: u32) -> Option<StepIx> {
    Some(StepIx(step))
}

pub(crate) fn send(message: MessageIx, next: Option<StepIx>) -> StepKind {
    StepKind::Send {
        candidates: vec![message],
        args: Vec::new(),
        between: None,
        within: None,
        next,
    }
}

pub(crate) fn send_with(message: MessageIx, args: Vec<Argument>, next: Option<StepIx>) -> StepKind {
    StepKind::Send {
        candidates: vec![message],
        args,
        between: None,
        within: None,
        next,
    }
}

pub(crate) fn wait(span: Span, settle: i64, next: Option<StepIx>) -> StepKind {
    StepKind::Wait {
        span: Some(span),
        settle,
        until: None,
        next,
    }
}

pub(crate) fn wait_until(until: Until, next: Option<StepIx>) -> StepKind {
    StepKind::Wait {
        span: None,
        settle: 0,
        until: Some(until),
        next,
    }
}

pub(crate) fn race(
    limit: Span,
    settle: i64,
    arms: Vec<(Trigger, Option<StepIx>)>,
    timeout: Option<StepIx>,
) -> StepKind {
    StepKind::Race {
        limit,
        settle,
        arms: arms
            .into_iter()
            .map(|(trigger, next)| journey::Arm { trigger, next })
            .collect(),
        timeout,
    }
}

pub(crate) fn exit(reason: &str) -> StepKind {
    StepKind::Exit {
        reason: Some(reason.into()),
    }
}

pub(crate) fn split_arm(name: &str, weight: u32, next: Option<StepIx>) -> SplitArm {
    SplitArm {
        name: name.into(),
        weight,
        next,
    }
}

/// One contact, whose state is written and read back after everything that happens.
#[derive(Clone)]
pub(crate) struct Person {
    pub(crate) program: Arc<Program>,
    pub(crate) contact: Contact,
    pub(crate) out: Outcome,
    events: u32,
}

impl Person {
    pub(crate) fn in_program(program: Arc<Program>) -> Self {
        let mut person = Self {
            program,
            contact: Contact::new("minji"),
            out: Outcome::default(),
            events: 0,
        };
        if let Some(email) = person.program.attribute_by_name("email") {
            person.set(MONDAY - DAY, email, "minji@example.com");
            person.out.clear();
        }
        person
    }

    /// A person of whom nothing is known.
    pub(crate) fn unknown(program: Arc<Program>) -> Self {
        Self {
            program,
            contact: Contact::new("minji"),
            out: Outcome::default(),
            events: 0,
        }
    }

    pub(crate) fn item(&mut self, item: &Item, now: Instant) {
        journey_engine::step(&self.program, &mut self.contact, item, now, &mut self.out);
        self.stored();
    }

    fn stored(&mut self) {
        let bytes = self.contact.encode();
        let read = Contact::decode(&bytes, &self.program).unwrap();
        assert_eq!(read, self.contact, "a state reads back as it was written");
        self.contact = read;
    }

    pub(crate) fn set(&mut self, at: Instant, attribute: AttributeIx, value: &str) {
        self.item(
            &Item::Attributes {
                set: vec![(attribute, Some(text(value)))],
                occurred_at: at,
            },
            at,
        );
    }

    /// An event at an instant, heard of at once.
    pub(crate) fn does(&mut self, at: Instant, kind: EventIx, fields: &[Value]) -> EventId {
        self.does_late(at, at, kind, fields)
    }

    /// An event at an instant, heard of later.
    pub(crate) fn does_late(
        &mut self,
        at: Instant,
        heard: Instant,
        kind: EventIx,
        fields: &[Value],
    ) -> EventId {
        self.events += 1;
        let id = EventId::of(&format!("event {}", self.events));
        let event = Event {
            id,
            kind,
            occurred_at: at,
            received_at: heard,
            fields: fields.iter().cloned().map(Some).collect(),
        };
        self.item(&Item::Event(event), heard);
        id
    }

    /// Lets time pass.
    pub(crate) fn until(&mut self, until: Instant) {
        journey_engine::advance(&self.program, &mut self.contact, until, &mut self.out);
        self.stored();
    }

    /// The messages handed over: when and which.
    pub(crate) fn mails(&self) -> Vec<(Instant, String)> {
        let mail = |effect: &Effect| match &effect.what {
            Intent::Send(send) => Some((effect.at, send.template.to_string())),
            _ => None,
        };
        self.out.effects.iter().filter_map(mail).collect()
    }

    /// The templates handed over.
    pub(crate) fn templates(&self) -> Vec<String> {
        self.mails()
            .into_iter()
            .map(|(_, template)| template)
            .collect()
    }

    /// The history in sentences, with the time since `MONDAY`.
    pub(crate) fn story(&self) -> String {
        let line = |it: &Happening| format!("{} {}\n", since_monday(it.at), it.what.sentence());
        self.out.history.iter().map(line).collect()
    }

    /// Whether the history has a sentence with these words.
    pub(crate) fn tells(&self, words: &str) -> bool {
        self.out
            .history
            .iter()
            .any(|it| it.what.sentence().contains(words))
    }

    /// How many sentences have these words.
    pub(crate) fn times(&self, words: &str) -> usize {
        self.out
            .history
            .iter()
            .filter(|it| it.what.sentence().contains(words))
            .count()
    }

    /// When a sentence with these words was first told.
    pub(crate) fn when(&self, words: &str) -> Option<Instant> {
        self.out
            .history
            .iter()
            .find(|it| it.what.sentence().contains(words))
            .map(|it| it.at)
    }
}

fn since_monday(at: Instant) -> String {
    let passed = at - MONDAY;
    format!(
        "{}d {:02}:{:02}",
        passed.div_euclid(DAY),
        passed.rem_euclid(DAY) / HOUR,
        passed.rem_euclid(HOUR) / MINUTE
    )
}
