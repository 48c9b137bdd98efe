//! Which segments and lifecycles ask for which others, and an order in which each comes after those it asks for.

use std::collections::{BTreeMap, BTreeSet};

use journey_grammar::tree as syntax;

use crate::names::{Kind, Names};

/// How many segments and lifecycles may stand on top of each other.
pub(crate) const MOST_LAYERS: usize = 64;

/// Names in an order that can be lowered, and those that cannot.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Order {
    /// Each after those it asks for.
    pub(crate) sorted: Vec<String>,
    /// Circles, each from a name to itself.
    pub(crate) circles: Vec<Vec<String>>,
    /// Those with more than [`MOST_LAYERS`] others below.
    pub(crate) too_deep: Vec<String>,
}

/// The order of all segments and lifecycles; among equals, by name.
pub(crate) fn of_memberships(names: &Names<'_>) -> Order {
    let mut asks: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, _, segment) in names.segments() {
        asks.insert(name, asked_by([&segment.condition]));
    }
    for (name, _, lifecycle) in names.lifecycles() {
        let conditions = lifecycle.lines.iter().filter_map(|line| match line {
            syntax::LifecycleLine::Stage(stage) => match &stage.test {
                syntax::StageTest::When(condition) => Some(condition),
                syntax::StageTest::Otherwise(_) => None,
            },
            syntax::LifecycleLine::Unknown(_) => None,
        });
        asks.insert(name, asked_by(conditions));
    }
    let is_membership = |name: &str| {
        names
            .get(name)
            .is_some_and(|it| matches!(it.kind, Kind::Segment | Kind::Lifecycle))
    };
    for asked in asks.values_mut() {
        asked.retain(|name| is_membership(name));
    }
    sort(&asks)
}

/// The names that conditions ask for.
fn asked_by<'c>(conditions: impl IntoIterator<Item = &'c syntax::Condition>) -> BTreeSet<String> {
    let mut asked = BTreeSet::new();
    for condition in conditions {
        collect(condition, &mut asked);
    }
    asked
}

fn collect(condition: &syntax::Condition, asked: &mut BTreeSet<String>) {
    match condition {
        syntax::Condition::Chain(chain) => {
            collect(&chain.first, asked);
            for link in &chain.rest {
                collect(&link.term, asked);
            }
        }
        syntax::Condition::Not(negation) => collect(&negation.negated, asked),
        syntax::Condition::Group(group) => collect(&group.inner, asked),
        syntax::Condition::Member(member) => {
            asked.insert(member.segment.to_string());
        }
        syntax::Condition::Compare(compare) => {
            if let syntax::Operand::Path(path) = &compare.operand {
                asked.insert(path.to_string());
            }
        }
        // Inside `where ( … )` only fields can be asked for.
        syntax::Condition::Agreed(_)
        | syntax::Condition::Sample(_)
        | syntax::Condition::Items(_)
        | syntax::Condition::Rank(_)
        | syntax::Condition::Behavior(_)
        | syntax::Condition::Unknown(_) => {}
    }
}

/// Layer by layer: first those that ask for nothing, then those that ask only for these, and so on.
fn sort(asks: &BTreeMap<&str, BTreeSet<String>>) -> Order {
    let mut order = Order::default();
    let mut done: BTreeSet<&str> = BTreeSet::new();
    for layer in 0.. {
        let ready: Vec<&str> = asks
            .iter()
            .filter(|(name, asked)| {
                !done.contains(*name) && asked.iter().all(|it| done.contains(it.as_str()))
            })
            .map(|(name, _)| *name)
            .collect();
        if ready.is_empty() {
            break;
        }
        let names = ready.iter().map(|&name| name.to_owned());
        if layer < MOST_LAYERS {
            order.sorted.extend(names);
        } else {
            order.too_deep.extend(names);
        }
        done.extend(ready);
    }
    order.circles = circles(asks, &done);
    order
}

/// The circles among the names that are left over. Each is told once, from its first name.
fn circles(asks: &BTreeMap<&str, BTreeSet<String>>, done: &BTreeSet<&str>) -> Vec<Vec<String>> {
    let mut circles: Vec<Vec<String>> = Vec::new();
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    for &start in asks.keys().filter(|name| !done.contains(*name)) {
        let mut path: Vec<&str> = Vec::new();
        let mut at = start;
        // What is left over always asks for something that is left over, so this walk ends in a circle.
        while !path.contains(&at) && !seen.contains(at) {
            path.push(at);
            let next = asks
                .get(at)
                .and_then(|asked| asked.iter().find(|it| !done.contains(it.as_str())));
            match next {
                Some(next) => at = next,
                None => break,
            }
        }
        if let Some(from) = path.iter().position(|&it| it == at)
            && !seen.contains(at)
        {
            let circle = path.iter().skip(from).map(|&it| it.to_owned());
            circles.push(circle.collect());
        }
        seen.extend(path);
    }
    circles
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(asks: &[(&'static str, &[&str])]) -> Order {
        let asks = asks
            .iter()
            .map(|(name, asked)| (*name, asked.iter().map(|&it| it.to_owned()).collect()))
            .collect();
        sort(&asks)
    }

    #[test]
    fn each_comes_after_those_it_asks_for() {
        let order = order(&[("a", &["c"]), ("b", &[]), ("c", &["b"])]);
        assert_eq!(order.sorted, ["b", "c", "a"]);
        assert!(order.circles.is_empty());
    }

    #[test]
    fn a_circle_is_told_once_and_without_those_that_only_lead_to_it() {
        let order = order(&[
            ("a", &["b"]),
            ("b", &["c"]),
            ("c", &["b"]),
            ("d", &["d"]),
            ("e", &[]),
        ]);
        assert_eq!(order.sorted, ["e"]);
        assert_eq!(order.circles, [vec!["b", "c"], vec!["d"]]);
    }
}
