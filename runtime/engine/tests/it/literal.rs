//! The engine against a model that knows no timers, no aggregates and no order of work but the written one: hour by
//! hour it asks the whole history again. Two journeys, a lifecycle, a segment, races, quiet hours and a cap.

use journey_engine::What;
use journey_ir::journey::{Reenter, Until};
use journey_ir::time::{DAY, HOUR};
use journey_ir::*;
use proptest::prelude::*;

use crate::build::*;

const VISIT: u32 = 0;
const PURCHASE: u32 = 1;
const STOP: u32 = 2;
const STAGES: [&str; 3] = ["신규", "활동", "이탈"];
/// After the last event so much time passes.
const AFTER: i64 = 20 * DAY;

/// What differs from program to program; times are in hours.
#[derive(Debug, Clone)]
struct Rules {
    active_days: i64,
    settle: i64,
    race_days: i64,
    race_settle: i64,
    again_days: i64,
    restart: bool,
    cap: usize,
    cap_waits: bool,
    urgent: bool,
}

fn rules() -> impl Strategy<Value = Rules> {
    let times = (2..5i64, 0..3i64, 1..4i64, 0..3i64, 1..8i64);
    let rest = (any::<bool>(), 1..3usize, any::<bool>(), any::<bool>());
    (times, rest).prop_map(|(times, rest)| Rules {
        active_days: times.0,
        settle: times.1 * HOUR,
        race_days: times.2,
        race_settle: times.3 * HOUR,
        again_days: times.4,
        restart: rest.0,
        cap: rest.1,
        cap_waits: rest.2,
        urgent: rest.3,
    })
}

fn program(rules: &Rules) -> Build {
    let mut b = Build::new();
    for name in ["visit", "purchase", "stop"] {
        b.event(name, &[]);
    }
    let ad = |b: &mut Build, name: &str| {
        let at = b.mail(name);
        b.ir.messages[at.at()].purpose = Purpose::Advertising;
        at
    };
    let mails: Vec<_> = ["m0", "m1", "m2", "m3"].map(|name| ad(&mut b, name)).into();
    let ever = b.did(EventIx(PURCHASE), 1, Window::Ever, 0);
    let never = b.not(ever);
    let active = Window::Last(days(rules.active_days as u32));
    let active = b.did(EventIx(PURCHASE), 1, active, rules.settle);
    let rest = b.always();
    let stages = [(STAGES[0], never), (STAGES[1], active), (STAGES[2], rest)];
    let lifecycle = b.lifecycle("단계", &stages);
    let twice = b.did(EventIx(PURCHASE), 2, Window::Last(days(6)), 0);
    let regular = b.segment("regular", twice);
    let lost = Entry::When {
        trigger: Trigger::Becomes {
            lifecycle,
            stage: StageIx(2),
        },
        condition: None,
    };
    let calm = StepKind::Wait {
        span: Some(days(1)),
        settle: 0,
        until: Some(Until::Clock(clock(10, 0))),
        next: next(4),
    };
    let limit = days(rules.race_days as u32);
    let arms = vec![(on(EventIx(VISIT)), next(2))];
    let steps = vec![
        send(mails[0], next(1)),
        race(limit, rules.race_settle, arms, next(3)),
        send(mails[1], None),
        calm,
        send(mails[2], None),
    ];
    let back = b.journey("back", lost, steps);
    back.priority = if rules.urgent { 3 } else { 1 };
    back.reenter = Reenter::After(days(rules.again_days as u32));
    back.exits = [(PURCHASE, "bought"), (STOP, "stopped")]
        .map(|(event, reason)| ExitRule {
            trigger: on(EventIx(event)),
            reason: Some(reason.into()),
        })
        .into();
    let steps = vec![
        wait(hours(12), 0, next(1)),
        race(days(1), 0, vec![(Trigger::Joins(regular), next(2))], None),
        send(mails[3], None),
    ];
    let care = b.journey("care", when(EventIx(VISIT)), steps);
    care.priority = 2;
    care.reenter = Reenter::AnyTime;
    care.restart = rules.restart;
    care.goal = Some(Goal {
        event: EventIx(PURCHASE),
        filter: None,
        within: days(1),
        keep_going: false,
    });
    let cap = PolicyRule::Cap {
        at_most: rules.cap as u32,
        purpose: None,
        per: days(1),
        then: if rules.cap_waits {
            Then::Wait
        } else {
            Then::Skip
        },
    };
    let quiet = PolicyRule::Quiet {
        purpose: None,
        from: clock(21, 0),
        to: clock(8, 0),
        except: vec![],
        unless: vec![],
        then: Then::Wait,
    };
    b.ir.policies.push(Policy {
        name: "fatigue".into(),
        title: None,
        rules: vec![cap, quiet],
    });
    b
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Cause {
    Event(u32),
    Joined,
    Stage(usize),
}

#[derive(Debug, Clone)]
struct Run {
    journey: &'static str,
    entered: i64,
    step: usize,
    /// When the step was reached; `None` until it is.
    reached: Option<i64>,
}

/// Everything that ever happened, and nothing derived from it but where the runs are.
struct World {
    rules: Rules,
    now: i64,
    purchases: Vec<i64>,
    sent: Vec<i64>,
    entries: Vec<(&'static str, i64)>,
    stage: usize,
    regular: bool,
    runs: Vec<Run>,
    story: Vec<(i64, String)>,
}

impl World {
    fn tell(&mut self, text: String) {
        self.story.push((self.now, text));
    }

    fn bought(&self, days: i64, settle: i64) -> usize {
        let open = |at: &&i64| **at <= self.now && self.now < **at + days * DAY + settle;
        self.purchases.iter().filter(open).count()
    }

    fn memberships(&mut self) -> Vec<Cause> {
        let mut causes = Vec::new();
        let regular = self.bought(6, 0) >= 2;
        if regular != self.regular {
            self.regular = regular;
            let verb = if regular { "joined" } else { "left" };
            self.tell(format!("{verb} regular"));
            causes.extend(regular.then_some(Cause::Joined));
        }
        let stage = if self.purchases.is_empty() {
            0
        } else if self.bought(self.rules.active_days, self.rules.settle) > 0 {
            1
        } else {
            2
        };
        if stage != self.stage {
            self.stage = stage;
            self.tell(format!("단계 became {}", STAGES[stage]));
            causes.push(Cause::Stage(stage));
        }
        causes
    }

    fn end(&mut self, at: usize, how: &str) {
        let run = self.runs.remove(at);
        self.tell(format!("{} {how}", run.journey));
    }

    /// The last instant at which something can win the race a run is at.
    fn deadline(&self, run: &Run) -> Option<i64> {
        match (run.journey, run.step, run.reached) {
            ("back", 1, Some(at)) => Some(at + self.rules.race_days * DAY),
            ("care", 1, Some(at)) => Some(at + DAY),
            _ => None,
        }
    }

    fn react(&mut self, causes: &[Cause]) {
        let happened = |kind| causes.contains(&Cause::Event(kind));
        let mut at = 0;
        while let Some(run) = self.runs.get(at).cloned() {
            let in_goal = run.entered < self.now && self.now <= run.entered + DAY;
            let open = self.deadline(&run).is_some_and(|it| self.now <= it);
            match run.journey {
                "care" if happened(PURCHASE) && in_goal => self.end(at, "ended at its goal"),
                "back" if happened(PURCHASE) => self.end(at, "exited as bought"),
                "back" if happened(STOP) => self.end(at, "exited as stopped"),
                "care" if open && causes.contains(&Cause::Joined) => self.go(at, 2),
                "back" if open && happened(VISIT) => self.go(at, 2),
                _ => {}
            }
            at += usize::from(
                self.runs
                    .get(at)
                    .is_some_and(|it| it.entered == run.entered && it.journey == run.journey),
            );
        }
        let order = if self.rules.urgent {
            ["back", "care"]
        } else {
            ["care", "back"]
        };
        for journey in order {
            if journey == "back" && causes.contains(&Cause::Stage(2))
                || journey == "care" && happened(VISIT)
            {
                self.enter(journey);
            }
        }
        self.settle_down();
    }

    fn enter(&mut self, journey: &'static str) {
        if let Some(at) = self.runs.iter().position(|run| run.journey == journey) {
            if journey == "back" || !self.rules.restart {
                return;
            }
            self.end(at, "was started anew");
        }
        let last = self.entries.iter().rev().find(|(it, _)| *it == journey);
        if journey == "back"
            && last.is_some_and(|(_, at)| self.now < at + self.rules.again_days * DAY)
        {
            return;
        }
        self.entries.push((journey, self.now));
        self.tell(format!("entered {journey}"));
        self.runs.push(Run {
            journey,
            entered: self.now,
            step: 0,
            reached: None,
        });
    }

    fn go(&mut self, at: usize, step: usize) {
        self.runs[at].step = step;
        self.runs[at].reached = None;
    }

    /// The runs in the order in which they take their steps.
    fn first(&self, is: impl Fn(&Run) -> bool) -> Option<usize> {
        let care_first = |run: &Run| (run.journey == "care") != self.rules.urgent;
        let all = self.runs.iter().enumerate().filter(|(_, run)| is(run));
        all.min_by_key(|(at, run)| (!care_first(run), *at))
            .map(|(at, _)| at)
    }

    /// Lets every run take its steps until it waits for something.
    fn settle_down(&mut self) {
        while let Some(at) = self.first(|run| run.reached.is_none()) {
            self.runs[at].reached = Some(self.now);
            if self.template(at).is_some() {
                self.try_to_send(at);
            }
        }
    }

    fn template(&self, at: usize) -> Option<&'static str> {
        match (self.runs[at].journey, self.runs[at].step) {
            ("back", 0) => Some("m0"),
            ("back", 2) => Some("m1"),
            ("back", 4) => Some("m2"),
            ("care", 2) => Some("m3"),
            _ => None,
        }
    }

    /// Sends, skips, or leaves the run where it is: it asks again in an hour.
    fn try_to_send(&mut self, at: usize) {
        let hour = self.now.rem_euclid(DAY) / HOUR;
        if !(8..21).contains(&hour) {
            return;
        }
        let counted = self.sent.iter().filter(|it| **it > self.now - DAY).count();
        if counted >= self.rules.cap {
            if self.rules.cap_waits {
                return;
            }
        } else {
            self.sent.push(self.now);
            let template = self.template(at).unwrap();
            self.tell(format!("sent {template}"));
        }
        if self.runs[at].step == 0 {
            self.go(at, 1);
        } else {
            self.end(at, "took all its steps");
        }
    }

    fn due(&self, run: &Run) -> bool {
        let Some(reached) = run.reached else {
            return false;
        };
        let over = match (run.journey, run.step) {
            ("back", 1) => reached + self.rules.race_days * DAY + self.rules.race_settle,
            ("back", 3) => {
                let ten = (reached + DAY).div_euclid(DAY) * DAY + 10 * HOUR;
                if ten >= reached + DAY { ten } else { ten + DAY }
            }
            ("care", 0) => reached + 12 * HOUR,
            ("care", 1) => reached + DAY,
            _ => return false,
        };
        self.now >= over
    }

    /// An hour in which these events happen.
    fn hour(&mut self, events: &[u32]) {
        for kind in events {
            let mut causes = vec![Cause::Event(*kind)];
            if *kind == PURCHASE {
                self.purchases.push(self.now);
                causes.extend(self.memberships());
            }
            self.react(&causes);
        }
        let causes = self.memberships();
        self.react(&causes);
        let mut asked = Vec::new();
        while let Some(at) = self.first(|run| {
            let held = self.held(run) && !asked.contains(&(run.journey, run.entered));
            held || self.due(run)
        }) {
            let run = self.runs[at].clone();
            if self.held(&run) {
                asked.push((run.journey, run.entered));
                self.try_to_send(at);
            } else {
                match (run.journey, run.step) {
                    ("back", 1) => self.go(at, 3),
                    ("back", _) => self.go(at, 4),
                    ("care", 0) => self.go(at, 1),
                    _ => self.end(at, "took all its steps"),
                }
            }
            self.settle_down();
        }
    }

    fn held(&self, run: &Run) -> bool {
        let sends = matches!((run.journey, run.step), ("back", 0 | 2 | 4) | ("care", 2));
        sends && run.reached.is_some_and(|at| at < self.now)
    }
}

/// What the engine tells, in the words of the model.
fn told(p: &Person) -> Vec<(i64, String)> {
    let words = |what: &What| match what {
        What::Became { lifecycle, stage } => Some(format!("{lifecycle} became {stage}")),
        What::Joined { segment } => Some(format!("joined {segment}")),
        What::Left { segment } => Some(format!("left {segment}")),
        What::Entered { journey, .. } => Some(format!("entered {journey}")),
        What::Sent { template, .. } => Some(format!("sent {template}")),
        What::Ended { journey, how, .. } => Some(format!("{journey} {how}")),
        _ => None,
    };
    let all = p.out.history.iter();
    all.filter_map(|it| Some((it.at, words(&it.what)?)))
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_happens_is_what_the_definitions_say(
        rules in rules(),
        acts in proptest::collection::vec((prop_oneof![Just(0), 0..14i64, 0..120i64], prop_oneof![2 => Just(VISIT), 3 => Just(PURCHASE), 1 => Just(STOP)]), 0..30),
        pauses in any::<bool>(),
    ) {
        let mut p = program(&rules).person();
        let mut world = World {
            rules,
            now: MONDAY,
            purchases: vec![],
            sent: vec![],
            entries: vec![],
            stage: 0,
            regular: false,
            runs: vec![],
            story: vec![],
        };
        let mut at = MONDAY;
        let mut events = Vec::new();
        for (hours, kind) in acts {
            at += hours * HOUR;
            events.push((at, kind));
            if pauses {
                p.until(at - 1);
            }
            p.does(at, EventIx(kind), &[]);
        }
        p.until(at + AFTER);
        while world.now <= at + AFTER {
            let now: Vec<u32> = events.iter().filter(|(at, _)| *at == world.now).map(|(_, kind)| *kind).collect();
            world.hour(&now);
            world.now += HOUR;
        }
        prop_assert_eq!(told(&p), world.story);
    }
}
