//! What settings hold and refer to, in words.

/// What a setting should hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Expected {
    Text,
    Flag,
    Texts,
    Numbers,
    Dates,
    Table,
    Currency,
    Clocks,
    Date,
    Span,
    Type,
    Link,
    WebAddress,
    SmtpAddress,
    Sender,
    Action,
    Account,
    Status,
    HolidayFile,
    OneLine,
}

impl Expected {
    pub(super) fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Text => ("a text in quotes", "따옴표 안의 글"),
            Self::Flag => ("`true` or `false`", "`true` 또는 `false`"),
            Self::Texts => (
                "a list of texts such as `[\"a\", \"b\"]`",
                "`[\"a\", \"b\"]` 같은 글 목록",
            ),
            Self::Numbers => (
                "a list of numbers such as `[200, 201]`",
                "`[200, 201]` 같은 숫자 목록",
            ),
            Self::Dates => (
                "a list of days such as `[2026-01-01]`",
                "`[2026-01-01]` 같은 날짜 목록",
            ),
            Self::Table => ("a table such as `{ … }`", "`{ … }` 같은 표"),
            Self::Currency => (
                "a three-letter currency code such as `KRW`",
                "`KRW` 같은 세 글자 통화 코드",
            ),
            Self::Clocks => (
                "opening hours such as `09:00-18:00`, the end after the start",
                "`09:00-18:00`처럼 끝이 시작보다 늦은 시간",
            ),
            Self::Date => (
                "a day of the calendar such as `2026-01-01`",
                "`2026-01-01` 같은 달력의 날짜",
            ),
            Self::Span => (
                "a length of time such as `3 days`, in weeks, days, hours, minutes or seconds",
                "`3 days` 같은 기간 (weeks, days, hours, minutes, seconds)",
            ),
            Self::Type => (
                "a type such as `text`, `number`, `yes or no`, `date`, `money in USD`, `one of a, b` or `link`",
                "`text`, `number`, `yes or no`, `date`, `money in USD`, `one of a, b`, `link` 같은 자료형",
            ),
            Self::Link => (
                "an http or https address with one `{}` where the value goes",
                "값이 들어갈 자리에 `{}`가 하나 있는 http 또는 https 주소",
            ),
            Self::WebAddress => ("an http or https address", "http 또는 https 주소"),
            Self::SmtpAddress => (
                "`smtp://host:port` or `smtps://host:port`",
                "`smtp://host:port` 또는 `smtps://host:port`",
            ),
            Self::Sender => (
                "`Name <name@example.com>` on one line",
                "한 줄로 쓴 `이름 <name@example.com>`",
            ),
            Self::Action => (
                "a connector and one of its actions, such as `crm.create_task`",
                "`crm.create_task`처럼 연결과 그 동작",
            ),
            Self::Account => (
                "an account of ten digits such as `123-456-7890`",
                "`123-456-7890` 같은 열 자리 계정 번호",
            ),
            Self::Status => (
                "an HTTP status from 100 to 599",
                "100부터 599까지의 HTTP 상태",
            ),
            Self::HolidayFile => (
                "a file such as `holidays/kr.toml` that is in the project",
                "프로젝트 안에 있는 `holidays/kr.toml` 같은 파일",
            ),
            Self::OneLine => ("a text on one line", "한 줄로 된 글"),
        }
    }
}

/// What a setting refers to by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Named {
    Sender,
    Action,
    Connector,
    Attribute,
    Event,
    Consent,
}

impl Named {
    pub(super) const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Sender => ("sender", "보내는 사람이"),
            Self::Action => ("action", "동작이"),
            Self::Connector => ("connector", "연결이"),
            Self::Event => ("event", "이벤트가"),
            Self::Attribute => ("contact attribute", "고객 속성이"),
            Self::Consent => ("consent", "수신 동의가"),
        }
    }
}
