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
                "add `10% off`, `5,000원 off` or `free shipping`",
                "`10% off`, `5,000원 off`, `free shipping` 중 하나를 적으세요",
            )),
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
        };
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
                syntax::OfferLine::Valid(duration) => lowered.valid = self.span(*duration, file),
                syntax::OfferLine::OncePerContact(_) => lowered.once_per_contact = true,
                syntax::OfferLine::Minimum(money) => {
                    lowered.minimum = self.amount_of_money(money, file);
                }
                syntax::OfferLine::Unknown(_) => unknown = true,
            }
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
