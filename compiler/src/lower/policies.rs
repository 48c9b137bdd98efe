//! Policies: caps and quiet hours.

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::Lowering;
use crate::names::Kind;
use crate::sources::FileId;
use crate::values;

impl Lowering<'_> {
    /// Lowers all policies.
    pub(super) fn policies(&mut self) {
        for (name, file, policy) in self.names.policies() {
            let rules = policy
                .lines
                .iter()
                .filter_map(|line| {
                    let rule = self.rule(file, line);
                    if rule.is_none() {
                        self.gap(file, policy.span);
                    }
                    rule
                })
                .collect();
            self.program.policies.push(ir::Policy {
                name: name.to_owned(),
                title: policy.title.as_ref().map(|it| it.text.clone()),
                rules,
            });
        }
    }

    fn rule(&mut self, file: FileId, line: &syntax::PolicyLine) -> Option<ir::PolicyRule> {
        match line {
            syntax::PolicyLine::Cap(cap) => {
                let purpose = self.purpose(file, &cap.purpose);
                let per = self.span(cap.per, file);
                Some(ir::PolicyRule::Cap {
                    at_most: cap.count.value,
                    purpose: Some(purpose?),
                    per: per?,
                    then: then(cap.then.value),
                })
            }
            syntax::PolicyLine::Quiet(quiet) => {
                let purpose = self.purpose(file, &quiet.purpose);
                let mut except = Vec::new();
                for name in &quiet.except {
                    except.extend(self.channel_named(&name.text, file, name.span));
                }
                Some(ir::PolicyRule::Quiet {
                    purpose: Some(purpose?),
                    from: values::clock(quiet.from),
                    to: values::clock(quiet.to),
                    except,
                    then: then(quiet.then.value),
                })
            }
            syntax::PolicyLine::HoldOut(line) => {
                let purpose = self.purpose(file, &line.purpose);
                Some(ir::PolicyRule::HoldOut {
                    share: self.weight(file, line.share),
                    purpose: Some(purpose?),
                })
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
