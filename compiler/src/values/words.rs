//! Types and literals in a marketer's words.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use crate::problem::Text;

/// What a type holds, as a noun phrase with its article.
pub(crate) fn type_words(kind: &ir::Type) -> Text {
    let (en, ko) = match kind {
        ir::Type::Text => ("text", "텍스트"),
        ir::Type::Number => ("a number", "숫자"),
        ir::Type::WholeNumber | ir::Type::YearsSince(_) => ("a whole number", "정수"),
        ir::Type::Money(None) => ("an amount of money", "금액"),
        ir::Type::Money(Some(currency)) => {
            return Text::new(
                format!("an amount of money in {}", currency.code()),
                format!("{} 금액", currency.code()),
            );
        }
        ir::Type::Date => ("a date", "날짜"),
        ir::Type::Moment => ("a date with a time", "날짜와 시각"),
        ir::Type::YesNo => ("yes or no", "예/아니요(yes/no)"),
        ir::Type::EmailAddress => ("an e-mail address", "이메일 주소"),
        ir::Type::PhoneNumber => ("a phone number", "전화번호"),
        ir::Type::Timezone => ("a time zone", "시간대"),
        ir::Type::Link => ("a link", "링크"),
        ir::Type::OneOf(choices) | ir::Type::Scale(choices) => {
            let choices = choices.join(", ");
            return Text::new(format!("one of {choices}"), format!("{choices} 중 하나"));
        }
        ir::Type::ListOf(item) => {
            let item = type_words(item);
            return Text::new(
                format!("a list of {}", item.en),
                format!("{} 목록", item.ko),
            );
        }
        ir::Type::Items(_) => ("a list of objects", "객체 목록"),
        ir::Type::Duration => ("a length of time", "기간"),
        ir::Type::Offer => ("an offer", "혜택"),
    };
    Text::new(en, ko)
}

/// What a literal is, as a noun phrase with its article.
pub(crate) fn literal_words(written: &syntax::ValueKind) -> Text {
    let (en, ko) = match written {
        syntax::ValueKind::Number(_) => ("a number", "숫자"),
        syntax::ValueKind::Percent(_) => ("a percentage", "퍼센트"),
        syntax::ValueKind::Money(_) => ("an amount of money", "금액"),
        syntax::ValueKind::Duration(_) => ("a length of time", "기간"),
        syntax::ValueKind::Date(_) => ("a date", "날짜"),
        syntax::ValueKind::Clock(_) => ("a time of day", "시각"),
        syntax::ValueKind::Moment(_) => ("a date with a time", "날짜와 시각"),
        syntax::ValueKind::Text(_) => ("text", "텍스트"),
        syntax::ValueKind::YesNo(_) => ("yes or no", "예/아니요(yes/no)"),
        syntax::ValueKind::Zone(_) => ("a time zone", "시간대"),
        syntax::ValueKind::Several(_) => ("several values", "여러 값"),
        syntax::ValueKind::Missing => ("no value", "값 없음"),
        syntax::ValueKind::Path(_) => ("a bare word", "따옴표 없는 낱말"),
    };
    Text::new(en, ko)
}

/// A span in Korean: `3일`.
pub(crate) fn korean_span(span: ir::Span) -> String {
    let unit = match span.unit {
        ir::Unit::Second => "초",
        ir::Unit::Minute => "분",
        ir::Unit::Hour => "시간",
        ir::Unit::Day => "일",
        ir::Unit::BusinessDay => "영업일",
        ir::Unit::Week => "주",
        ir::Unit::Month => "개월",
        ir::Unit::Year => "년",
    };
    format!("{}{unit}", span.n)
}
