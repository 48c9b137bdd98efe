//! What could be written next: the strict rule of a place is run on what stands before, and what it would have taken
//! there is turned into words. For editors.

use pest::Parser as _;
use pest::error::{ErrorVariant, InputLocation};

use crate::parse::{JourneyParser, Rule};
use crate::rule_words::{spellings, starters};

/// No rule takes this character, so every rule stops at it.
const STOP: char = '\u{1}';

/// How many bytes before the cursor are looked at.
const MAX_BEFORE: usize = 4_096;

/// Where in a file a line stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In `contact { … }`.
    Contact,
    /// In `event … { … }`.
    Event,
    /// In `consent … { … }`.
    Consent,
    /// In `segment … { … }`, and in `where ( … )`.
    Condition,
    /// In `lifecycle … { … }`.
    Lifecycle,
    /// In `score … { … }`.
    Score,
    /// In `offer … { … }`.
    Offer,
    /// In `policy … { … }`.
    Policy,
    /// In `audience … { … }`.
    Audience,
    /// In `funnel … { … }`.
    Funnel,
    /// In `kpi … { … }`.
    Kpi,
    /// In `journey … { … }`, where lines of the header stand.
    Header,
    /// In any block of steps.
    Step,
    /// In `wait up to … { … }`.
    RaceArm,
    /// In `choose by … { … }`.
    ChooseArm,
    /// In `split … { … }`.
    SplitArm,
    /// In `ask … { … }`.
    AskArm,
    /// In `draw … { … }`.
    DrawArm,
    /// In the braces of an object in an event.
    Object,
    /// In `test … { … }`.
    Test,
    /// In the braces of `given` and `does`.
    Record,
}

impl Place {
    const fn rule(self) -> Rule {
        match self {
            Self::Contact => Rule::only_contact,
            Self::Event => Rule::only_event,
            Self::Consent => Rule::only_consent,
            Self::Condition => Rule::only_condition,
            Self::Lifecycle => Rule::only_lifecycle,
            Self::Score => Rule::only_score,
            Self::Offer => Rule::only_offer,
            Self::Policy => Rule::only_policy,
            Self::Audience => Rule::only_audience,
            Self::Funnel => Rule::only_funnel,
            Self::Kpi => Rule::only_kpi,
            Self::Header => Rule::only_header,
            Self::Step => Rule::only_step,
            Self::RaceArm => Rule::only_race_arm,
            Self::ChooseArm => Rule::only_choose_arm,
            Self::SplitArm => Rule::only_split_arm,
            Self::AskArm => Rule::only_ask_arm,
            Self::DrawArm => Rule::only_draw_arm,
            Self::Object => Rule::only_object,
            Self::Test => Rule::only_test,
            Self::Record => Rule::only_record,
        }
    }
}

/// What could follow.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Suggestions {
    /// Keywords, in the order of the grammar.
    pub words: Vec<String>,
    /// Whether a name of the project, or a value, could stand there.
    pub takes_name: bool,
}

/// Returns what could follow `before`, which is a line of the place up to the word that is being written.
///
/// ```
/// use journey_grammar::{Place, suggest};
/// let found = suggest(Place::Header, "reenter ");
/// assert!(found.words.contains(&"never".to_owned()));
/// ```
pub fn suggest(place: Place, before: &str) -> Suggestions {
    let before = before.trim_start();
    if before.len() > MAX_BEFORE {
        return Suggestions::default();
    }
    let rule = match place {
        Place::Step => head(before).unwrap_or(Rule::only_step),
        _ => place.rule(),
    };
    let mut found = Suggestions::default();
    if before.is_empty() {
        let words = starters(rule).iter().map(|&word| word.to_owned());
        found.words.extend(words);
    }
    let text = format!("{}\n{STOP}", before.trim_end());
    let Err(error) = JourneyParser::parse(rule, text.trim_start_matches('\n')) else {
        return found;
    };
    let InputLocation::Pos(at) = error.location else {
        return found;
    };
    let ErrorVariant::ParsingError { positives, .. } = error.variant else {
        return found;
    };
    if at < before.trim_end().len() {
        return found;
    }
    for rule in positives {
        found.takes_name |= is_name(rule);
        for word in spellings(rule) {
            if !found.words.contains(&word) {
                found.words.push(word);
            }
        }
    }
    found
}

/// The rule of what stands before the brace of a step with arms.
fn head(line: &str) -> Option<Rule> {
    Some(match line.split_whitespace().next()? {
        "choose" => Rule::only_choose,
        "split" => Rule::only_split,
        "ask" => Rule::only_ask,
        "draw" => Rule::only_draw,
        "every" => Rule::only_every_time,
        "repeat" => Rule::only_repeat,
        _ => return None,
    })
}

const fn is_name(rule: Rule) -> bool {
    matches!(
        rule,
        Rule::name
            | Rule::word
            | Rule::path
            | Rule::names
            | Rule::value
            | Rule::values
            | Rule::condition
            | Rule::compare
            | Rule::event_pattern
            | Rule::pattern
            | Rule::trigger
            | Rule::arm_key
    )
}

/// Tells whether a word means something to the language where a name could stand, so that a name must be in backticks.
pub fn is_reserved(word: &str) -> bool {
    JourneyParser::parse(Rule::only_reserved, word).is_ok()
}
