//! `top 10% by total of purchase.total`: a ranking of all people, in an audience that says when it is worked out.

use journey_grammar::tree as syntax;
use journey_ir as ir;
use journey_ir::ConditionIx;

use super::Lowering;
use super::scope::Scope;
use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::values::type_words;

/// The audience that is being lowered, as far as rankings in it are concerned.
#[derive(Debug)]
pub(super) struct Ranked {
    /// Its name.
    pub(super) audience: String,
    /// When its rankings are worked out, where it says so.
    pub(super) at: Option<ir::Clock>,
    /// How many rankings have been found in it.
    pub(super) found: usize,
}

/// What can be wrong with a ranking.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RankingError {
    /// `top 10% by …` in a segment.
    Elsewhere,
    /// `ranked daily at 04:00` where nothing is ranked.
    Nothing,
    /// `top 10% by name`.
    NotRankable { name: String, kind: Text },
    /// `top 10% by total of x.amount`, where the amounts are of any currency.
    AnyCurrency { name: String },
}

impl RankingError {
    /// The problem at a place.
    pub(crate) fn at(self, at: Location) -> Problem {
        match self {
            Self::Elsewhere => Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    "people are ranked in an audience only",
                    "사람의 순위는 광고 대상(`audience`)에서만 매깁니다",
                ),
            )
            .label(Text::new("depends on everybody else", "다른 모든 사람에 따라 달라짐"))
            .help(Text::new(
                "ask for an amount here: `total of purchase.total in the last 365 calendar days at least 100만원`",
                "여기서는 금액으로 물으세요: `total of purchase.total in the last 365 calendar days at least 100만원`",
            )),
            Self::Nothing => Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    "nothing is ranked in this audience",
                    "이 광고 대상에는 순위를 매기는 조건이 없습니다",
                ),
            )
            .help(Text::new(
                "take this line out, or ask for `top 10% by …` among its people",
                "이 줄을 빼거나 사람 조건에 `top 10% by …`를 쓰세요",
            )),
            Self::NotRankable { name, kind } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("`{name}` holds {}, and people are ranked by numbers or money", kind.en),
                    format!("`{name}`의 값은 {}입니다. 순위는 수나 금액으로 매깁니다", kind.ko),
                ),
            )
            .label(Text::new("cannot be ranked by", "순위를 매길 수 없음"))
            .help(Text::new(
                "rank by a score, by a number or an amount of money, or by `total of …`",
                "점수, 수, 금액, `total of …` 중 하나로 매기세요",
            )),
            Self::AnyCurrency { name } => Problem::new(
                codes::WRONG_TYPE,
                at,
                Text::new(
                    format!("`{name}` may be in any currency, and those cannot be ranked together"),
                    format!("`{name}`의 통화가 정해지지 않아 함께 순위를 매길 수 없습니다"),
                ),
            )
            .help(Text::new(
                "declare it in one currency: `money in KRW`",
                "한 통화로 선언하세요: `money in KRW`",
            )),
        }
    }
}

impl Lowering<'_> {
    /// Whether the contact is among the top of a ranking.
    pub(super) fn rank(&mut self, rank: &syntax::Rank, scope: Scope) -> Option<ConditionIx> {
        let share = self.share_of_people(rank.share, scope);
        let by = self.ranked_by(&rank.by, scope);
        let Some(ranked) = &mut self.ranked else {
            let at = Location::new(scope.file, rank.span);
            self.problems.push(RankingError::Elsewhere.at(at));
            return None;
        };
        ranked.found += 1;
        let name = match ranked.found {
            1 => ranked.audience.clone(),
            n => format!("{}.{n}", ranked.audience),
        };
        // Where the audience does not say when, that is told of the audience.
        let (share, by, at) = (share?, by?, ranked.at?);
        let rankings = &mut self.program.rankings;
        rankings.push(ir::Ranking {
            name,
            by,
            share,
            at,
        });
        let at = ir::RankingIx(rankings.len() as u32 - 1);
        Some(self.tables.is(ir::Atom::Ranked(at)))
    }

    fn ranked_by(&mut self, by: &syntax::Operand, scope: Scope) -> Option<ir::RankedBy> {
        let (by, kind, name) = match by {
            syntax::Operand::Aggregate(aggregate) => {
                let (by, kind) = self.ranked_amount(aggregate, scope)?;
                (by, kind, &aggregate.of)
            }
            syntax::Operand::Path(path) => {
                let read = self.readable(path, scope)?;
                (ir::RankedBy::Value(read.source), read.kind, path)
            }
            syntax::Operand::ItemCount(_)
            | syntax::Operand::Favourite(_)
            | syntax::Operand::Last(_) => return None,
        };
        let at = Location::new(scope.file, name.span);
        let name = name.to_string();
        match kind {
            ir::Type::Number
            | ir::Type::WholeNumber
            | ir::Type::YearsSince(_)
            | ir::Type::Money(Some(_)) => Some(by),
            ir::Type::Money(None) => {
                self.problems
                    .push(RankingError::AnyCurrency { name }.at(at));
                None
            }
            kind => {
                let kind = type_words(&kind);
                self.problems
                    .push(RankingError::NotRankable { name, kind }.at(at));
                None
            }
        }
    }
}
