//! Conditions, behaviour phrases, event patterns and triggers.

use pest::iterators::Pair;

use super::{Reader, child, has};
use crate::parse::Rule;
use crate::problem::{Edit, ProblemKind};
use crate::repair::MAX_DEPTH;
use crate::tree::{
    Aggregate, AggregateKind, Agreed, Behavior, Chain, ChangeEnd, Compare, Comparison,
    ComparisonKind, Condition, Connective, Count, CountBound, Duration, EventPattern, Following,
    Group, ItemCount, Items, Link, Member, Negation, Operand, Pattern, Polarity, Quantifier, Rank,
    Recalled, Sample, Spanned, Trigger, Window,
};

impl<'a> Reader<'a> {
    /// Reads the condition below a pair; unknown when there is none.
    pub(crate) fn condition_in(&mut self, pair: &Pair<'a, Rule>) -> Condition {
        match child(pair, Rule::condition) {
            Some(condition) => self.condition(&condition),
            None => Condition::Unknown(self.span(pair)),
        }
    }

    pub(crate) fn condition(&mut self, pair: &Pair<'a, Rule>) -> Condition {
        let mut first = None;
        let mut rest: Vec<Link> = Vec::new();
        let mut connective = None;
        for part in pair.clone().into_inner() {
            if part.as_rule() == Rule::connective {
                connective = Some(self.connective(&part));
                continue;
            }
            let term = self.term(&part);
            match connective.take() {
                Some(connective) => rest.push(Link { connective, term }),
                None => first = Some(term),
            }
        }
        let first = first.unwrap_or_else(|| Condition::Unknown(self.span(pair)));
        if rest.is_empty() {
            return first;
        }
        Condition::Chain(Chain {
            first: Box::new(first),
            rest,
            span: self.span(pair),
        })
    }

    fn connective(&mut self, pair: &Pair<'a, Rule>) -> Spanned<Connective> {
        let span = self.span(pair);
        let mut value = Connective::And;
        for word in pair.clone().into_inner() {
            match word.as_rule() {
                Rule::kw_or => value = Connective::Or,
                Rule::mistaken_and => self.written_differently(&word, "and"),
                Rule::mistaken_or => {
                    value = Connective::Or;
                    self.written_differently(&word, "or");
                }
                _ => {}
            }
        }
        Spanned::new(value, span)
    }

    fn term(&mut self, pair: &Pair<'a, Rule>) -> Condition {
        let span = self.span(pair);
        match pair.as_rule() {
            Rule::negation => self.negation(pair),
            Rule::group => Condition::Group(Group {
                inner: Box::new(self.condition_in(pair)),
                for_at_least: self.for_at_least_in(pair),
                span,
            }),
            Rule::agreed => Condition::Agreed(self.agreed(pair)),
            Rule::behavior => Condition::Behavior(Box::new(self.behavior(pair))),
            Rule::member => Condition::Member(Member {
                segment: self.path_in(pair),
                for_at_least: self.for_at_least_in(pair),
                span,
            }),
            Rule::sample => Condition::Sample(self.sample(pair)),
            Rule::items => Condition::Items(self.items(pair)),
            Rule::rank => Condition::Rank(Box::new(self.rank(pair))),
            Rule::compare => Condition::Compare(Box::new(self.compare(pair))),
            _ => Condition::Unknown(span),
        }
    }

    fn for_at_least_in(&mut self, pair: &Pair<'a, Rule>) -> Option<Duration> {
        child(pair, Rule::for_at_least).map(|part| self.duration_in(&part))
    }

    fn sample(&mut self, pair: &Pair<'a, Rule>) -> Sample {
        let share = child(pair, Rule::percent);
        let name = child(pair, Rule::string).map(|name| self.text(&name));
        Sample {
            share: self.number_in(share.as_ref().unwrap_or(pair)),
            name,
            span: self.span(pair),
        }
    }

    fn items(&mut self, pair: &Pair<'a, Rule>) -> Items {
        let span = self.span(pair);
        let word = pair.clone().into_inner().next();
        let quantifier = match word.as_ref().map(Pair::as_rule) {
            Some(Rule::kw_every) => Quantifier::Every,
            Some(Rule::kw_no) => Quantifier::No,
            _ => Quantifier::Any,
        };
        Items {
            quantifier: Spanned::new(quantifier, self.span(word.as_ref().unwrap_or(pair))),
            element: self.path_in(pair),
            filter: Box::new(self.where_in(pair).unwrap_or(Condition::Unknown(span))),
            span,
        }
    }

    fn rank(&mut self, pair: &Pair<'a, Rule>) -> Rank {
        let share = child(pair, Rule::percent);
        Rank {
            share: self.number_in(share.as_ref().unwrap_or(pair)),
            by: self.operand_in(pair),
            span: self.span(pair),
        }
    }

    /// Reads `not not … term` from the inside out; more than the nesting limit of them is no condition.
    fn negation(&mut self, pair: &Pair<'a, Rule>) -> Condition {
        let span = self.span(pair);
        let mut starts = Vec::new();
        let mut negated = Condition::Unknown(span);
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::kw_not => starts.push(self.span(&part)),
                Rule::mistaken_not => {
                    starts.push(self.span(&part));
                    self.written_differently(&part, "not ");
                }
                _ => negated = self.term(&part),
            }
        }
        if let Some(&too_many) = starts.get(MAX_DEPTH) {
            self.problem(ProblemKind::TooDeep { limit: MAX_DEPTH }, too_many, None);
            return Condition::Unknown(span);
        }
        for start in starts.into_iter().rev() {
            let span = start.to(negated.span());
            negated = Condition::Not(Negation {
                negated: Box::new(negated),
                span,
            });
        }
        negated
    }

    pub(crate) fn agreed(&mut self, pair: &Pair<'a, Rule>) -> Agreed {
        let paths: Vec<_> = pair
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::path)
            .collect();
        let mut paths = paths.iter().map(|path| self.path(path));
        let consent = paths.next();
        let channel = paths.next();
        let consent = consent.unwrap_or_else(|| self.path_in(pair));
        Agreed {
            consent,
            channel,
            span: self.span(pair),
        }
    }

    fn behavior(&mut self, pair: &Pair<'a, Rule>) -> Behavior {
        let span = self.span(pair);
        let mut polarity = Spanned::new(Polarity::Did, span);
        let mut pattern = None;
        let mut count = None;
        let mut window = None;
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::polarity => polarity = self.polarity(&part),
                Rule::pattern => pattern = Some(self.pattern(&part)),
                Rule::count => count = Some(self.count(&part)),
                Rule::window => window = self.window(&part),
                Rule::mistaken_window => window = Some(self.mistaken_window(&part)),
                _ => {}
            }
        }
        let pattern = pattern.unwrap_or_else(|| self.pattern(pair));
        Behavior {
            polarity,
            pattern,
            count,
            window,
            span,
        }
    }

    fn polarity(&self, pair: &Pair<'a, Rule>) -> Spanned<Polarity> {
        let polarity = if has(pair, Rule::kw_never) {
            Polarity::NeverDid
        } else if has(pair, Rule::kw_not) {
            Polarity::DidNot
        } else {
            Polarity::Did
        };
        Spanned::new(polarity, self.span(pair))
    }

    fn pattern(&mut self, pair: &Pair<'a, Rule>) -> Pattern {
        let first = self.event_in(pair);
        let following: Vec<_> = pair
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::following)
            .collect();
        let then = following.iter().map(|part| self.following(part)).collect();
        Pattern {
            first,
            then,
            span: self.span(pair),
        }
    }

    fn following(&mut self, pair: &Pair<'a, Rule>) -> Following {
        Following {
            absent: has(pair, Rule::kw_not),
            event: self.event_in(pair),
            within: self.duration_in(pair),
            same: child(pair, Rule::same).map(|same| self.path_in(&same)),
            span: self.span(pair),
        }
    }

    /// Reads the event pattern below a pair.
    pub(crate) fn event_in(&mut self, pair: &Pair<'a, Rule>) -> EventPattern {
        match child(pair, Rule::event_pattern) {
            Some(event) => self.event_pattern(&event),
            None => self.event_pattern(pair),
        }
    }

    pub(crate) fn event_pattern(&mut self, pair: &Pair<'a, Rule>) -> EventPattern {
        let event = self.path_in(pair);
        let filter = self.where_in(pair);
        EventPattern {
            event,
            filter,
            span: self.span(pair),
        }
    }

    /// Reads `where ( … )` below a pair; parentheses that are missing are reported.
    pub(crate) fn where_in(&mut self, pair: &Pair<'a, Rule>) -> Option<Condition> {
        if let Some(clause) = child(pair, Rule::where_clause) {
            return Some(self.condition_in(&clause));
        }
        let clause = child(pair, Rule::mistaken_where)?;
        let condition = self.condition_in(&clause);
        let written = condition.span().of(self.original);
        let fix = Edit {
            span: condition.span(),
            replacement: format!("({written})"),
        };
        self.problem_with(ProblemKind::MissingParentheses, condition.span(), fix);
        Some(condition)
    }

    pub(crate) fn count(&mut self, pair: &Pair<'a, Rule>) -> Count {
        let bound = if has(pair, Rule::kw_least) {
            CountBound::AtLeast
        } else if has(pair, Rule::kw_most) {
            CountBound::AtMost
        } else {
            CountBound::Exactly
        };
        Count {
            bound,
            times: self.count_number_in(pair),
            span: self.span(pair),
        }
    }

    fn window(&mut self, pair: &Pair<'a, Rule>) -> Option<Window> {
        let part = pair.clone().into_inner().next()?;
        Some(match part.as_rule() {
            Rule::window_before => Window::Before(self.value_in(&part)),
            Rule::window_since => Window::Since(self.value_in(&part)),
            Rule::window_on => Window::On(self.date_in(&part)),
            Rule::window_usual => Window::UsualIntervals(self.count_number_in(&part)),
            _ => Window::InTheLast(self.duration_in(&part)),
        })
    }

    fn mistaken_window(&mut self, pair: &Pair<'a, Rule>) -> Window {
        if let Some(words) = child(pair, Rule::mistaken_window_words) {
            let found = words.as_str().to_owned();
            let span = self.span(&words);
            self.problem(
                ProblemKind::FutureWordForPast { found },
                span,
                Some("in the last".to_owned()),
            );
        }
        Window::InTheLast(self.duration_in(pair))
    }

    fn compare(&mut self, pair: &Pair<'a, Rule>) -> Compare {
        Compare {
            operand: self.operand_in(pair),
            comparison: self.comparison_in(pair),
            for_at_least: self.for_at_least_in(pair),
            span: self.span(pair),
        }
    }

    fn operand_in(&mut self, pair: &Pair<'a, Rule>) -> Operand {
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::aggregate => return Operand::Aggregate(self.aggregate(&part)),
                Rule::item_count => return Operand::ItemCount(self.item_count(&part)),
                Rule::last_value => return Operand::Last(self.recalled(&part)),
                Rule::favourite => {
                    if let Some(word) = child(&part, Rule::mistaken_favorite) {
                        self.written_differently(&word, "favourite");
                    }
                    return Operand::Favourite(self.recalled(&part));
                }
                _ => {}
            }
        }
        Operand::Path(self.path_in(pair))
    }

    fn item_count(&mut self, pair: &Pair<'a, Rule>) -> ItemCount {
        let span = self.span(pair);
        ItemCount {
            element: self.path_in(pair),
            filter: Box::new(self.where_in(pair).unwrap_or(Condition::Unknown(span))),
            span,
        }
    }

    fn recalled(&mut self, pair: &Pair<'a, Rule>) -> Recalled {
        Recalled {
            of: self.path_in(pair),
            span: self.span(pair),
        }
    }

    fn aggregate(&mut self, pair: &Pair<'a, Rule>) -> Aggregate {
        let words = child(pair, Rule::aggregate_kind);
        let kind = match &words {
            Some(words) if has(words, Rule::kw_total) => AggregateKind::Total,
            Some(words) if has(words, Rule::kw_average) => AggregateKind::Average,
            Some(words) if has(words, Rule::kw_largest) => AggregateKind::Largest,
            _ => AggregateKind::NumberOfDifferent,
        };
        let kind_span = self.span(words.as_ref().unwrap_or(pair));
        let of = self.path_in(pair);
        let mut window = None;
        if let Some(part) = child(pair, Rule::window) {
            window = self.window(&part);
        } else if let Some(part) = child(pair, Rule::mistaken_window) {
            window = Some(self.mistaken_window(&part));
        }
        Aggregate {
            kind: Spanned::new(kind, kind_span),
            of,
            window,
            span: self.span(pair),
        }
    }

    pub(crate) fn comparison_in(&mut self, pair: &Pair<'a, Rule>) -> Comparison {
        let comparison = child(pair, Rule::comparison);
        let span = self.span(comparison.as_ref().unwrap_or(pair));
        let inner = comparison.and_then(|it| it.into_inner().next());
        let kind = match &inner {
            Some(inner) => self.comparison_kind(inner),
            None => ComparisonKind::IsKnown,
        };
        Comparison { kind, span }
    }

    fn comparison_kind(&mut self, pair: &Pair<'a, Rule>) -> ComparisonKind {
        match pair.as_rule() {
            Rule::compare_at_least => ComparisonKind::AtLeast(self.value_in(pair)),
            Rule::compare_at_most => ComparisonKind::AtMost(self.value_in(pair)),
            Rule::compare_under => ComparisonKind::Under(self.value_in(pair)),
            Rule::compare_over => ComparisonKind::Over(self.value_in(pair)),
            Rule::compare_includes => ComparisonKind::Includes(self.value_in(pair)),
            Rule::compare_contains => ComparisonKind::Contains(self.value_in(pair)),
            Rule::compare_starts => ComparisonKind::StartsWith(self.value_in(pair)),
            Rule::compare_between => self.between_values(pair),
            Rule::compare_symbol => self.symbol_comparison(pair),
            Rule::mistaken_comparison => self.foreign_comparison(pair),
            _ => self.is_comparison(pair),
        }
    }

    fn between_values(&mut self, pair: &Pair<'a, Rule>) -> ComparisonKind {
        let values: Vec<_> = pair
            .clone()
            .into_inner()
            .filter(|it| it.as_rule() == Rule::value)
            .collect();
        let mut values = values.iter().map(|value| self.value(value));
        let low = values.next();
        let high = values.next();
        let low = low.unwrap_or_else(|| self.value_in(pair));
        ComparisonKind::Between(low.clone(), high.unwrap_or(low))
    }

    fn symbol_comparison(&mut self, pair: &Pair<'a, Rule>) -> ComparisonKind {
        let value = self.value_in(pair);
        let Some(symbol) = child(pair, Rule::symbol) else {
            return ComparisonKind::Is(value);
        };
        match symbol.as_str() {
            "<" => ComparisonKind::Under(value),
            ">" => ComparisonKind::Over(value),
            "<=" => ComparisonKind::AtMost(value),
            ">=" => ComparisonKind::AtLeast(value),
            "!=" => ComparisonKind::IsNot(value),
            "=<" | "≤" => self.symbol_as(&symbol, "<=", ComparisonKind::AtMost(value)),
            "=>" | "≥" => self.symbol_as(&symbol, ">=", ComparisonKind::AtLeast(value)),
            "<>" | "≠" => self.symbol_as(&symbol, "is not", ComparisonKind::IsNot(value)),
            "==" => self.symbol_as(&symbol, "is", ComparisonKind::Is(value)),
            _ => ComparisonKind::Is(value),
        }
    }

    fn symbol_as(
        &mut self,
        symbol: &Pair<'a, Rule>,
        instead: &str,
        kind: ComparisonKind,
    ) -> ComparisonKind {
        self.written_differently(symbol, instead);
        kind
    }

    /// Reads `greater than 5`, `below 5`, `equals 5`.
    fn foreign_comparison(&mut self, pair: &Pair<'a, Rule>) -> ComparisonKind {
        let value = self.value_in(pair);
        let Some(words) = child(pair, Rule::foreign_comparison) else {
            return ComparisonKind::Is(value);
        };
        let (instead, kind) = match words.as_str().split_whitespace().find(|&word| word != "is") {
            Some("less" | "lower" | "below" | "under") => ("under", ComparisonKind::Under(value)),
            Some("greater" | "more" | "higher" | "above" | "over") => {
                ("over", ComparisonKind::Over(value))
            }
            Some("at") if words.as_str().ends_with("least") => {
                ("at least", ComparisonKind::AtLeast(value))
            }
            Some("at") => ("at most", ComparisonKind::AtMost(value)),
            _ => ("is", ComparisonKind::Is(value)),
        };
        self.symbol_as(&words, instead, kind)
    }

    fn is_comparison(&mut self, pair: &Pair<'a, Rule>) -> ComparisonKind {
        for part in pair.clone().into_inner() {
            match part.as_rule() {
                Rule::is_missing => return ComparisonKind::IsMissing,
                Rule::is_known => return ComparisonKind::IsKnown,
                Rule::is_inside => return ComparisonKind::IsInside(self.path_in(&part)),
                Rule::is_outside => return ComparisonKind::IsOutside(self.path_in(&part)),
                Rule::is_one_of => return ComparisonKind::IsOneOf(self.values_in(&part)),
                Rule::is_not_one_of => return ComparisonKind::IsNotOneOf(self.values_in(&part)),
                Rule::is_not => return ComparisonKind::IsNot(self.value_in(&part)),
                Rule::mistaken_is_not if has(&part, Rule::kw_known) => {
                    return self.symbol_as(&part, "missing", ComparisonKind::IsMissing);
                }
                Rule::mistaken_is_not => {
                    return self.symbol_as(&part, "known", ComparisonKind::IsKnown);
                }
                _ => {}
            }
        }
        ComparisonKind::Is(self.value_in(pair))
    }

    /// Reads the trigger below a pair.
    pub(crate) fn trigger_in(&mut self, pair: &Pair<'a, Rule>) -> Trigger {
        let inner = child(pair, Rule::trigger).and_then(|it| it.into_inner().next());
        let Some(inner) = inner else {
            return Trigger::Unknown(self.span(pair));
        };
        match inner.as_rule() {
            Rule::trigger_joins => Trigger::Joins(self.path_in(&inner)),
            Rule::trigger_leaves => Trigger::Leaves(self.path_in(&inner)),
            Rule::trigger_becomes => Trigger::Becomes {
                lifecycle: self.path_in(&inner),
                stage: self.name_in(&inner),
            },
            Rule::trigger_changes => Trigger::Changes {
                attribute: self.path_in(&inner),
                from: child(&inner, Rule::changes_from).map(|part| self.change_end(&part)),
                to: child(&inner, Rule::changes_to).map(|part| self.change_end(&part)),
                span: self.span(&inner),
            },
            _ => Trigger::Event(self.event_pattern(&inner)),
        }
    }

    fn change_end(&mut self, pair: &Pair<'a, Rule>) -> ChangeEnd {
        match child(pair, Rule::is_missing) {
            Some(missing) => ChangeEnd::Missing(self.span(&missing)),
            None => ChangeEnd::Value(self.value_in(pair)),
        }
    }
}
