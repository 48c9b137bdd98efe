//! A compiled program prepared for execution: which events touch which aggregates, which aggregates touch which
//! memberships, names to positions and positions to names. An [`ir::Program`] and the older ones whose journeys still
//! have runs come in; what comes out never panics on anything [`Program::link`] accepted.

pub(crate) mod check;
mod key;
mod merge;
mod watch;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use journey_ir::schema::Type;
use journey_ir::time::Schedule;
use journey_ir::{
    self as ir, AggregateIx, AttributeIx, Channel, ConsentIx, Entry, EventIx, HoursIx, Instant,
    JourneyIx, OfferIx, Span, StepIx, StepKind, Trigger, Unit,
};

use crate::calendar::{Cron, OpenHours, Zone, Zones};
use crate::hash::start_of;
use crate::send::name_of_hole;
use key::Spelled;

pub(crate) use check::{LARGEST_CAP, operands};
pub(crate) use key::Key;
pub(crate) use watch::{Input, WatchIx, Watched, Watches};

/// The field of a built-in event of a reply that holds what was written.
pub(crate) const REPLY_TEXT: &str = "text";
/// What the attribute with a contact's language is called.
const LANGUAGE_NAMES: [&str; 2] = ["language", "언어"];

/// A name of the program, shared by everything that mentions it.
pub type Name = Arc<str>;

/// A linked program.
#[derive(Debug)]
pub struct Program {
    ir: Arc<ir::Program>,
    fingerprint: u64,
    own: Own,
    zone: Arc<Zone>,
    zones: Zones,
    zone_attribute: Option<AttributeIx>,
    language_attribute: Option<AttributeIx>,
    addresses: Vec<(Channel, AttributeIx)>,
    hours: Vec<OpenHours>,
    business_days: Option<HoursIx>,
    attributes: Vec<Named>,
    consents: Vec<Named>,
    offers: Vec<Named>,
    aggregates: Vec<Key>,
    events: Vec<EventLink>,
    event_names: HashMap<String, EventIx>,
    messages: Vec<MessageLink>,
    longest_cap: Option<i64>,
    segments: Vec<Name>,
    lifecycles: Vec<(Name, Vec<Name>)>,
    funnels: Vec<(Name, Vec<Name>)>,
    watches: Watches,
    journeys: Vec<JourneyLink>,
    by_key: BTreeMap<Key, JourneyIx>,
    entry_order: Vec<JourneyIx>,
    current_by_name: BTreeMap<Key, JourneyIx>,
    renamed: BTreeMap<Key, Key>,
    entered_by_change: Vec<JourneyIx>,
}

/// How much of each table the current program has itself; what only retained programs have comes after it.
#[derive(Debug, Clone, Copy)]
struct Own {
    journeys: usize,
    segments: usize,
    lifecycles: usize,
}

impl Own {
    const fn of(current: &ir::Program) -> Self {
        Self {
            journeys: current.journeys.len(),
            segments: current.segments.len(),
            lifecycles: current.lifecycles.len(),
        }
    }

    fn within(self, whole: &ir::Program) -> Self {
        let all = Self::of(whole);
        Self {
            journeys: self.journeys.min(all.journeys),
            segments: self.segments.min(all.segments),
            lifecycles: self.lifecycles.min(all.lifecycles),
        }
    }
}

#[derive(Debug)]
struct Named {
    name: Name,
    key: Key,
}

/// What an event type touches.
#[derive(Debug)]
pub(crate) struct EventLink {
    /// Its name.
    pub(crate) name: Name,
    /// The aggregates that listen to it.
    pub(crate) aggregates: Vec<AggregateIx>,
    /// The watches these can change, in order.
    pub(crate) watches: Vec<WatchIx>,
    /// The funnels it may move the contact along.
    pub(crate) funnels: Vec<ir::FunnelIx>,
    /// The current journeys it may start, in the order in which they do.
    pub(crate) entries: Vec<JourneyIx>,
    heard: bool,
}

/// What is prepared of a journey.
#[derive(Debug)]
pub(crate) struct JourneyLink {
    /// Its name.
    pub(crate) name: Name,
    /// The key of its name, the same for all its versions.
    pub(crate) name_key: Key,
    /// The key of its name and version.
    pub(crate) key: Key,
    /// Its place in the order of entries; last where it is not current.
    rank: usize,
    /// The ids of its steps.
    pub(crate) steps: Vec<Name>,
    /// Its cron expression.
    pub(crate) cron: Option<Cron>,
}

/// What is prepared of a message: the names that its effects share, so that deciding one copies none of them.
#[derive(Debug)]
pub(crate) struct MessageLink {
    /// The template's name.
    pub(crate) template: Name,
    /// The sender's name: the message's own, else the channel's.
    pub(crate) sender: Option<Name>,
    /// The names of its holes that have a value.
    holes: Vec<(ir::Hole, Name)>,
    /// The languages it is written in, the project's first.
    languages: Vec<Name>,
}

/// What keeps a program from being executed. The compiler never writes such a program.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LinkError {
    /// A position points outside its table.
    #[error("{what} refers to {to}, which does not exist")]
    Dangling {
        /// What refers.
        what: String,
        /// To what.
        to: String,
    },
    /// Something stands for itself.
    #[error("{what} depends on itself")]
    Circular {
        /// What it is.
        what: String,
    },
    /// Something is larger than the engine executes.
    #[error("{what} is larger than {limit}")]
    TooLarge {
        /// What it is.
        what: String,
        /// The largest that is executed.
        limit: u64,
    },
    /// Something cannot be executed as it is written.
    #[error("{what}: {why}")]
    Meaningless {
        /// What it is.
        what: String,
        /// What is wrong with it.
        why: String,
    },
}

impl Program {
    /// Prepares a program. `current` decides who enters; the journeys of `retained`, older programs whose journeys
    /// still have runs, stay executable for those runs.
    ///
    /// The tables of `current` keep their positions; what only `retained` has comes after them.
    pub fn link(
        current: Arc<ir::Program>,
        retained: &[Arc<ir::Program>],
    ) -> Result<Self, LinkError> {
        check::program(&current)?;
        let own = Own::of(&current);
        let mut ir = current;
        for old in retained {
            check::program(old)?;
            // Merging follows memberships, so they must not go in circles there either.
            Watches::of(old, 0)?;
            merge::retain(Arc::make_mut(&mut ir), old);
        }
        Self::prepare(ir, own)
    }

    /// Prepares again what was linked before and kept: `whole` is what [`Self::ir`] gave, and `current` what decided who
    /// enters. The result has the positions and the fingerprint it had then.
    pub fn link_again(whole: Arc<ir::Program>, current: &ir::Program) -> Result<Self, LinkError> {
        let own = Own::of(current).within(&whole);
        Self::prepare(whole, own)
    }

    fn prepare(ir: Arc<ir::Program>, own: Own) -> Result<Self, LinkError> {
        let current = own.journeys;
        let zone = match ir.project.timezone.as_str() {
            "" => Some(Zone::utc()),
            name => Zone::named(name),
        };
        let watches = Watches::of(&ir, current)?;
        let entry_order = entry_order(&ir, current);
        let spelled = Spelled(&ir);
        let aggregates: Vec<Key> = (0..ir.aggregates.len())
            .map(|at| Key::of("aggregate", &spelled.aggregate(AggregateIx(at as u32))))
            .collect();
        let mut journeys = journeys(&ir)?;
        let mut current_by_name = BTreeMap::new();
        for (rank, at) in entry_order.iter().enumerate() {
            if let Some(link) = journeys.get_mut(at.at()) {
                link.rank = rank;
                current_by_name.insert(link.name_key, *at);
            }
        }
        let by_change = |at: &&JourneyIx| {
            let entry = ir.journey(**at).map(|it| &it.entry);
            matches!(
                entry,
                Some(Entry::When { trigger, .. }) if !matches!(trigger, Trigger::Event { .. })
            )
        };
        let by_key = runs_by_key(&ir, &journeys);
        let program = Self {
            fingerprint: fingerprint(&ir, &watches, &aggregates),
            own,
            zone: Arc::new(zone.ok_or_else(|| no_zone("the project", &ir.project.timezone))?),
            zones: Zones::default(),
            zone_attribute: position(&ir.schema.attributes, |it| it.kind == Type::Timezone)
                .map(AttributeIx),
            language_attribute: position(&ir.schema.attributes, |it| {
                LANGUAGE_NAMES.contains(&it.name.as_str())
            })
            .map(AttributeIx),
            addresses: addresses(&ir),
            hours: hours(&ir)?,
            business_days: ir.project.business_days,
            attributes: named("attribute", ir.schema.attributes.iter().map(|it| &it.name))?,
            consents: named("consent", ir.schema.consents.iter().map(|it| &it.name))?,
            offers: named("offer", ir.offers.iter().map(|it| &it.name))?,
            events: events(&ir, &aggregates, &watches, &entry_order),
            event_names: ir
                .schema
                .events
                .iter()
                .enumerate()
                .map(|(at, it)| (it.name.clone(), EventIx(at as u32)))
                .collect(),
            messages: messages(&ir),
            longest_cap: longest_cap(&ir),
            segments: ir
                .segments
                .iter()
                .map(|it| it.name.as_str().into())
                .collect(),
            lifecycles: ir
                .lifecycles
                .iter()
                .map(|it| {
                    let stages = it.stages.iter().map(|stage| stage.name.as_str().into());
                    (it.name.as_str().into(), stages.collect())
                })
                .collect(),
            funnels: ir.funnels.iter().map(crate::funnel::names_of).collect(),
            aggregates,
            watches,
            journeys,
            by_key,
            entered_by_change: entry_order.iter().filter(by_change).copied().collect(),
            entry_order,
            current_by_name,
            renamed: renamed(&ir, current),
            ir,
        };
        Ok(program)
    }

    /// The program, with what only retained programs have at the end of its tables.
    #[must_use]
    pub fn ir(&self) -> &ir::Program {
        &self.ir
    }

    /// What was linked, to be linked again: names of a program are counted references, and threads that count the same
    /// ones wait for each other.
    pub fn shared_ir(&self) -> &Arc<ir::Program> {
        &self.ir
    }

    /// Identifies what memberships and schedules of this program mean: the same number for the same meaning.
    #[must_use]
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// Whether a journey decides entries, that is, belongs to the current program.
    #[must_use]
    pub fn is_current(&self, journey: JourneyIx) -> bool {
        journey.at() < self.own.journeys
    }

    /// Whether the current program itself has what is watched, and people are counted and told of by it. Segments and
    /// lifecycles that only retained programs have are there for the conditions of old runs.
    pub(crate) const fn is_own(&self, watched: Watched) -> bool {
        match watched {
            Watched::Segment(at) => at.at() < self.own.segments,
            Watched::Lifecycle(at) => at.at() < self.own.lifecycles,
            Watched::People(_) | Watched::Share(_) | Watched::Audience(_) | Watched::Held(_) => {
                true
            }
        }
    }

    /// Whether anything in the program mentions this event type. An event that nothing mentions does not make an
    /// unknown contact known.
    #[must_use]
    pub fn hears(&self, event: EventIx) -> bool {
        self.event(event).is_some_and(|event| event.heard)
    }

    /// The event type of that name.
    #[must_use]
    pub fn event_by_name(&self, name: &str) -> Option<EventIx> {
        self.event_names.get(name).copied()
    }

    /// The attribute of that name.
    #[must_use]
    pub fn attribute_by_name(&self, name: &str) -> Option<AttributeIx> {
        position(&self.ir.schema.attributes, |it| it.name == name).map(AttributeIx)
    }

    /// The consent of that name.
    #[must_use]
    pub fn consent_by_name(&self, name: &str) -> Option<ConsentIx> {
        position(&self.ir.schema.consents, |it| it.name == name).map(ConsentIx)
    }

    pub(crate) fn event(&self, at: EventIx) -> Option<&EventLink> {
        self.events.get(at.at())
    }

    pub(crate) fn journey(&self, at: JourneyIx) -> Option<(&ir::Journey, &JourneyLink)> {
        self.ir
            .journeys
            .get(at.at())
            .zip(self.journeys.get(at.at()))
    }

    /// The journey of a run, where its version is loaded.
    pub(crate) fn journey_of(&self, key: Key) -> Option<JourneyIx> {
        self.by_key.get(&key).copied()
    }

    /// The name of a journey in any version.
    pub(crate) fn journey_name(&self, name: Key) -> Option<&Name> {
        self.journeys
            .iter()
            .find(|it| it.name_key == name)
            .map(|it| &it.name)
    }

    /// The current journeys in the order in which they are entered: by priority, then by name.
    pub(crate) fn entry_order(&self) -> &[JourneyIx] {
        &self.entry_order
    }

    /// The place of a journey in that order.
    pub(crate) fn rank(&self, at: JourneyIx) -> usize {
        self.journeys.get(at.at()).map_or(usize::MAX, |it| it.rank)
    }

    /// The current journeys that a change of membership may start, in that order.
    pub(crate) fn entered_by_change(&self) -> &[JourneyIx] {
        &self.entered_by_change
    }

    /// The key of the name that a journey has today, where it was renamed.
    pub(crate) fn renamed(&self, name: Key) -> Option<Key> {
        self.renamed.get(&name).copied()
    }

    /// Whether any current journey had another name before.
    pub(crate) fn renames(&self) -> bool {
        !self.renamed.is_empty()
    }

    /// The current version of the journey whose name has a key.
    pub(crate) fn current_journey(&self, name: Key) -> Option<JourneyIx> {
        self.current_by_name.get(&name).copied()
    }

    pub(crate) fn watches(&self) -> &Watches {
        &self.watches
    }

    pub(crate) fn aggregate_key(&self, at: AggregateIx) -> Option<Key> {
        self.aggregates.get(at.at()).copied()
    }

    pub(crate) fn attribute_key(&self, at: AttributeIx) -> Option<Key> {
        self.attributes.get(at.at()).map(|it| it.key)
    }

    pub(crate) fn attribute_name(&self, at: AttributeIx) -> Name {
        self.attributes
            .get(at.at())
            .map_or_else(|| "".into(), |it| Arc::clone(&it.name))
    }

    pub(crate) fn consent_key(&self, at: ConsentIx) -> Option<Key> {
        self.consents.get(at.at()).map(|it| it.key)
    }

    pub(crate) fn consent_name(&self, at: ConsentIx) -> Name {
        self.consents
            .get(at.at())
            .map_or_else(|| "".into(), |it| Arc::clone(&it.name))
    }

    /// The name of the consent with a key.
    pub(crate) fn consent_named(&self, key: Key) -> Option<&Name> {
        self.consents
            .iter()
            .find(|it| it.key == key)
            .map(|it| &it.name)
    }

    pub(crate) fn offer_key(&self, at: OfferIx) -> Option<Key> {
        self.offers.get(at.at()).map(|it| it.key)
    }

    /// The name of a message's template.
    pub(crate) fn template_name(&self, at: ir::MessageIx) -> Name {
        self.messages
            .get(at.at())
            .map_or_else(|| "".into(), |it| Arc::clone(&it.template))
    }

    /// What is prepared of a message.
    pub(crate) fn message(&self, at: ir::MessageIx) -> Option<&MessageLink> {
        self.messages.get(at.at())
    }

    /// How far back the caps of all policies look at most, in milliseconds.
    pub(crate) const fn longest_cap(&self) -> Option<i64> {
        self.longest_cap
    }

    pub(crate) fn segment_name(&self, at: ir::SegmentIx) -> Name {
        self.segments
            .get(at.at())
            .map_or_else(|| "".into(), Arc::clone)
    }

    pub(crate) fn lifecycle_name(&self, at: ir::LifecycleIx) -> Name {
        self.lifecycles
            .get(at.at())
            .map_or_else(|| "".into(), |(name, _)| Arc::clone(name))
    }

    pub(crate) fn stage_name(&self, at: ir::LifecycleIx, stage: ir::StageIx) -> Name {
        self.lifecycles
            .get(at.at())
            .and_then(|(_, stages)| stages.get(stage.at()))
            .map_or_else(|| "".into(), Arc::clone)
    }

    /// The names of a funnel and of one of its stages.
    pub(crate) fn funnel_names(&self, at: ir::FunnelIx, stage: usize) -> (Name, Name) {
        let found = self.funnels.get(at.at());
        let (funnel, stage) = found.map_or((None, None), |(funnel, stages)| {
            (Some(Arc::clone(funnel)), stages.get(stage).map(Arc::clone))
        });
        (
            funnel.unwrap_or_else(|| "".into()),
            stage.unwrap_or_else(|| "".into()),
        )
    }

    /// The project's zone.
    pub(crate) fn zone(&self) -> &Arc<Zone> {
        &self.zone
    }

    /// The zone of a name, or the project's where there is no such zone.
    pub(crate) fn zone_named(&self, name: &str) -> Arc<Zone> {
        if *name == **self.zone.name() {
            return Arc::clone(&self.zone);
        }
        self.zones
            .named(name)
            .unwrap_or_else(|| Arc::clone(&self.zone))
    }

    /// The attribute that holds a contact's language.
    #[must_use]
    pub fn language_attribute(&self) -> Option<AttributeIx> {
        self.language_attribute
    }

    /// The attribute that holds a contact's zone.
    pub(crate) fn zone_attribute(&self) -> Option<AttributeIx> {
        self.zone_attribute
    }

    /// The attribute that holds a contact's address on a channel.
    pub(crate) fn address(&self, channel: Channel) -> Option<AttributeIx> {
        self.addresses
            .iter()
            .find(|(on, _)| *on == channel)
            .map(|(_, at)| *at)
    }

    pub(crate) fn hours(&self, at: HoursIx) -> Option<&OpenHours> {
        self.hours.get(at.at())
    }

    /// The hours whose open days are business days.
    pub(crate) fn business_days(&self) -> Option<&OpenHours> {
        self.hours(self.business_days?)
    }

    /// The instant a span after another: business days on the project's calendar, all else on that of a zone.
    pub(crate) fn after(&self, zone: &Zone, at: Instant, span: Span) -> Instant {
        match (span.unit, self.business_days()) {
            (Unit::BusinessDay, Some(hours)) => hours.business_days_after(at, span.n),
            _ => zone.after(at, span),
        }
    }
}

impl MessageLink {
    fn new(ir: &ir::Program, message: &ir::Message) -> Self {
        let mut channels = ir.project.channels.iter();
        let channel = channels.find(|it| it.channel == message.channel);
        let of_channel = channel.and_then(|it| it.sender.as_deref());
        let translated = message.translations.iter();
        let words = translated.flat_map(|it| it.subject.iter().chain(&it.body));
        let pieces = message.subject.iter().chain(&message.body).chain(words);
        let mut holes: Vec<(ir::Hole, Name)> = Vec::new();
        for piece in pieces {
            if let ir::Piece::Hole { hole, .. } = piece
                && holes.iter().all(|(known, _)| known != hole)
                && let Some(name) = name_of_hole(ir, message, hole)
            {
                holes.push((hole.clone(), name.into()));
            }
        }
        let translations = message.translations.iter().map(|it| &it.language);
        let languages = std::iter::once(&ir.project.language).chain(translations);
        Self {
            template: message.template.as_str().into(),
            sender: message.sender.as_deref().or(of_channel).map(Into::into),
            holes,
            languages: languages.map(|it| it.as_str().into()).collect(),
        }
    }

    /// The name of a hole; none for the link to unsubscribe.
    pub(crate) fn hole(&self, hole: &ir::Hole) -> Option<&Name> {
        let mut holes = self.holes.iter();
        holes.find(|(it, _)| it == hole).map(|(_, name)| name)
    }

    /// A language by its code.
    pub(crate) fn language(&self, code: &str) -> Name {
        let mut languages = self.languages.iter();
        let known = languages.find(|it| ***it == *code);
        known.map_or_else(|| code.into(), Arc::clone)
    }
}

impl JourneyLink {
    /// The id of a step.
    pub(crate) fn step(&self, at: StepIx) -> Name {
        self.steps
            .get(at.at())
            .map_or_else(|| "".into(), Arc::clone)
    }
}

fn position<T>(table: &[T], is: impl Fn(&T) -> bool) -> Option<u32> {
    table.iter().position(is).map(|at| at as u32)
}

fn no_zone(what: &str, zone: &str) -> LinkError {
    LinkError::Meaningless {
        what: what.to_owned(),
        why: format!("there is no time zone named `{zone}`"),
    }
}

fn named<'a>(kind: &str, names: impl Iterator<Item = &'a String>) -> Result<Vec<Named>, LinkError> {
    let mut all: Vec<Named> = Vec::new();
    for name in names {
        let key = Key::of(kind, name);
        if all.iter().any(|it| it.key == key) {
            return Err(LinkError::Meaningless {
                what: format!("{kind} {name}"),
                why: "another has the same name, or by chance the same key; rename one".into(),
            });
        }
        all.push(Named {
            name: name.as_str().into(),
            key,
        });
    }
    Ok(all)
}

fn addresses(ir: &ir::Program) -> Vec<(Channel, AttributeIx)> {
    ir.project
        .addresses
        .iter()
        .filter_map(|(channel, name)| {
            let at = position(&ir.schema.attributes, |it| it.name == *name)?;
            Some((*channel, AttributeIx(at)))
        })
        .collect()
}

fn hours(ir: &ir::Program) -> Result<Vec<OpenHours>, LinkError> {
    ir.project
        .hours
        .iter()
        .map(|hours| OpenHours::new(hours).ok_or_else(|| no_zone(&hours.name, &hours.timezone)))
        .collect()
}

fn messages(ir: &ir::Program) -> Vec<MessageLink> {
    let messages = ir.messages.iter();
    messages.map(|it| MessageLink::new(ir, it)).collect()
}

fn longest_cap(ir: &ir::Program) -> Option<i64> {
    let rules = ir.policies.iter().flat_map(|policy| &policy.rules);
    rules
        .filter_map(|rule| match rule {
            ir::PolicyRule::Cap { per, .. } => Some(per.at_most()),
            ir::PolicyRule::Quiet { .. } | ir::PolicyRule::HoldOut { .. } => None,
        })
        .max()
}

fn journeys(ir: &ir::Program) -> Result<Vec<JourneyLink>, LinkError> {
    let mut all: Vec<JourneyLink> = Vec::with_capacity(ir.journeys.len());
    for journey in &ir.journeys {
        let cron = match &journey.entry {
            Entry::Schedule {
                schedule: Schedule::Cron(text),
                ..
            } => Some(Cron::parse(text).ok_or_else(|| LinkError::Meaningless {
                what: journey.name.clone(),
                why: format!("`{text}` is not a cron expression of five fields"),
            })?),
            Entry::Schedule { .. } | Entry::When { .. } => None,
        };
        let key = version_key(&journey.name, &journey.version);
        if all.iter().any(|it| it.key == key) {
            return Err(LinkError::Meaningless {
                what: format!("journey {}", journey.name),
                why: "another has the same name and version".into(),
            });
        }
        all.push(JourneyLink {
            name: journey.name.as_str().into(),
            name_key: Key::of("journey", &journey.name),
            key,
            rank: usize::MAX,
            steps: journey
                .steps
                .iter()
                .map(|step| step.id.as_str().into())
                .collect(),
            cron,
        });
    }
    Ok(all)
}

fn version_key(name: &str, version: &str) -> Key {
    Key::of("version", &format!("{name}\0{version}"))
}

/// The journeys by the keys of their names and versions, under every name they ever had.
fn runs_by_key(ir: &ir::Program, links: &[JourneyLink]) -> BTreeMap<Key, JourneyIx> {
    let mut all = BTreeMap::new();
    for now in ir.journeys.iter().filter(|it| !it.formerly.is_empty()) {
        for (at, journey) in ir.journeys.iter().enumerate() {
            if journey.name == now.name {
                for name in &now.formerly {
                    let key = version_key(name, &journey.version);
                    all.insert(key, JourneyIx(at as u32));
                }
            }
        }
    }
    // A name of today wins over one of the past.
    let today = links.iter().enumerate();
    all.extend(today.map(|(at, it)| (it.key, JourneyIx(at as u32))));
    all
}

/// The keys of the names that current journeys had before, each with that of the name of today.
fn renamed(ir: &ir::Program, current: usize) -> BTreeMap<Key, Key> {
    let journeys = ir.journeys.iter().take(current);
    journeys
        .flat_map(|it| {
            let now = Key::of("journey", &it.name);
            let before = it.formerly.iter();
            before.map(move |name| (Key::of("journey", name), now))
        })
        .collect()
}

fn entry_order(ir: &ir::Program, current: usize) -> Vec<JourneyIx> {
    let mut order: Vec<(u8, &str, usize)> = ir
        .journeys
        .iter()
        .take(current)
        .enumerate()
        .map(|(at, it)| (u8::MAX - it.priority, it.name.as_str(), at))
        .collect();
    order.sort_unstable();
    order
        .into_iter()
        .map(|(_, _, at)| JourneyIx(at as u32))
        .collect()
}

fn events(
    ir: &ir::Program,
    keys: &[Key],
    watches: &Watches,
    entry_order: &[JourneyIx],
) -> Vec<EventLink> {
    (0..ir.schema.events.len())
        .map(|at| {
            let event = EventIx(at as u32);
            let mut aggregates: Vec<AggregateIx> = Vec::new();
            for (at, aggregate) in ir.aggregates.iter().enumerate() {
                // Two aggregates that say the same share one state, which must count an event once.
                let same = |it: &AggregateIx| keys.get(it.at()) == keys.get(at);
                if aggregate.listens_to(event) && !aggregates.iter().any(same) {
                    aggregates.push(AggregateIx(at as u32));
                }
            }
            let mut touched: Vec<WatchIx> = ir
                .aggregates
                .iter()
                .enumerate()
                .filter(|(_, aggregate)| aggregate.listens_to(event))
                .flat_map(|(at, _)| watches.touched_by(Input::Aggregate(AggregateIx(at as u32))))
                .copied()
                .collect();
            touched.sort_unstable();
            touched.dedup();
            let starts =
                |at: &&JourneyIx| ir.journey(**at).and_then(check::entry_event) == Some(event);
            EventLink {
                name: ir.event(event).map_or("", |it| it.name.as_str()).into(),
                heard: !aggregates.is_empty() || ir.journeys.iter().any(|it| mentions(it, event)),
                aggregates,
                watches: touched,
                funnels: funnels_of(ir, event),
                entries: entry_order.iter().filter(starts).copied().collect(),
            }
        })
        .collect()
}

/// The funnels with a stage that this event may reach.
fn funnels_of(ir: &ir::Program, event: EventIx) -> Vec<ir::FunnelIx> {
    let listens = |stage: &ir::FunnelStage| {
        let aggregate = ir.aggregate(stage.aggregate);
        aggregate.is_some_and(|it| it.event == event)
    };
    let touched = ir.funnels.iter().enumerate();
    touched
        .filter(|(_, funnel)| funnel.stages.iter().any(listens))
        .map(|(at, _)| ir::FunnelIx(at as u32))
        .collect()
}

fn mentions(journey: &ir::Journey, event: EventIx) -> bool {
    let is =
        |trigger: &Trigger| matches!(trigger, Trigger::Event { event: it, .. } if *it == event);
    let races = |step: &ir::Step| match &step.kind {
        StepKind::Race { arms, .. } => arms.iter().any(|arm| is(&arm.trigger)),
        StepKind::Repeat { until, .. } => until.as_ref().is_some_and(is),
        StepKind::Ask { reply, .. } => *reply == event,
        StepKind::Split {
            measured: Some(measured),
            ..
        } => measured.event == event,
        _ => false,
    };
    check::entry_event(journey) == Some(event)
        || journey
            .goal
            .as_ref()
            .is_some_and(|goal| goal.event == event)
        || journey.exits.iter().any(|exit| is(&exit.trigger))
        || journey.steps.iter().any(races)
}

/// A hash of everything that memberships and schedules depend on.
fn fingerprint(ir: &ir::Program, watches: &Watches, aggregates: &[Key]) -> u64 {
    let spelled = Spelled(ir);
    let mut hash = blake3::Hasher::new();
    hash.update(ir.project.timezone.as_bytes());
    for key in aggregates {
        hash.update(&key.0.to_le_bytes());
    }
    for watched in &watches.all {
        let name = match watched {
            Watched::Segment(at) => ir.segment(*at).map(|it| format!("segment {}", it.name)),
            Watched::Lifecycle(at) => ir.lifecycle(*at).map(|it| {
                let stages: Vec<_> = it.stages.iter().map(|stage| stage.name.as_str()).collect();
                format!("lifecycle {} {stages:?}", it.name)
            }),
            Watched::People(at) => ir.journey(*at).map(|it| match &it.entry {
                Entry::Schedule { schedule, .. } => {
                    format!("schedule {} {schedule:?} until {:?}", it.name, it.ends)
                }
                Entry::When { .. } => String::new(),
            }),
            Watched::Share(at) => ir.kpi(*at).map(|it| format!("kpi {}", it.name)),
            Watched::Held(_) => Some("held".to_owned()),
            Watched::Audience(at) => ir.audience(*at).map(|it| {
                let consents = it.consents.iter().filter_map(|at| ir.consent(*at));
                let consents: Vec<_> = consents.map(|it| it.name.as_str()).collect();
                let by = it.match_by.iter().filter_map(|at| ir.attribute(*at));
                let by: Vec<_> = by.map(|it| it.name.as_str()).collect();
                format!(
                    "audience {} {consents:?} {by:?} {:?} {:?}",
                    it.name, it.sync, it.keep
                )
            }),
        };
        hash.update(name.unwrap_or_default().as_bytes());
        for at in watch::conditions_of(ir, *watched) {
            hash.update(&[0])
                .update(spelled.condition(at, None).as_bytes());
        }
    }
    for funnel in &ir.funnels {
        let stages = funnel.stages.iter().map(|stage| {
            let aggregate = aggregates.get(stage.aggregate.at()).map(|key| key.0);
            (stage.name.as_str(), aggregate, stage.n, stage.within)
        });
        let stages: Vec<_> = stages.collect();
        hash.update(format!("funnel {} {stages:?}", funnel.name).as_bytes());
    }
    start_of(hash.finalize().as_bytes())
}
