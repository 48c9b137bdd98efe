//! Policies: caps and quiet hours.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::Lowering;
use crate::names::Kind;
use crate::problem::Location;
use crate::sources::FileId;
use crate::values;

impl Lowering<'_> {
    /// Lowers all policies.
    pub(super) fn policies(&mut self) {
        for (name, file, policy) in self.names.policies() {
            let (mut rules, mut places) = (Vec::new(), Vec::new());
            for line in &policy.lines {
                if let Some((rule, span)) = self.rule(file, line) {
                    rules.push(rule);
                    places.push(Location::new(file, span));
                } else {
                    self.gap(file, policy.span);
                }
            }
            self.written.places.policies.push(places);
            self.program.policies.push(ir::Policy {
                name: name.to_owned(),
                title: policy.title.as_ref().map(|it| it.text.clone()),
                rules,
            });
        }
    }

    /// The rule of a line, and where the line stands.
    fn rule(
        &mut self,
        file: FileId,
        line: &syntax::PolicyLine,
    ) -> Option<(ir::PolicyRule, syntax::Span)> {
        match line {
            syntax::PolicyLine::Cap(cap) => {
                let purpose = self.purpose(file, &cap.purpose);
                let per = self.wait_span(cap.per, file);
                let rule = ir::PolicyRule::Cap {
                    at_most: cap.count.value,
                    purpose: Some(purpose?),
                    per: per?,
                    then: then(cap.then.value),
                };
                Some((rule, cap.span))
            }
            syntax::PolicyLine::Quiet(quiet) => {
                let purpose = self.purpose(file, &quiet.purpose);
                let (mut except, mut unless) = (Vec::new(), Vec::new());
                for name in &quiet.except {
                    // A channel is free for everyone, a consent for those who gave it.
                    match self.consents.get(&name.text) {
                        Some(consent) if ir::Channel::from_word(&name.text).is_none() => {
                            unless.push(*consent);
                        }
                        _ => except.extend(self.channel_named(&name.text, file, name.span)),
                    }
                }
                let rule = ir::PolicyRule::Quiet {
                    purpose: Some(purpose?),
                    from: values::clock(quiet.from),
                    to: values::clock(quiet.to),
                    except,
                    unless,
                    then: then(quiet.then.value),
                };
                Some((rule, quiet.span))
            }
            syntax::PolicyLine::HoldOut(line) => {
                let purpose = self.purpose(file, &line.purpose);
                let rule = ir::PolicyRule::HoldOut {
                    share: self.weight(file, line.share),
                    purpose: Some(purpose?),
                };
                Some((rule, line.span))
            }
            syntax::PolicyLine::Unknown(_) => None,
        }
    }

    fn purpose(&mut self, file: FileId, name: &syntax::Name) -> Option<ir::Purpose> {
        let found = ir::Purpose::from_word(&name.text);
        if found.is_none() && !name.is_missing() {
            let purposes = [
                ir::Purpose::Advertising,
                ir::Purpose::Transactional,
                ir::Purpose::Survey,
            ];
            let known = purposes.map(ir::Purpose::word);
            self.unknown_in(Kind::Purpose, &name.text, "", known, file, name.span);
        }
        found
    }
}

const fn then(action: syntax::OverflowAction) -> ir::Then {
    match action {
        syntax::OverflowAction::Skip => ir::Then::Skip,
        syntax::OverflowAction::Wait => ir::Then::Wait,
    }
}
