//! The same questions as a program for the engine: each is a segment or a lifecycle of its own.

use journey_ir::aggregate::Following;
use journey_ir::condition::Measure;
use journey_ir::schema::Type;
use journey_ir::*;

use super::civil::midnight;
use super::question::{Question, Test, When, Which};
use crate::build::*;

pub(crate) const KINDS: u32 = 3;
const KEY: FieldIx = FieldIx(0);
const NUMBER: FieldIx = FieldIx(1);
const MONEY: FieldIx = FieldIx(2);
const CATEGORY: FieldIx = FieldIx(3);
/// The attributes that people of these programs have, beside those of every program.
pub(crate) const ZONE: AttributeIx = AttributeIx(3);
pub(crate) const BORN: AttributeIx = AttributeIx(4);
const AGE: AttributeIx = AttributeIx(5);
/// The key that events are asked for.
pub(crate) const KEY_ASKED: AttributeIx = AttributeIx(6);

fn compare(test: Test, value: impl Fn(i64) -> Value) -> Comparison {
    let operand = |n| Operand::Value(value(n));
    match test {
        Test::AtLeast(n) => Comparison::AtLeast(operand(n)),
        Test::AtMost(n) => Comparison::AtMost(operand(n)),
        Test::Over(n) => Comparison::Over(operand(n)),
        Test::Under(n) => Comparison::Under(operand(n)),
        Test::Is(n) => Comparison::Is(operand(n)),
        Test::Between(a, b) => Comparison::Between(operand(a), operand(b)),
    }
}

pub(crate) fn money(minor: i64, dollars: bool) -> Value {
    let currency = Currency::new(if dollars { "USD" } else { "KRW" }).unwrap();
    Value::Money(Money { minor, currency })
}

fn window(when: When) -> Window {
    match when {
        When::Ever => Window::Ever,
        When::Last(span) => Window::Last(span),
        When::Days(n) => Window::LastDays(n),
        When::Since(from) => Window::Since(from),
        When::Before(to) => Window::Before(to),
        When::On(day) => Window::On(Date(day)),
    }
}

/// What is kept of a stretch of time that is over, and the window that is asked then.
fn stretch(when: When, zone: &str) -> (Option<Instant>, Option<Instant>, Window) {
    let zone = jiff::tz::TimeZone::get(zone).unwrap();
    match when {
        When::Before(to) => (None, Some(to), Window::Ever),
        When::On(day) => (
            Some(midnight(&zone, day)),
            Some(midnight(&zone, day + 1)),
            Window::Ever,
        ),
        when => (None, None, window(when)),
    }
}

/// A program that asks these questions, in a zone. Question `n` is the segment `qn`, or the lifecycle of that name.
pub(crate) fn program(questions: &[Question], zone: &str) -> Build {
    let mut b = Build::new().zone(zone);
    b.attribute("timezone", Type::Timezone);
    let born = b.attribute("birthday", Type::Date);
    b.attribute("age", Type::YearsSince(born));
    b.attribute("wanted", Type::Text);
    for kind in 0..KINDS {
        let fields = [
            ("key", Type::Text),
            ("number", Type::Number),
            ("money", Type::Money(None)),
            ("category", Type::Text),
        ];
        b.event(&format!("e{kind}"), &fields);
    }
    for (n, question) in questions.iter().enumerate() {
        let name = format!("q{n}");
        if let Question::Stage {
            which,
            spans,
            settle,
        } = question
        {
            stages(&mut b, &name, *which, *spans, *settle);
            continue;
        }
        let condition = condition(&mut b, question);
        b.segment(&name, condition);
    }
    b
}

fn stages(b: &mut Build, name: &str, which: Which, spans: [Span; 2], settle: i64) {
    let did = |b: &mut Build, keep, window, settle| {
        let aggregate = counting(b, which, keep);
        b.is(Atom::Happened {
            aggregate,
            n: 1,
            window,
            settle,
        })
    };
    let ever = did(b, Keep::First, Window::Ever, 0);
    let never = b.not(ever);
    let [near, far] = spans.map(|span| did(b, Keep::Newest(1), Window::Last(span), settle));
    let rest = b.always();
    let stages = [("s1", never), ("s2", near), ("s3", far), ("s4", rest)];
    b.lifecycle(name, &stages);
}

fn counting(b: &mut Build, which: Which, keep: Keep) -> AggregateIx {
    let filter = which.at_least.map(|least| {
        let test = Comparison::AtLeast(Operand::Value(whole(least)));
        b.compare(Source::Field(NUMBER), test)
    });
    b.aggregate(EventIx(which.kind), filter, keep)
}

fn condition(b: &mut Build, question: &Question) -> ConditionIx {
    match question {
        Question::Did {
            which,
            n,
            when,
            settle,
        } => {
            let most = *n as u32;
            let keep = match when {
                When::Ever if most == 1 => Keep::First,
                When::Ever | When::Before(_) => Keep::Oldest(most),
                When::Last(_) | When::Days(_) | When::Since(_) | When::On(_) => Keep::Newest(most),
            };
            let aggregate = counting(b, *which, keep);
            b.is(Atom::Happened {
                aggregate,
                n: most,
                window: window(*when),
                settle: *settle,
            })
        }
        Question::Amount {
            which,
            money: of,
            measure,
            when,
            test,
        } => {
            let field = if of.is_some() { MONEY } else { NUMBER };
            let total = *measure == Measure::Total;
            let keep = match when {
                When::Ever if total => Keep::Total(field),
                When::Ever => Keep::Summary {
                    field,
                    from: None,
                    to: None,
                },
                When::Since(from) => Keep::Summary {
                    field,
                    from: Some(*from),
                    to: None,
                },
                When::Before(to) => Keep::Summary {
                    field,
                    from: None,
                    to: Some(*to),
                },
                When::Days(days) if total => Keep::DailyTotals { field, days: *days },
                When::Days(days) => Keep::DailySummaries { field, days: *days },
                When::Last(span) => Keep::Amounts {
                    field,
                    within: span.at_most(),
                },
                When::On(_) => unreachable!("amounts of a day are not asked for"),
            };
            let window = match when {
                When::Since(_) | When::Before(_) => Window::Ever,
                when => window(*when),
            };
            let test = match of {
                Some(dollars) => compare(*test, |n| money(n, *dollars)),
                None => compare(*test, whole),
            };
            let aggregate = counting(b, *which, keep);
            b.is(Atom::Amount {
                aggregate,
                measure: *measure,
                window,
                test,
            })
        }
        Question::Different {
            which,
            when,
            test,
            most,
        } => {
            let (from, to, window) = stretch(*when, &b.ir.project.timezone);
            let keep = Keep::Different {
                field: CATEGORY,
                most: *most as u32,
                from,
                to,
            };
            let aggregate = counting(b, *which, keep);
            b.is(Atom::Amount {
                aggregate,
                measure: Measure::Total,
                window,
                test: compare(*test, whole),
            })
        }
        Question::LastIs(which, value) | Question::FavouriteIs(which, value) => {
            let keep = match question {
                Question::LastIs(..) => Keep::Last(CATEGORY),
                _ => Keep::Favourite(CATEGORY),
            };
            let recalled = counting(b, *which, keep);
            let test = Comparison::Is(Operand::Value(text(&value.to_string())));
            b.compare(Source::Recalled(recalled), test)
        }
        Question::Overdue {
            which,
            intervals,
            settle,
        } => {
            let aggregate = counting(b, *which, Keep::Rhythm);
            b.is(Atom::Overdue {
                aggregate,
                intervals: *intervals,
                settle: *settle,
            })
        }
        Question::Chain {
            first,
            then,
            n,
            when,
            settle,
        } => {
            let shares = |part: usize| {
                let own = part > 0 && then[part - 1].same;
                (own || then.get(part).is_some_and(|it| it.same)).then_some(KEY)
            };
            let keys: Vec<Option<FieldIx>> = (0..=then.len()).map(shares).collect();
            let spans: i64 = then.iter().map(|it| it.within.at_most()).sum();
            let horizon = match when {
                When::Last(span) => Some(span.at_most() + spans + settle),
                When::Days(n) => Some(Span::new(*n, Unit::Day).at_most() + spans + settle),
                _ => None,
            };
            let then = then.iter().zip(&keys[1..]).map(|(it, key)| Following {
                event: EventIx(it.kind),
                filter: None,
                key: *key,
                within: it.within,
                absent: it.absent,
            });
            let keep = Keep::Chain {
                key: keys[0],
                then: then.collect(),
                horizon,
            };
            let aggregate = b.aggregate(EventIx(*first), None, keep);
            b.is(Atom::Happened {
                aggregate,
                n: *n as u32,
                window: window(*when),
                settle: *settle,
            })
        }
        Question::Score {
            lines,
            half_life,
            shown,
            test,
        } => {
            let keep = half_life.map_or(Keep::Count, |every| Keep::Halving { every });
            let lines = lines.iter().map(|(points, which)| ScoreLine {
                points: *points,
                aggregate: counting(b, *which, keep.clone()),
            });
            let lines = lines.collect();
            let name = format!("score {}", b.ir.scores.len());
            b.ir.scores.push(Score {
                name,
                title: None,
                lines,
                shown: *shown,
            });
            let score = ScoreIx(b.ir.scores.len() as u32 - 1);
            b.compare(Source::Score(score), compare(*test, whole))
        }
        Question::Paced {
            which,
            n,
            intervals,
            settle,
        } => {
            let rhythm = counting(b, *which, Keep::Rhythm);
            let newest = counting(b, *which, Keep::Newest(*n as u32));
            b.is(Atom::Paced {
                rhythm,
                newest,
                n: *n as u32,
                intervals: *intervals,
                settle: *settle,
            })
        }
        Question::With {
            which,
            n,
            when,
            settle,
        } => {
            let (from, to, window) = stretch(*when, &b.ir.project.timezone);
            let keep = Keep::ByValue {
                field: KEY,
                most: *n as u32,
                from,
                to,
            };
            let aggregate = counting(b, *which, keep);
            b.is(Atom::HappenedWith {
                aggregate,
                value: Source::Attribute(KEY_ASKED),
                n: *n as u32,
                window,
                settle: *settle,
            })
        }
        Question::HeldFor(span) => {
            let condition = b.ir.segments.last().unwrap().condition;
            b.is(Atom::HeldFor {
                condition,
                span: *span,
            })
        }
        Question::InItFor(span) => {
            let segment = SegmentIx(b.ir.segments.len() as u32 - 1);
            b.is(Atom::MemberFor {
                segment,
                span: *span,
            })
        }
        Question::AgeBetween(from, to) => {
            let test = compare(Test::Between(*from, *to), whole);
            b.compare(Source::Attribute(AGE), test)
        }
        Question::Stage { .. } => b.always(),
    }
}
