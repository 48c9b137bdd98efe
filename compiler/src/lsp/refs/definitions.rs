//! Names in declarations: the schema, classifications, offers, policies, audiences, funnels and KPIs.

use journey_grammar::tree;

use super::{Owner, Target, Walk};
use crate::names::Kind;

impl Walk<'_, '_> {
    pub(super) fn declaration(&mut self, declaration: &tree::Declaration) {
        if let Some(kind) = Kind::of(declaration)
            && let Some(name) = declaration.name()
        {
            self.define(name, Target::Named(kind, name.text.clone()));
        }
        match declaration {
            tree::Declaration::Contact(it) => self.contact(it),
            tree::Declaration::Event(it) => self.event_declaration(it),
            tree::Declaration::Consent(_)
            | tree::Declaration::Policy(_)
            | tree::Declaration::Offer(_)
            | tree::Declaration::Unknown(_) => {}
            tree::Declaration::Segment(it) => self.condition(&it.condition, None),
            tree::Declaration::Lifecycle(it) => self.lifecycle(it),
            tree::Declaration::Score(it) => self.score(it),
            tree::Declaration::Funnel(it) => self.funnel(it),
            tree::Declaration::Kpi(it) => self.kpi(it),
            tree::Declaration::Audience(it) => self.audience(it),
            tree::Declaration::Sequence(it) => self.sequence(it),
            tree::Declaration::Journey(it) => self.journey(it),
            tree::Declaration::Moved(it) => self.moved(it),
            tree::Declaration::Test(it) => self.test(it),
        }
    }

    fn contact(&mut self, contact: &tree::Contact) {
        for line in &contact.lines {
            if let tree::ContactLine::Field(field) = line {
                let name = field.name.text.clone();
                self.define(&field.name, Target::Attribute(name.clone()));
                self.field_type(field, &Owner::Attribute(name));
            }
        }
    }

    fn event_declaration(&mut self, event: &tree::Event) {
        let own = event.name.to_string();
        if event.name.single().is_none() {
            self.add(
                event.name.span,
                Target::Named(Kind::Event, own.clone()),
                true,
            );
        }
        for line in &event.lines {
            match line {
                tree::EventLine::Field(field) => self.field(field, &own),
                tree::EventLine::Object(object) => self.object(object, &own),
                tree::EventLine::Arrives(_) | tree::EventLine::Unknown(_) => {}
            }
        }
    }

    /// A field of an event, of an object in one, or of a request.
    pub(super) fn field(&mut self, field: &tree::Field, of: &str) {
        let name = field.name.text.clone();
        self.define(&field.name, Target::Field(of.to_owned(), name.clone()));
        self.field_type(field, &Owner::Field(of.to_owned(), name));
    }

    fn object(&mut self, object: &tree::Object, event: &str) {
        let own = object.name.text.clone();
        self.define(&object.name, Target::Field(event.to_owned(), own));
        let called = object.element.as_ref().unwrap_or(&object.name);
        if object.element.is_some() {
            let target = Target::Field(event.to_owned(), called.text.clone());
            self.define(called, target);
        }
        let inside = format!("{event}.{}", called.text);
        for line in &object.lines {
            if let tree::ObjectLine::Field(field) = line {
                self.field(field, &inside);
            }
        }
    }

    fn field_type(&mut self, field: &tree::Field, owner: &Owner) {
        let mut kind = &field.kind.kind;
        while let tree::FieldTypeKind::ListOf(inner) = kind {
            kind = &inner.kind;
        }
        match kind {
            tree::FieldTypeKind::OneOf { choices, .. } => {
                for value in choices {
                    let target = Target::Choice(owner.clone(), value.text.clone());
                    self.define(value, target);
                }
            }
            tree::FieldTypeKind::YearsSince(name) => {
                self.uses(name.span, Target::Attribute(name.text.clone()));
            }
            _ => {}
        }
        for option in &field.options {
            if let tree::FieldOptionKind::Default(value) = &option.kind {
                self.value(value, Some(owner), None);
            }
        }
    }

    fn lifecycle(&mut self, lifecycle: &tree::Lifecycle) {
        for line in &lifecycle.lines {
            let tree::LifecycleLine::Stage(stage) = line else {
                continue;
            };
            let target = Target::Stage(lifecycle.name.text.clone(), stage.name.text.clone());
            self.define(&stage.name, target);
            if let tree::StageTest::When(condition) = &stage.test {
                self.condition(condition, None);
            }
        }
    }

    fn score(&mut self, score: &tree::Score) {
        for line in &score.lines {
            if let tree::ScoreLine::Points(points) = line {
                self.event(&points.event);
            }
        }
    }

    fn funnel(&mut self, funnel: &tree::Funnel) {
        for line in &funnel.lines {
            let tree::FunnelLine::Stage(stage) = line else {
                continue;
            };
            let target = Target::FunnelStage(funnel.name.text.clone(), stage.name.text.clone());
            self.define(&stage.name, target);
            self.event(&stage.event);
        }
    }

    fn kpi(&mut self, kpi: &tree::Kpi) {
        for line in &kpi.lines {
            match line {
                tree::KpiLine::Measure(tree::Measure::Ratio {
                    numerator,
                    denominator,
                }) => {
                    self.measured(numerator);
                    self.measured(denominator);
                }
                tree::KpiLine::Measure(tree::Measure::Share(condition)) => {
                    self.condition(condition, None);
                }
                tree::KpiLine::Target(target) => self.comparison(&target.comparison, None, None),
                tree::KpiLine::Alert(alert) => {
                    self.use_setting(&alert.to, Kind::Connector);
                    self.comparison(&alert.when, None, None);
                }
                tree::KpiLine::Every(_) | tree::KpiLine::Unknown(_) => {}
            }
        }
    }

    /// A funnel's stage, or a journey's own number: `lead_sla.answered_in_time`.
    fn measured(&mut self, path: &tree::Path) {
        let stage = path.single().and_then(|name| {
            let mut funnels = self.names.all().filter_map(|(funnel, it)| {
                let tree::Declaration::Funnel(declared) = it.declaration else {
                    return None;
                };
                Some((funnel, declared))
            });
            funnels.find_map(|(funnel, declared)| {
                let has = declared.lines.iter().any(|line| match line {
                    tree::FunnelLine::Stage(stage) => stage.name.text == name.text,
                    tree::FunnelLine::Unknown(_) => false,
                });
                has.then(|| (name.span, funnel.to_owned(), name.text.clone()))
            })
        });
        if let Some((span, funnel, name)) = stage {
            return self.uses(span, Target::FunnelStage(funnel, name));
        }
        let [owner, part] = path.parts.as_slice() else {
            return;
        };
        let (name, word) = (owner.text.clone(), part.text.clone());
        match self.names.get(&name).map(|it| it.kind) {
            Some(Kind::Journey) => {
                self.use_named(owner, Kind::Journey);
                if word != "entered" && word != "goal" {
                    self.uses(part.span, Target::Reason(name, word));
                }
            }
            Some(Kind::Funnel) => {
                self.use_named(owner, Kind::Funnel);
                self.uses(part.span, Target::FunnelStage(name, word));
            }
            _ => {}
        }
    }

    fn audience(&mut self, audience: &tree::Audience) {
        for line in &audience.lines {
            match line {
                tree::AudienceLine::People(condition) => self.condition(condition, None),
                tree::AudienceLine::NeedsConsent(name) => self.use_named(name, Kind::Consent),
                tree::AudienceLine::MatchBy(names) => {
                    for name in names {
                        self.uses(name.span, Target::Attribute(name.text.clone()));
                    }
                }
                tree::AudienceLine::SyncTo(_)
                | tree::AudienceLine::KeepAtMost(_)
                | tree::AudienceLine::RankedDaily(_)
                | tree::AudienceLine::Unknown(_) => {}
            }
        }
    }

    fn moved(&mut self, moved: &tree::Moved) {
        // What was moved away exists no longer; only the place it went to is a name of today.
        if let tree::MovedTarget::Step(path) = &moved.to {
            self.step_path(path);
        }
    }

    /// `journey.label`
    fn step_path(&mut self, path: &tree::Path) {
        let Some(journey) = path.first() else { return };
        self.use_named(journey, Kind::Journey);
        if let Some(label) = path.parts.get(1) {
            let target = Target::Label(journey.text.clone(), label.text.clone());
            self.uses(label.span, target);
        }
    }
}
