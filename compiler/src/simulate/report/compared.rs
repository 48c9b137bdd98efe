//! What two versions of a project do differently, as sections of a document.

use std::collections::{BTreeMap, BTreeSet};

use journey_engine::program::Name;
use journey_ir::Channel;

use super::document::{Block, Say, Section, Table, number, share, signed};
use super::told::channel_word;
use crate::simulate::act::Act;
use crate::simulate::compare::Comparison;
use crate::simulate::tally::{JourneyTally, Tally};

/// A number of a journey.
type Measure = fn(&JourneyTally) -> u64;

pub(super) fn sections(comparison: &Comparison, say: Say<'_>) -> Vec<Section> {
    let mut blocks = vec![Block::Words(who(comparison, say))];
    if comparison.different > 0 {
        blocks.push(journeys(comparison, say));
        blocks.push(templates(comparison, say));
        blocks.push(examples(comparison, say));
    }
    vec![Section {
        title: say.word("What is different", "달라지는 것"),
        name: None,
        blocks,
    }]
}

fn who(comparison: &Comparison, say: Say<'_>) -> String {
    let all = comparison
        .before
        .tally
        .people
        .max(comparison.after.tally.people);
    let (different, people) = (number(comparison.different), number(all));
    let percent = share(comparison.different, all);
    if comparison.different == 0 {
        return say.word(
            &format!("nothing is done differently to any of {people} people"),
            &format!("{people}명 모두에게 똑같습니다"),
        );
    }
    say.word(
        &format!("{different} of {people} people ({percent}) would have been treated differently"),
        &format!("{people}명 가운데 {different}명({percent})에게 달라집니다"),
    )
}

fn head(first: &[String], say: Say<'_>) -> Vec<String> {
    let mut head = first.to_vec();
    head.push(say.word("before", "이전"));
    head.push(say.word("after", "이후"));
    head.push(say.word("difference", "차이"));
    head
}

fn journeys(comparison: &Comparison, say: Say<'_>) -> Block {
    let (before, after) = (
        &comparison.before.tally.journeys,
        &comparison.after.tally.journeys,
    );
    let names: BTreeSet<&Name> = before.keys().chain(after.keys()).collect();
    let measures: [(String, Measure); 4] = [
        (say.word("entered", "시작"), |it| it.entered),
        (say.word("messages", "메시지"), JourneyTally::sent),
        (say.word("skipped", "안 보냄"), |it| it.skipped),
        (say.word("goals", "목표"), |it| it.goals),
    ];
    let mut rows = Vec::new();
    for name in names {
        for (words, measure) in &measures {
            let of = |side: &BTreeMap<Name, JourneyTally>| side.get(name).map_or(0, measure);
            let (was, is) = (of(before), of(after));
            if (was, is) != (0, 0) {
                rows.push(vec![
                    name.to_string(),
                    words.clone(),
                    number(was),
                    number(is),
                    signed(was, is),
                ]);
            }
        }
    }
    Block::Table(Table {
        head: head(&[say.word("journey", "여정"), String::new()], say),
        words: 2,
        rows,
    })
}

fn templates(comparison: &Comparison, say: Say<'_>) -> Block {
    let (before, after) = (
        sent(&comparison.before.tally),
        sent(&comparison.after.tally),
    );
    let keys: BTreeSet<_> = before.keys().chain(after.keys()).copied().collect();
    let rows = keys.into_iter().map(|(channel, template)| {
        let of = |side: &BTreeMap<_, u64>| side.get(&(channel, template)).copied().unwrap_or(0);
        let (was, is) = (of(&before), of(&after));
        vec![
            channel_word(channel, say),
            template.to_string(),
            number(was),
            number(is),
            signed(was, is),
        ]
    });
    Block::Table(Table {
        head: head(
            &[say.word("channel", "채널"), say.word("template", "템플릿")],
            say,
        ),
        words: 2,
        rows: rows.collect(),
    })
}

/// Messages by channel and template.
pub(super) fn sent(tally: &Tally) -> BTreeMap<(Channel, &str), u64> {
    let mut sent = BTreeMap::new();
    for ((channel, template), count) in tally.journeys.values().flat_map(|it| &it.messages) {
        *sent.entry((*channel, &**template)).or_default() += count;
    }
    sent
}

fn examples(comparison: &Comparison, say: Say<'_>) -> Block {
    let line = |act: Option<&Act>| {
        act.map_or_else(
            || say.word("nothing", "없음"),
            |it| format!("{} {}", say.time(it.at), say.text(&it.words())),
        )
    };
    let rows = comparison.examples.iter().map(|it| {
        vec![
            it.name.clone(),
            line(it.before.as_ref()),
            line(it.after.as_ref()),
        ]
    });
    Block::Table(Table {
        head: vec![
            say.word("for example", "보기"),
            say.word("before, first difference", "이전: 처음 달라진 줄"),
            say.word("after", "이후"),
        ],
        words: 3,
        rows: rows.collect(),
    })
}
