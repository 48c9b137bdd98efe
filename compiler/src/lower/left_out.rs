//! What the language leaves out on purpose: it could not be answered exactly, or would say nothing. Each is said at its
//! place, with what to write instead.

use crate::problem::{Location, Problem, Text};
use crate::values;

/// Something that is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LeftOut {
    /// `total of purchase.total in the last 2 usual intervals`.
    AmountsByRhythm,
    /// `did a then b within 1 day in the last 2 usual intervals`.
    ChainsByRhythm,
    /// `any item where (any item where (…))`.
    ListInList,
}

impl LeftOut {
    /// The problem at a place.
    pub(crate) fn at(self, at: Location) -> Problem {
        let (what, help) = match self {
            Self::AmountsByRhythm => (
                Text::new(
                    "amounts are not measured over usual intervals: such a window stretches with the person's rhythm, so everything would have to be kept for ever",
                    "평소 간격(`usual intervals`) 동안의 금액이나 서로 다른 값은 재지 않습니다. 그 기간은 고객의 간격에 따라 끝없이 늘어날 수 있어, 모든 기록을 영원히 보관해야 하기 때문입니다",
                ),
                Text::new(
                    "count instead: `did … at least 2 times in the last 2 usual intervals`; or write a plain window: `in the last 30 days`",
                    "횟수를 세거나(`did … at least 2 times in the last 2 usual intervals`) 일반 기간을 쓰세요: `in the last 30 days`",
                ),
            ),
            Self::ChainsByRhythm => (
                Text::new(
                    "events that follow each other have no usual interval: it is the time between two events of one kind",
                    "이어지는 이벤트에는 평소 간격이 없습니다. 평소 간격은 같은 이벤트 사이의 시간입니다",
                ),
                Text::new(
                    "write a plain window: `in the last 30 days`",
                    "일반 기간을 쓰세요: `in the last 30 days`",
                ),
            ),
            Self::ListInList => (
                Text::new(
                    "the objects of a list hold no lists of objects, so nothing can be asked of a list in here",
                    "목록의 항목 안에는 다른 목록이 없으므로, 여기에서 목록을 물을 수 없습니다",
                ),
                Text::new(
                    "join the two conditions with `and` outside of the parentheses",
                    "두 조건을 괄호 밖에서 `and`로 이으세요",
                ),
            ),
        };
        values::left_out(at, what, help)
    }
}
