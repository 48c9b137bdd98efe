//! Offers.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::Lowering;
use crate::codes;
use crate::problem::{Location, Problem, Text};
use crate::sources::FileId;
use crate::values::{self, ValueError};

/// What can be wrong with an offer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OfferError {
    /// `wait until welcome10.expires`, and `welcome10` is valid for ever.
    NeverExpires { name: String },
    /// `offer nothing { }`.
    GivesNothing { name: String },
    /// `up to 0 in total`, or a budget that is smaller than one of it.
    NoneAtAll,
    /// `up to 1,000만원 in total`, and nobody knows what one of it costs.
    NoCost { name: String },
    /// `at most 5,000원 off`, and the discount is no percentage.
    MostOfNoShare,
}

impl OfferError {
    /// An offer that never expires is asked when it does.
    pub(crate) fn never_expires(name: &str) -> Self {
        Self::NeverExpires {
            name: name.to_owned(),
        }
    }

    /// The problem at a place.
    pub(crate) fn at(self, at: Location) -> Problem {
        match self {
            Self::NeverExpires { name } => Problem::new(
                codes::NEVER_EXPIRES,
                at,
                Text::new(
                    format!("the offer `{name}` never expires"),
                    format!("혜택 `{name}`에는 만료일이 없습니다"),
                ),
            )
            .help(Text::new(
                format!("say how long it is valid: `offer {name} {{ … valid 14 days }}`"),
                format!("유효 기간을 적으세요: `offer {name} {{ … valid 14 days }}`"),
            )),
            Self::GivesNothing { name } => Problem::new(
                codes::MISSING_PART,
                at,
                Text::new(
                    format!("the offer `{name}` gives nothing"),
                    format!("혜택 `{name}`에 내용이 없습니다"),
                ),
            )
            .help(Text::new(
                "add `10% off`, `5,000원 off`, `free shipping`, `1,000 points` or `1 draw entry`",
                "`10% off`, `5,000원 off`, `free shipping`, `1,000 points`, `1 draw entry` 중 하나를 적으세요",
            )),
            Self::NoneAtAll => Problem::new(
                codes::OUT_OF_RANGE,
                at,
                Text::new("nobody can get this offer", "이 혜택은 아무도 받을 수 없습니다"),
            )
            .help(Text::new(
                "leave room for at least one of it, or take the line away",
                "적어도 하나는 발급할 수 있게 쓰거나 이 줄을 빼세요",
            )),
            Self::NoCost { name } => Problem::new(
                codes::MISSING_PART,
                at,
                Text::new(
                    format!("it is not said what one `{name}` counts in this budget"),
                    format!("`{name}` 하나가 예산에서 얼마로 계산되는지 적혀 있지 않습니다"),
                ),
            )
            .help(Text::new(
                "add `worth 3,000원`, or `at most 5,000원 off` beside a percentage; or limit the number: `up to 5,000 in total`",
                "`worth 3,000원`을, 정률 할인이면 `at most 5,000원 off`를 더하세요. 개수로 제한하려면 `up to 5,000 in total`로 쓰세요",
            )),
            Self::MostOfNoShare => Problem::new(
                codes::MISSING_PART,
                at,
                Text::new(
                    "`at most … off` bounds a percentage, and there is none here",
                    "`at most … off`는 정률 할인의 상한인데, 여기에는 할인율이 없습니다",
                ),
            )
            .help(Text::new("add `10% off`, or take the line away", "`10% off`를 더하거나 이 줄을 빼세요")),
        }
    }
}

impl Lowering<'_> {
    /// Lowers all offers.
    pub(super) fn offers(&mut self) {
        for (name, file, offer) in self.names.offers() {
            let lowered = self.offer(name, file, offer);
            let at = ir::OfferIx(self.program.offers.len() as u32);
            self.offers.insert(name.to_owned(), at);
            self.program.offers.push(lowered);
        }
    }

    fn offer(&mut self, name: &str, file: FileId, offer: &syntax::Offer) -> ir::Offer {
        let mut lowered = ir::Offer {
            name: name.to_owned(),
            title: offer.title.as_ref().map(|it| it.text.clone()),
            benefit: None,
            valid: None,
            once_per_contact: false,
            minimum: None,
            most_off: None,
            worth: None,
            stock: None,
            budget: None,
        };
        let mut limits: Vec<syntax::Span> = Vec::new();
        let mut most_off: Option<syntax::Span> = None;
        let mut first: Option<syntax::Span> = None;
        let mut unknown = false;
        for line in &offer.lines {
            match line {
                syntax::OfferLine::PercentOff(percent) => {
                    self.one_benefit(file, percent.span, &mut first);
                    lowered.benefit = self.percent(*percent, file);
                }
                syntax::OfferLine::MoneyOff(money) => {
                    self.one_benefit(file, money.span, &mut first);
                    let amount = self.amount_of_money(money, file);
                    lowered.benefit = amount.map(ir::Benefit::Amount);
                }
                syntax::OfferLine::FreeShipping(span) => {
                    self.one_benefit(file, *span, &mut first);
                    lowered.benefit = Some(ir::Benefit::FreeShipping);
                }
                syntax::OfferLine::Valid(duration) => {
                    lowered.valid = self.wait_span(*duration, file);
                }
                syntax::OfferLine::OncePerContact(_) => lowered.once_per_contact = true,
                syntax::OfferLine::Minimum(money) => {
                    lowered.minimum = self.amount_of_money(money, file);
                }
                syntax::OfferLine::Points(points) => {
                    self.one_benefit(file, points.span, &mut first);
                    lowered.benefit = self.some_of(*points, file).map(ir::Benefit::Points);
                }
                syntax::OfferLine::DrawEntries(entries) => {
                    self.one_benefit(file, entries.span, &mut first);
                    lowered.benefit = self.some_of(*entries, file).map(ir::Benefit::DrawEntries);
                }
                syntax::OfferLine::MostOff(money) => {
                    most_off = Some(money.span);
                    lowered.most_off = self.amount_of_money(money, file);
                }
                syntax::OfferLine::Worth(money) => {
                    lowered.worth = self.amount_of_money(money, file);
                }
                syntax::OfferLine::Stock(stock) => {
                    lowered.stock = self.some_of(*stock, file);
                }
                syntax::OfferLine::Budget(money) => {
                    limits.push(money.span);
                    lowered.budget = self.amount_of_money(money, file);
                }
                syntax::OfferLine::Unknown(_) => unknown = true,
            }
        }
        if let (Some(span), false) = (most_off, unknown)
            && !matches!(lowered.benefit, Some(ir::Benefit::Percent(_)))
        {
            let at = Location::new(file, span);
            self.problems.push(OfferError::MostOfNoShare.at(at));
        }
        if let (Some(&span), false) = (limits.first(), unknown) {
            self.check_budget(&lowered, Location::new(file, span));
        }
        if unknown {
            self.incomplete.insert(name.to_owned());
        }
        if first.is_none() && !unknown {
            let at = Location::new(file, offer.name.span);
            let name = name.to_owned();
            self.problems.push(OfferError::GivesNothing { name }.at(at));
        }
        lowered
    }

    /// A number of something, of which there is at least one.
    fn some_of(&mut self, number: syntax::Spanned<u32>, file: FileId) -> Option<u32> {
        if number.value == 0 {
            let at = Location::new(file, number.span);
            self.problems.push(OfferError::NoneAtAll.at(at));
            return None;
        }
        Some(number.value)
    }

    /// A budget is of use where it is known what one of the offer takes from it, and it has room for one.
    fn check_budget(&mut self, offer: &ir::Offer, at: Location) {
        let Some(budget) = offer.budget else { return };
        let problem = match offer.cost() {
            None => OfferError::NoCost {
                name: offer.name.clone(),
            }
            .at(at),
            Some(cost) if cost.currency != budget.currency => ValueError::Currency {
                expected: cost.currency,
                found: budget.currency,
            }
            .at(at),
            Some(cost) if cost.minor > budget.minor => OfferError::NoneAtAll.at(at),
            Some(_) => return,
        };
        self.problems.push(problem);
    }

    fn one_benefit(&mut self, file: FileId, span: syntax::Span, first: &mut Option<syntax::Span>) {
        if let Some(first) = *first {
            self.repeated(file, span, first, "off");
        } else {
            *first = Some(span);
        }
    }

    fn percent(&mut self, percent: syntax::Decimal, file: FileId) -> Option<ir::Benefit> {
        let share = self.or_report(values::decimal(percent), percent.span, file)?;
        let all = 100 * ir::Decimal::ONE;
        if share.0 <= 0 || share.0 > all {
            let at = Location::new(file, percent.span);
            self.problems.push(
                Problem::new(
                    codes::OUT_OF_RANGE,
                    at,
                    Text::new(
                        "a discount is more than 0% and at most 100%",
                        "할인율은 0%보다 크고 100% 이하여야 합니다",
                    ),
                )
                .help(Text::new("write another share", "다른 비율을 쓰세요")),
            );
            return None;
        }
        Some(ir::Benefit::Percent(share))
    }

    fn amount_of_money(&mut self, money: &syntax::Money, file: FileId) -> Option<ir::Money> {
        let amount: Result<ir::Money, ValueError> = self.literals().money(money);
        self.or_report(amount, money.span, file)
    }
}
