//! Kinds of things that have names, and the words for them.

use journey_grammar::tree::Declaration;

use crate::problem::Text;
use crate::written;

/// What a name names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// Of a contact.
    Attribute,
    /// Of an event.
    Field,
    Event,
    Consent,
    Policy,
    Offer,
    Segment,
    Lifecycle,
    /// Of a lifecycle.
    Stage,
    Score,
    Funnel,
    Kpi,
    Audience,
    Sequence,
    /// Of a sequence.
    Parameter,
    Journey,
    /// A step's `as` name, a split's arm.
    Label,
    /// In a test.
    Person,
    /// What a journey records at its end.
    Reason,
    /// In `journey.toml`.
    Connector,
    /// Of a connector.
    Action,
    /// In `journey.toml`.
    Team,
    /// In `journey.toml`.
    Hours,
    Channel,
    Purpose,
    Priority,
    /// Of a message, an action or a sequence.
    Argument,
    /// Of a `one of …`.
    Choice,
}

impl Kind {
    /// The kind of a declaration that has a name.
    pub(crate) const fn of(declaration: &Declaration) -> Option<Self> {
        Some(match declaration {
            Declaration::Event(_) => Self::Event,
            Declaration::Consent(_) => Self::Consent,
            Declaration::Policy(_) => Self::Policy,
            Declaration::Offer(_) => Self::Offer,
            Declaration::Segment(_) => Self::Segment,
            Declaration::Lifecycle(_) => Self::Lifecycle,
            Declaration::Score(_) => Self::Score,
            Declaration::Funnel(_) => Self::Funnel,
            Declaration::Kpi(_) => Self::Kpi,
            Declaration::Audience(_) => Self::Audience,
            Declaration::Sequence(_) => Self::Sequence,
            Declaration::Journey(_) => Self::Journey,
            Declaration::Contact(_)
            | Declaration::Moved(_)
            | Declaration::Test(_)
            | Declaration::Unknown(_) => return None,
        })
    }

    /// Whether it is a declaration of its own, whose name all files share.
    pub(crate) const fn is_declared(self) -> bool {
        matches!(
            self,
            Self::Event
                | Self::Consent
                | Self::Policy
                | Self::Offer
                | Self::Segment
                | Self::Lifecycle
                | Self::Score
                | Self::Funnel
                | Self::Kpi
                | Self::Audience
                | Self::Sequence
                | Self::Journey
        )
    }

    /// The words for it, with the English article.
    pub(crate) fn a(self) -> Text {
        let Text { en, ko } = self.words();
        let article = if en.starts_with(['a', 'e', 'i', 'o', 'u']) {
            "an"
        } else {
            "a"
        };
        Text::new(format!("{article} {en}"), ko)
    }

    /// The words for it.
    pub(crate) fn words(self) -> Text {
        let (en, ko) = match self {
            Self::Attribute => ("attribute", "속성"),
            Self::Field => ("field", "필드"),
            Self::Event => ("event", "이벤트"),
            Self::Consent => ("consent", "동의 항목"),
            Self::Policy => ("policy", "정책"),
            Self::Offer => ("offer", "혜택"),
            Self::Segment => ("segment", "세그먼트"),
            Self::Lifecycle => ("lifecycle", "라이프사이클"),
            Self::Stage => ("stage", "단계"),
            Self::Score => ("score", "점수"),
            Self::Funnel => ("funnel", "퍼널"),
            Self::Kpi => ("KPI", "지표"),
            Self::Audience => ("audience", "광고 대상"),
            Self::Sequence => ("sequence", "시퀀스"),
            Self::Parameter => ("parameter", "매개변수"),
            Self::Journey => ("journey", "여정"),
            Self::Label => ("label", "이름표"),
            Self::Person => ("person", "사람"),
            Self::Reason => ("exit reason", "종료 사유"),
            Self::Connector => ("connector", "연동"),
            Self::Action => ("action", "동작"),
            Self::Team => ("team", "팀"),
            Self::Hours => ("set of opening hours", "영업시간"),
            Self::Channel => ("channel", "채널"),
            Self::Purpose => ("purpose", "목적"),
            Self::Priority => ("priority", "우선순위"),
            Self::Argument => ("argument", "인자"),
            Self::Choice => ("choice", "선택지"),
        };
        Text::new(en, ko)
    }

    /// Whether it is declared in `journey.toml`.
    pub(crate) const fn is_a_setting(self) -> bool {
        matches!(self, Self::Connector | Self::Team | Self::Hours)
    }

    /// What to write so that something of this kind has the name.
    pub(crate) fn declaration_of(self, name: &str) -> Option<String> {
        Some(match self {
            // There is one `contact`, so that a line of it is shown and not the whole.
            Self::Attribute => format!("{name}: text, optional"),
            Self::Event => format!("event {name} {{ }}"),
            Self::Consent => format!("consent {name} {{ for email }}"),
            Self::Offer => format!("offer {name} {{ 10% off }}"),
            Self::Segment => format!("segment {name} {{ … }}"),
            Self::Lifecycle => format!("lifecycle {name} {{ … otherwise }}"),
            Self::Sequence => format!("sequence {name} {{ … }}"),
            Self::Journey => format!("journey {name} {{ … }}"),
            Self::Person => format!("given {name} {{ … }}"),
            Self::Parameter => format!("sequence … ({name}: duration) {{ … }}"),
            Self::Connector => format!("[connectors.{}]", written::key(name)),
            Self::Team => format!("[teams.{}]", written::key(name)),
            Self::Hours => format!("[hours.{}]\nweekdays = \"09:00-18:00\"", written::key(name)),
            Self::Field
            | Self::Policy
            | Self::Stage
            | Self::Score
            | Self::Funnel
            | Self::Kpi
            | Self::Audience
            | Self::Label
            | Self::Reason
            | Self::Action
            | Self::Channel
            | Self::Purpose
            | Self::Priority
            | Self::Argument
            | Self::Choice => return None,
        })
    }
}
