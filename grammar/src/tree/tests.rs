//! Tests with a virtual clock.

use super::{
    Agreed, Argument, Clock, Comparison, Date, Doc, Duration, Message, Moment, Name, Path, Span,
    Text,
};

/// `test "하루 안에 사면 아무것도 보내지 않는다" for cart_rescue { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Test {
    /// The description above it.
    pub doc: Option<Doc>,
    /// The fact that is tested; nothing when it is missing.
    pub title: Option<Text>,
    /// The journey under test.
    pub journey: Option<Name>,
    /// The lines in written order.
    pub lines: Vec<TestLine>,
    /// From the keyword to the closing brace.
    pub span: Span,
}

/// One line of a test.
#[derive(Debug, Clone, PartialEq)]
pub enum TestLine {
    /// `given 민지 { … }`
    Given(Given),
    /// `at 2026-03-02 14:00 …`, `after 3 hours …`
    Advance(Advance),
    /// `expect …`
    Expect(Expect),
    /// A line that could not be read.
    Unknown(Span),
}

/// `given 민지 { email: "minji@example.com", agreed to marketing by email }`
#[derive(Debug, Clone, PartialEq)]
pub struct Given {
    /// The name of the person in this test.
    pub person: Name,
    /// What is known about them.
    pub record: Option<Record>,
    /// The line.
    pub span: Span,
}

/// Fields in braces.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    /// The fields in written order.
    pub lines: Vec<RecordLine>,
    /// From brace to brace.
    pub span: Span,
}

/// One field of a record.
#[derive(Debug, Clone, PartialEq)]
pub enum RecordLine {
    /// `total: 5만원`
    Field(Argument),
    /// `payment: { method: credit }`, `items: { brand: "Nike" }, { brand: "Puma" }`
    Objects(Objects),
    /// `agreed to marketing by email`
    Agreed(Agreed),
    /// What could not be read.
    Unknown(Span),
}

/// `items: { brand: "Nike" }, { brand: "Puma" }`
#[derive(Debug, Clone, PartialEq)]
pub struct Objects {
    /// The name of the field.
    pub name: Name,
    /// The object, or the elements of the list; at least one.
    pub objects: Vec<Record>,
    /// From the name to the last closing brace.
    pub span: Span,
}

/// `after 3 hours 민지 does purchase { … }`: moves the clock, then perhaps something happens.
#[derive(Debug, Clone, PartialEq)]
pub struct Advance {
    /// Where the clock moves.
    pub to: AdvanceTo,
    /// What happens then.
    pub act: Option<Act>,
    /// The line.
    pub span: Span,
}

/// Where the virtual clock moves.
#[derive(Debug, Clone, PartialEq)]
pub enum AdvanceTo {
    /// `at 2026-03-02 14:00`
    At {
        /// The day.
        date: Date,
        /// The time of that day.
        clock: Clock,
    },
    /// `after 3 hours`
    After(Duration),
}

/// `민지 does purchase { … }`
#[derive(Debug, Clone, PartialEq)]
pub struct Act {
    /// The person.
    pub person: Name,
    /// What happens.
    pub kind: ActKind,
    /// The whole phrase.
    pub span: Span,
}

/// What can happen to a person in a test.
#[derive(Debug, Clone, PartialEq)]
pub enum ActKind {
    /// `does purchase { … }`
    Does {
        /// The event.
        event: Path,
        /// Its fields.
        record: Option<Record>,
    },
    /// `changes { … }`
    Changes(Record),
    /// `withdraws marketing`
    Withdraws(Path),
    /// `enters demo_request { … }`
    Enters {
        /// The journey, which is entered by request.
        journey: Path,
        /// What the request says.
        record: Option<Record>,
    },
}

/// `expect only email cart_special_offer to 민지 at 2026-03-03 14:10`
#[derive(Debug, Clone, PartialEq)]
pub struct Expect {
    /// What is expected.
    pub kind: ExpectKind,
    /// The line.
    pub span: Span,
}

/// What can be expected.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpectKind {
    /// `no messages to 민지`
    NoMessages {
        /// The person.
        to: Name,
    },
    /// `only email cart_special_offer to 민지 at 2026-03-03 14:10`
    Message {
        /// Whether `only` is written: nothing else was sent.
        only: bool,
        /// The message.
        message: Message,
        /// The person.
        to: Name,
        /// When exactly.
        at: Option<Moment>,
        /// `containing "…"`: words that its subject or body has.
        containing: Option<Text>,
    },
    /// `at most 1 messages per 1 day to lee`
    AtMost {
        /// How many.
        count: u32,
        /// In how long.
        per: Duration,
        /// The person.
        to: Name,
    },
    /// `task for sales`
    Task {
        /// Who gets it.
        assignee: Path,
    },
    /// `call crm.create_lead with (…)`
    Call {
        /// The connector and its action.
        action: Path,
        /// The arguments that are compared.
        arguments: Vec<Argument>,
    },
    /// `민지 exited as goal`
    Exited {
        /// The person.
        person: Name,
        /// The recorded reason.
        reason: Name,
    },
    /// `민지 waiting at ask_reason`
    Waiting {
        /// The person.
        person: Name,
        /// The step.
        step: Path,
    },
    /// `철수 in win_back`
    In {
        /// The person.
        person: Name,
        /// The journey, segment, audience, stage of a lifecycle or of a funnel.
        group: Path,
    },
    /// `민지 lead_score at least 50`, `민지 plan is Premium`
    Value {
        /// The person.
        person: Name,
        /// The attribute or score.
        of: Path,
        /// What is asked of it.
        comparison: Comparison,
    },
    /// `철수 not in win_back`
    NotIn {
        /// The person.
        person: Name,
        /// The journey, segment, audience, stage of a lifecycle or of a funnel.
        group: Path,
    },
}
