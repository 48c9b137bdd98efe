//! Why something did not happen or happened later, as reports count it: a stable code, the name it turns on, and words.

use journey_engine::program::Name;
use journey_engine::{End, Hold, NotEntered, Skip};

use crate::problem::Text;

/// A reason to count by.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Reason {
    /// A stable word.
    pub(crate) code: &'static str,
    /// The consent, policy or value it turns on.
    pub(crate) name: Option<Name>,
}

impl Reason {
    const fn plain(code: &'static str) -> Self {
        Self { code, name: None }
    }

    fn about(code: &'static str, name: &str) -> Self {
        Self {
            code,
            name: Some(name.into()),
        }
    }

    /// Why a message was not sent.
    pub(super) fn of_skip(skip: &Skip) -> Self {
        match skip {
            Skip::NoAddress => Self::plain("no_address"),
            Skip::NoConsent(consent) => Self::about("no_consent", consent),
            Skip::Unsubscribed => Self::plain("unsubscribed"),
            Skip::Suppressed => Self::plain("suppressed"),
            Skip::QuietHours(policy) => Self::about("quiet_hours", policy),
            Skip::NeverAllowed => Self::plain("never_allowed"),
            Skip::Cap(policy) => Self::about("cap", policy),
            Skip::Missing(value) => Self::about("missing_value", value),
            Skip::NoTemplate => Self::plain("no_template"),
            Skip::HeldOut(policy) => Self::about("held_out", policy),
            Skip::Expired => Self::plain("expired"),
            Skip::UsedUp(offer) => Self::about("used_up", offer),
        }
    }

    /// Why a message was held back for a while.
    pub(super) fn of_hold(hold: &Hold) -> Self {
        match hold {
            Hold::Window => Self::plain("own_hours"),
            Hold::QuietHours(policy) => Self::about("quiet_hours", policy),
            Hold::Cap(policy) => Self::about("cap", policy),
        }
    }

    /// Why somebody was not let into a journey.
    pub(super) fn of_refusal(why: NotEntered) -> Self {
        Self::plain(match why {
            NotEntered::AlreadyInside => "already_inside",
            NotEntered::EnteredBefore => "entered_before",
            NotEntered::TooSoon(_) => "too_soon",
            NotEntered::SameEvent => "same_event",
            NotEntered::TooManyRuns => "too_many_runs",
            NotEntered::NotAMember => "not_a_member",
            NotEntered::NotYet => "not_yet",
            NotEntered::Over => "over",
        })
    }

    /// How a run ended.
    pub(super) fn of_end(how: &End) -> Self {
        match how {
            End::Completed => Self::plain("completed"),
            End::Goal => Self::plain("goal"),
            End::Exited(None) => Self::plain("exited"),
            End::Exited(Some(reason)) => Self::about("exited", reason),
            End::Restarted => Self::plain("restarted"),
            End::Cancelled => Self::plain("cancelled"),
            End::Erased => Self::plain("erased"),
        }
    }

    /// For eyes.
    pub(crate) fn words(&self) -> Text {
        let name = self.name.as_deref().unwrap_or_default();
        let (en, ko) = match self.code {
            "no_address" => ("no address".to_owned(), "주소 없음".to_owned()),
            "no_consent" => (format!("no consent `{name}`"), format!("동의 없음: {name}")),
            "unsubscribed" => ("unsubscribed".to_owned(), "수신 거부".to_owned()),
            "suppressed" => (
                "address suppressed".to_owned(),
                "발송 금지된 주소".to_owned(),
            ),
            "quiet_hours" => (
                format!("quiet hours of `{name}`"),
                format!("야간·휴식 시간: {name}"),
            ),
            "never_allowed" => (
                "no hour is allowed".to_owned(),
                "보낼 수 있는 시간 없음".to_owned(),
            ),
            "cap" => (format!("cap of `{name}`"), format!("횟수 제한: {name}")),
            "missing_value" => (format!("`{name}` is missing"), format!("값 없음: {name}")),
            "own_hours" => (
                "the send's own hours".to_owned(),
                "보내기의 시간대".to_owned(),
            ),
            "held_out" => (format!("held out by `{name}`"), format!("대조군: {name}")),
            "no_template" => (
                "no template on the channel that stands in".to_owned(),
                "대신하는 채널에 템플릿 없음".to_owned(),
            ),
            "expired" => (
                "expired before it could be sent".to_owned(),
                "보내기 전에 만료".to_owned(),
            ),
            "used_up" => (
                format!("offer `{name}` used up"),
                format!("혜택 소진: {name}"),
            ),
            "already_inside" => (
                "is inside already".to_owned(),
                "이미 여정 안에 있음".to_owned(),
            ),
            "entered_before" => (
                "was inside before".to_owned(),
                "전에 들어온 적 있음".to_owned(),
            ),
            "too_soon" => (
                "came back too soon".to_owned(),
                "다시 들어오기엔 이름".to_owned(),
            ),
            "same_event" => ("the same event again".to_owned(), "같은 이벤트".to_owned()),
            "too_many_runs" => ("too many runs".to_owned(), "실행이 너무 많음".to_owned()),
            "not_a_member" => ("is not a member".to_owned(), "대상이 아님".to_owned()),
            "not_yet" => (
                "the journey had not started".to_owned(),
                "여정 시작 전".to_owned(),
            ),
            "over" => ("the journey was over".to_owned(), "여정 종료 후".to_owned()),
            "completed" => ("completed".to_owned(), "끝까지 마침".to_owned()),
            "goal" => ("goal".to_owned(), "목표 달성".to_owned()),
            "exited" if name.is_empty() => ("exited".to_owned(), "나감".to_owned()),
            "exited" => (format!("exited as {name}"), format!("나감: {name}")),
            "restarted" => ("restarted".to_owned(), "새로 시작".to_owned()),
            "cancelled" => ("cancelled".to_owned(), "취소".to_owned()),
            "erased" => ("erased".to_owned(), "정보 삭제".to_owned()),
            "inside" => ("still inside".to_owned(), "아직 안에 있음".to_owned()),
            other => (other.to_owned(), other.to_owned()),
        };
        Text::new(en, ko)
    }

    /// Of those who have not left.
    pub(crate) const INSIDE: Self = Self::plain("inside");
}
