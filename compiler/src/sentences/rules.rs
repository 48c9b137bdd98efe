//! Policies, offers and consents in sentences.

use journey_ir as ir;
use journey_ir::policy::{PolicyRule, Then};

use super::values::{grouped, percent};
use super::{Teller, say};

impl Teller<'_> {
    /// One rule of a policy.
    pub(crate) fn rule(&self, rule: &PolicyRule) -> String {
        match rule {
            PolicyRule::Cap {
                at_most,
                purpose,
                per,
                then,
            } => {
                let what = match (self.is_korean(), at_most) {
                    (false, 1) => self.what(*purpose).trim_end_matches('s').to_owned(),
                    _ => self.what(*purpose),
                };
                let per = self.span(*per);
                let then = self.then(*then);
                say!(
                    self,
                    "At most {at_most} {what} per person in {per}; {then}.",
                    "한 사람에게 {per} 동안 {what} 최대 {at_most}통. {then}."
                )
            }
            PolicyRule::HoldOut { share, purpose } => {
                let (share, what) = (percent(*share), self.what(*purpose));
                say!(
                    self,
                    "{share} of people, always the same, get no {what}: to see what they change.",
                    "사람들의 {share}(늘 같은 사람)에게는 {what} 보내지 않음. 효과를 비교하기 위해서입니다."
                )
            }
            PolicyRule::Quiet {
                purpose,
                from,
                to,
                except,
                unless,
                then,
            } => {
                let what = self.what(*purpose);
                let then = self.then(*then);
                let open = except.iter().map(|it| self.channel(*it).to_owned());
                let agreed = unless.iter().map(|it| {
                    let consent = self.consent(*it);
                    say!(self, "consent to “{consent}”", "“{consent}” 동의한 사람")
                });
                let except: Vec<String> = open.chain(agreed).collect();
                let except = if except.is_empty() {
                    String::new()
                } else {
                    let list = self.list(&except, true);
                    say!(self, " (except: {list})", "({list} 제외)")
                };
                say!(
                    self,
                    "No {what} from {from} to {to}{except}; {then}.",
                    "{from}부터 {to}까지는 {what}{except} 보내지 않음. {then}."
                )
            }
        }
    }

    fn what(&self, purpose: Option<ir::Purpose>) -> String {
        match purpose {
            None => self.word("messages", "메시지").to_owned(),
            Some(purpose) => {
                let purpose = self.purpose(purpose);
                say!(self, "{purpose} messages", "{purpose} 메시지")
            }
        }
    }

    pub(super) fn then(&self, then: Then) -> &'static str {
        match (then, self.is_korean()) {
            (Then::Skip, false) => "one more is skipped",
            (Then::Skip, true) => "넘는 메시지는 보내지 않고 다음으로 갑니다",
            (Then::Wait, false) => "one more waits until it is allowed",
            (Then::Wait, true) => "그런 메시지는 보낼 수 있는 때까지 기다립니다",
        }
    }

    /// What an offer gives, one line each.
    pub(crate) fn offer_lines(&self, offer: &ir::Offer) -> Vec<String> {
        let mut lines = Vec::new();
        lines.extend(offer.benefit.as_ref().map(|it| self.benefit(it)));
        lines.extend(offer.most_off.map(|most| {
            let most = self.money(most);
            say!(self, "At most {most} off.", "최대 {most} 할인.")
        }));
        lines.push(match offer.valid {
            Some(span) => {
                let span = self.span(span);
                say!(
                    self,
                    "Valid for {span} from its issue.",
                    "발급한 때부터 {span} 동안 쓸 수 있습니다."
                )
            }
            None => say!(self, "It does not expire.", "만료되지 않습니다."),
        });
        if offer.once_per_contact {
            lines.push(say!(
                self,
                "Once per person; a later message carries the one already issued.",
                "한 사람에게 한 번만 발급하며, 뒤의 메시지는 이미 발급한 것을 다시 알립니다."
            ));
        }
        if let Some(minimum) = offer.minimum {
            let minimum = self.money(minimum);
            lines.push(say!(
                self,
                "For orders of at least {minimum}.",
                "{minimum} 이상 주문에 쓸 수 있습니다."
            ));
        }
        lines.extend(self.offer_limit(offer));
        lines
    }

    /// How much of an offer there is in all, where that is limited.
    fn offer_limit(&self, offer: &ir::Offer) -> Option<String> {
        let number = offer.stock.map(|it| grouped(u64::from(it)));
        let budget = offer.budget.map(|it| self.money(it));
        let cost = offer.cost().map(|it| self.money(it)).unwrap_or_default();
        Some(match (number, budget) {
            (None, None) => return None,
            (Some(number), None) => say!(
                self,
                "At most {number} are issued in all; a message that carries it is left out then.",
                "모두 합해 {number}개까지 발급하며, 소진되면 이 혜택을 담은 메시지는 보내지 않습니다."
            ),
            (None, Some(budget)) => say!(
                self,
                "At most {budget} in all, each counting {cost}; a message that carries it is left out then.",
                "예산은 모두 합해 {budget}(하나에 {cost})이며, 소진되면 이 혜택을 담은 메시지는 보내지 않습니다."
            ),
            (Some(number), Some(budget)) => say!(
                self,
                "At most {number} and at most {budget} in all, each counting {cost}; a message that carries it is left out then.",
                "모두 합해 {number}개, 예산 {budget}(하나에 {cost})까지 발급하며, 소진되면 이 혜택을 담은 메시지는 보내지 않습니다."
            ),
        })
    }

    /// An offer as an argument of a message: its title is what people read, its worth what they get.
    pub(super) fn offer_in_short(&self, offer: &ir::Offer) -> String {
        let title = offer.title.as_deref().unwrap_or(&offer.name);
        let benefit = offer.benefit.as_ref().map(|it| self.benefit(it));
        let valid = offer.valid.map(|it| self.span(it));
        let worth: Vec<String> = benefit
            .map(|it| it.trim_end_matches('.').to_owned())
            .into_iter()
            .chain(valid)
            .collect();
        if worth.is_empty() {
            title.to_owned()
        } else {
            format!("{title} [{}]", worth.join(", "))
        }
    }

    fn benefit(&self, benefit: &ir::Benefit) -> String {
        match benefit {
            ir::Benefit::Percent(share) => say!(self, "{share}% off.", "{share}% 할인."),
            ir::Benefit::Amount(money) => {
                let money = self.money(*money);
                say!(self, "{money} off.", "{money} 할인.")
            }
            ir::Benefit::FreeShipping => say!(self, "Free shipping.", "무료 배송."),
            ir::Benefit::Points(points) => {
                let number = grouped(u64::from(*points));
                say!(self, "{number} points.", "{number}포인트.")
            }
            ir::Benefit::DrawEntries(1) => say!(self, "One entry in a draw.", "추첨 응모 1회."),
            ir::Benefit::DrawEntries(entries) => {
                let number = grouped(u64::from(*entries));
                say!(self, "{number} entries in a draw.", "추첨 응모 {number}회.")
            }
        }
    }

    /// What a consent covers, one line each.
    pub(crate) fn consent_lines(&self, consent: &ir::Consent) -> Vec<String> {
        let channels = consent.channels.iter().map(|it| self.channel(*it));
        let covered: Vec<&str> = channels
            .chain(consent.others.iter().map(String::as_str))
            .collect();
        let covered = self.list(&covered, true);
        let mut lines = vec![say!(
            self,
            "Given and withdrawn for each of: {covered}.",
            "채널마다 따로 동의하고 철회합니다: {covered}."
        )];
        if let Some(span) = consent.ask_again {
            let span = self.span(span);
            lines.push(say!(
                self,
                "Asked again every {span}.",
                "{span}마다 다시 확인합니다."
            ));
        }
        lines
    }
}
