//! Segments and lifecycles, each after those it asks for.

use std::collections::BTreeMap;

use journey_grammar::tree as syntax;
use journey_ir as ir;

use super::Lowering;
use super::order::{self, MOST_LAYERS};
use super::scope::Scope;
use crate::check::Stages;
use crate::codes;
use crate::names::Kind;
use crate::problem::{Location, Problem, Text};
use crate::sources::FileId;

impl Lowering<'_> {
    /// Lowers all segments and lifecycles.
    pub(super) fn memberships(&mut self) {
        let order = order::of_memberships(self.names);
        for circle in &order.circles {
            self.report_circle(circle);
        }
        for name in &order.too_deep {
            self.report_depth(name);
        }
        for name in &order.sorted {
            let Some(declared) = self.names.get(name) else {
                continue;
            };
            let file = declared.at.file;
            match declared.declaration {
                syntax::Declaration::Segment(segment) => self.segment(name, file, segment),
                syntax::Declaration::Lifecycle(lifecycle) => {
                    self.lifecycle(name, file, lifecycle);
                }
                _ => {}
            }
        }
    }

    fn segment(&mut self, name: &str, file: FileId, segment: &syntax::Segment) {
        let condition = self.condition_or_gap(&segment.condition, Scope::membership(file));
        let at = ir::SegmentIx(self.program.segments.len() as u32);
        self.segments.insert(name.to_owned(), at);
        self.program.segments.push(ir::Segment {
            name: name.to_owned(),
            title: segment.title.as_ref().map(|it| it.text.clone()),
            condition,
        });
    }

    fn lifecycle(&mut self, name: &str, file: FileId, lifecycle: &syntax::Lifecycle) {
        let mut stages: Vec<ir::Stage> = Vec::new();
        let mut places: BTreeMap<&str, syntax::Span> = BTreeMap::new();
        let mut otherwise: Option<syntax::Span> = None;
        let mut unknown = false;
        let mut shadowed = false;
        let mut tests: Vec<(ir::ConditionIx, Location)> = Vec::new();
        for line in &lifecycle.lines {
            let syntax::LifecycleLine::Stage(stage) = line else {
                unknown = true;
                continue;
            };
            // The stages after the first one follow from the same mistake.
            if let Some(taken) = otherwise.filter(|_| !std::mem::replace(&mut shadowed, true)) {
                self.after_otherwise(file, stage.span, taken);
            }
            let when = match &stage.test {
                syntax::StageTest::When(condition) => {
                    let unless: Vec<_> = tests.iter().map(|(it, _)| *it).collect();
                    let when = self.condition_after(condition, &unless, Scope::membership(file));
                    tests.push((when, Location::new(file, condition.span())));
                    when
                }
                syntax::StageTest::Otherwise(span) => {
                    otherwise.get_or_insert(*span);
                    self.tables.always()
                }
            };
            if stage.name.is_missing() {
                continue;
            }
            if let Some(&first) = places.get(stage.name.text.as_str()) {
                self.declared_twice(file, &stage.name, Kind::Stage, first);
                continue;
            }
            places.insert(&stage.name.text, stage.name.span);
            stages.push(ir::Stage {
                name: stage.name.text.clone(),
                title: stage.title.as_ref().map(|it| it.text.clone()),
                when,
            });
        }
        if unknown {
            self.incomplete.insert(name.to_owned());
        } else if otherwise.is_none() {
            self.report_open_end(file, lifecycle);
        }
        self.written.lifecycles.push(Stages { tests });
        let at = ir::LifecycleIx(self.program.lifecycles.len() as u32);
        self.lifecycles.insert(name.to_owned(), at);
        self.stages
            .push(stages.iter().map(|it| it.name.clone()).collect());
        self.program.lifecycles.push(ir::Lifecycle {
            name: name.to_owned(),
            title: lifecycle.title.as_ref().map(|it| it.text.clone()),
            stages,
        });
    }

    fn after_otherwise(&mut self, file: FileId, span: syntax::Span, otherwise: syntax::Span) {
        let at = Location::new(file, span);
        self.problems.push(
            Problem::new(
                codes::MISPLACED,
                at,
                Text::new(
                    "nobody is left for this stage: `otherwise` above takes everyone",
                    "위의 `otherwise`가 모두를 받으므로 이 단계에 남는 사람이 없습니다",
                ),
            )
            .label(Text::new("never reached", "아무도 오지 않음"))
            .other(
                Location::new(file, otherwise),
                Text::new("takes everyone", "모두를 받음"),
            )
            .help(Text::new(
                "move the stage with `otherwise` to the end",
                "`otherwise` 단계를 마지막으로 옮기세요",
            )),
        );
    }

    fn report_open_end(&mut self, file: FileId, lifecycle: &syntax::Lifecycle) {
        let at = Location::new(file, lifecycle.name.span);
        let name = &lifecycle.name.text;
        self.problems.push(
            Problem::new(
                codes::MISSING_PART,
                at,
                Text::new(
                    format!("the lifecycle `{name}` has no stage for everyone else"),
                    format!("라이프사이클 `{name}`에 나머지 모두를 받는 단계가 없습니다"),
                ),
            )
            .help(Text::new(
                "end it with a stage that takes the rest: `others otherwise`",
                "나머지를 받는 단계로 끝내세요: `나머지 otherwise`",
            )),
        );
    }

    fn report_circle(&mut self, circle: &[String]) {
        let declared: Vec<Location> = circle
            .iter()
            .filter_map(|name| Some(self.names.get(name)?.at))
            .collect();
        let Some((&at, others)) = declared.split_first() else {
            return;
        };
        let first = circle.first().map(String::as_str).unwrap_or_default();
        let path = circle
            .iter()
            .map(String::as_str)
            .chain([first])
            .collect::<Vec<_>>()
            .join("` → `");
        let problem = Problem::new(
            codes::CIRCULAR,
            at,
            Text::new(
                format!("`{first}` is defined by itself: `{path}`"),
                format!("`{first}`의 정의가 자기 자신으로 돌아옵니다: `{path}`"),
            ),
        )
        .label(Text::new("starts here", "여기에서 시작"))
        .help(Text::new(
            "take one of these questions out of the circle",
            "이 고리에서 하나를 빼세요",
        ));
        let also = || Text::new("part of the circle", "고리의 일부");
        let problem = others
            .iter()
            .fold(problem, |problem, &other| problem.other(other, also()));
        self.problems.push(problem);
    }

    fn report_depth(&mut self, name: &str) {
        let Some(declared) = self.names.get(name) else {
            return;
        };
        self.problems.push(
            Problem::new(
                codes::TOO_MUCH,
                declared.at,
                Text::new(
                    format!("`{name}` stands on more than {MOST_LAYERS} others"),
                    format!("`{name}`: {MOST_LAYERS}단계보다 깊게 다른 정의를 거칩니다"),
                ),
            )
            .help(Text::new(
                "ask for attributes and events directly",
                "속성과 이벤트를 직접 물으세요",
            )),
        );
    }
}
