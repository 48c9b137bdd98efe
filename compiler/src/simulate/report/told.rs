//! The numbers of a simulation as a document.

use std::collections::BTreeMap;

use jiff::tz::TimeZone;
use journey_engine::Claimed;
use journey_engine::program::Name;
use journey_ir::Channel;

use super::SimulationReport;
use super::compared;
use super::document::{Bar, Bars, Block, Days, Document, Say, Section, Table, number, share};
use crate::problem::{Language, Text};
use crate::simulate::reason::Reason;
use crate::simulate::tally::{Flow, JourneyTally, Tally};

pub(super) fn document(report: &SimulationReport<'_>, language: Language) -> Document {
    let ir = report.now.program.ir();
    let zone = TimeZone::get(&ir.project.timezone).unwrap_or(TimeZone::UTC);
    let say = Say {
        language,
        zone: &zone,
    };
    let mut document = Document {
        title: format!(
            "{} — {}",
            ir.project.name,
            say.word("simulation", "시뮬레이션")
        ),
        lead: lead(report, say),
        alerts: alerts(report, say),
        figures: figures(&report.now.tally, say),
        sections: Vec::new(),
    };
    let sections = &mut document.sections;
    if let Some(comparison) = report.comparison {
        sections.extend(compared::sections(comparison, say));
    }
    sections.push(journeys(report, say));
    sections.extend(messages(&report.now.tally, say));
    sections.extend(not_sent(&report.now.tally, say));
    for (name, journey) in &report.now.tally.journeys {
        sections.extend(one_journey(report, name, journey, say));
    }
    sections.extend(groups(&report.now.tally, say));
    sections.extend(bad_rows(report, say));
    document
}

fn lead(report: &SimulationReport<'_>, say: Say<'_>) -> Vec<String> {
    let (intake, tally) = (&report.now.intake, &report.now.tally);
    let mut lead = Vec::new();
    if let (Some(first), Some(last)) = (intake.first, intake.last) {
        lead.push(say.word(
            &format!("log from {} to {}", say.time(first), say.time(last)),
            &format!("기록 기간 {} ~ {}", say.time(first), say.time(last)),
        ));
    }
    let [rows, taken, repeats, passed, bad] = [
        intake.rows,
        tally.taken + intake.joined,
        tally.repeats,
        intake.passed_over + tally.passed_over,
        intake.bad,
    ]
    .map(number);
    lead.push(say.word(
        &format!("{rows} rows: {taken} events and changes taken, {repeats} repeats, {passed} passed over, {bad} bad"),
        &format!("{rows}줄: 이벤트와 변경 {taken}건 처리, 중복 {repeats}, 건너뜀 {passed}, 잘못된 줄 {bad}"),
    ));
    if let Some(until) = report.now.until {
        let until = say.time(until);
        lead.push(say.word(
            &format!("everything is decided until {until}; nothing was sent"),
            &format!("{until}까지 계산했고, 실제로 보낸 것은 없습니다"),
        ));
    }
    lead
}

/// What is missing from the log, and the flag that assumes it.
fn alerts(report: &SimulationReport<'_>, say: Say<'_>) -> Vec<String> {
    let because = |code: &str| -> u64 {
        let journeys = report.now.tally.journeys.values();
        let reasons = journeys.flat_map(|it| &it.reasons);
        reasons
            .filter(|(reason, _)| reason.code == code)
            .map(|(_, count)| count)
            .sum()
    };
    let mut alerts = Vec::new();
    let (consent, address) = (because("no_consent"), because("no_address"));
    let assume = report.now.assume;
    if consent > 0 && !assume.consent {
        let count = number(consent);
        alerts.push(say.word(
            &format!("{count} sends were skipped for lack of consent. Logs seldom hold consents: `--assume consent` lets everyone have given them"),
            &format!("동의가 없어 보내지 않은 메시지가 {count}건입니다. 기록에 동의가 없다면 `--assume consent`를 붙여 모두 동의한 것으로 계산하세요"),
        ));
    }
    if address > 0 && !assume.addresses {
        let count = number(address);
        alerts.push(say.word(
            &format!("{count} sends found no address in the log; `--assume addresses` lets everyone have one"),
            &format!("주소 기록이 없어 보내지 못한 메시지가 {count}건입니다. `--assume addresses`를 붙이면 모두 주소가 있는 것으로 계산합니다"),
        ));
    }
    for (what, drawn) in &report.now.tally.prizes {
        if drawn.refused > 0 {
            let (granted, refused) = (number(drawn.granted), number(drawn.refused));
            alerts.push(match what {
                Claimed::Prize { draw, prize } => say.word(
                    &format!("all {granted} of `{prize}` of {draw} went to the first who drew it; {refused} more drew it in vain"),
                    &format!("{draw}의 `{prize}` {granted}개는 먼저 뽑은 사람들이 모두 받았고, {refused}번은 남은 것이 없었습니다"),
                ),
                Claimed::Offers(offers) => {
                    let offers = offers.join("`, `");
                    say.word(
                        &format!("the offer `{offers}` was used up after {granted}; {refused} more were to get it and got nothing"),
                        &format!("혜택 `{offers}`: {granted}건을 발급하고 소진되어 {refused}건은 나가지 않았습니다"),
                    )
                }
            });
        }
    }
    if assume.consent {
        alerts.push(say.word(
            "assumed: everyone gave every consent from the first row on",
            "가정: 모두가 처음부터 모든 동의를 했습니다",
        ));
    }
    if assume.addresses {
        alerts.push(say.word(
            "assumed: everyone has an address on every channel",
            "가정: 모두가 채널마다 주소를 갖고 있습니다",
        ));
    }
    alerts
}

fn figures(tally: &Tally, say: Say<'_>) -> Vec<(String, String)> {
    let journeys = || tally.journeys.values();
    let entered: u64 = journeys().map(|it| it.entered).sum();
    let goals: u64 = journeys().map(|it| it.goals).sum();
    let skipped: u64 = journeys().map(|it| it.skipped).sum();
    [
        (say.word("people", "사람"), tally.people),
        (say.word("entered journeys", "여정 시작"), entered),
        (say.word("messages", "메시지"), tally.messages()),
        (say.word("sends skipped", "보내지 않음"), skipped),
        (say.word("goals reached", "목표 달성"), goals),
    ]
    .map(|(label, count)| (label, number(count)))
    .into()
}

fn journeys(report: &SimulationReport<'_>, say: Say<'_>) -> Section {
    let rows = report.now.tally.journeys.iter().map(|(name, it)| {
        let ended = it.left.values().sum::<u64>() - it.inside();
        let (completed, goal) = (it.ended_as("completed"), it.ended_as("goal"));
        vec![
            name.to_string(),
            number(it.entered),
            number(it.inside()),
            number(completed),
            number(goal),
            number(ended - completed - goal),
            number(it.sent()),
            number(it.skipped),
            number(it.goals),
            it.median()
                .map_or_else(|| "–".to_owned(), |it| say.length(it)),
        ]
    });
    Section {
        title: say.word("Journeys", "여정"),
        name: None,
        blocks: vec![Block::Table(Table {
            head: vec![
                say.word("journey", "여정"),
                say.word("entered", "시작"),
                say.word("inside", "진행 중"),
                say.word("completed", "완료"),
                say.word("by goal", "목표로 끝"),
                say.word("other exits", "그 밖에 나감"),
                say.word("messages", "메시지"),
                say.word("skipped", "안 보냄"),
                say.word("goals", "목표"),
                say.word("median to goal", "목표까지 중앙값"),
            ],
            words: 1,
            rows: rows.collect(),
        })],
    }
}

fn messages(tally: &Tally, say: Say<'_>) -> Option<Section> {
    let mut blocks = Vec::new();
    let series = Channel::ALL.into_iter().filter_map(|channel| {
        let of_day = |(day, by): (&i32, &BTreeMap<Channel, u64>)| Some((*day, *by.get(&channel)?));
        let days: BTreeMap<i32, u64> = tally.days.iter().filter_map(of_day).collect();
        (!days.is_empty()).then(|| (channel_word(channel, say), channel.word(), days))
    });
    let what = Text::new("Messages", "메시지");
    blocks.push(Block::Days(Days::of(&what, series.collect(), say)?));
    let labels = ["0", "1", "2", "3–5", "6+"];
    let rows = labels
        .into_iter()
        .zip(tally.per_person)
        .map(|(label, count)| Bar {
            label: label.to_owned(),
            count,
            colour: if label == "0" { "quiet" } else { "email" },
        });
    blocks.push(Block::Bars(Bars {
        caption: say.word("Messages per person", "한 사람이 받은 메시지 수"),
        rows: rows.collect(),
    }));
    if let Some((count, who)) = &tally.most {
        let count = number(*count);
        blocks.push(Block::Words(say.word(
            &format!("most: {who} gets {count}"),
            &format!("가장 많이 받은 사람: {who}, {count}건"),
        )));
    }
    let mut templates: BTreeMap<(Channel, &Name), u64> = BTreeMap::new();
    for ((channel, template), count) in tally.journeys.values().flat_map(|it| &it.messages) {
        *templates.entry((*channel, template)).or_default() += count;
    }
    let all = tally.messages();
    let mut rows: Vec<_> = templates.into_iter().collect();
    rows.sort_by_key(|(key, count)| (std::cmp::Reverse(*count), *key));
    let rows = rows.into_iter().map(|((channel, template), count)| {
        vec![
            channel_word(channel, say),
            template.to_string(),
            number(count),
            share(count, all),
        ]
    });
    blocks.push(Block::Table(Table {
        head: vec![
            say.word("channel", "채널"),
            say.word("template", "템플릿"),
            say.word("messages", "메시지"),
            say.word("share", "비율"),
        ],
        words: 2,
        rows: rows.collect(),
    }));
    Some(Section {
        title: say.word("Messages", "메시지"),
        name: None,
        blocks,
    })
}

pub(super) fn channel_word(channel: Channel, say: Say<'_>) -> String {
    let ko = match channel {
        Channel::Email => "이메일",
        Channel::Sms => "문자",
        Channel::Kakao => "카카오",
        Channel::Push => "푸시",
        Channel::Webhook => "웹훅",
        Channel::Inapp => "인앱",
    };
    say.word(channel.word(), ko)
}

fn not_sent(tally: &Tally, say: Say<'_>) -> Option<Section> {
    let sum = |of: fn(&JourneyTally) -> &BTreeMap<Reason, u64>| {
        let mut sum: BTreeMap<&Reason, u64> = BTreeMap::new();
        for (reason, count) in tally.journeys.values().flat_map(of) {
            *sum.entry(reason).or_default() += count;
        }
        sum
    };
    let (skipped, held) = (sum(|it| &it.reasons), sum(|it| &it.held));
    let mut blocks = Vec::new();
    if !skipped.is_empty() {
        let caption = say.word("Skipped, by reason", "보내지 않은 까닭");
        blocks.push(reasons(caption, &skipped, "exited", say));
    }
    if !held.is_empty() {
        let caption = say.word("Held back for a while, by reason", "미뤄 보낸 까닭");
        blocks.push(reasons(caption, &held, "quiet", say));
    }
    (!blocks.is_empty()).then(|| Section {
        title: say.word("Not sent, or later", "보내지 않거나 미룬 메시지"),
        name: None,
        blocks,
    })
}

fn reasons(
    caption: String,
    counts: &BTreeMap<&Reason, u64>,
    colour: &'static str,
    say: Say<'_>,
) -> Block {
    let mut rows: Vec<Bar> = counts
        .iter()
        .map(|(reason, count)| Bar {
            label: say.text(&reason.words()),
            count: *count,
            colour,
        })
        .collect();
    rows.sort_by(|a, b| (b.count, &a.label).cmp(&(a.count, &b.label)));
    Block::Bars(Bars { caption, rows })
}

fn one_journey(
    report: &SimulationReport<'_>,
    name: &Name,
    journey: &JourneyTally,
    say: Say<'_>,
) -> Option<Section> {
    if journey.entered == 0 && journey.refused.is_empty() {
        return None;
    }
    let written = report.now.program.ir().journeys.iter();
    let title = written
        .filter(|it| it.name == **name)
        .find_map(|it| it.title.clone());
    let mut blocks = Vec::new();
    let mut rows: Vec<Bar> = journey
        .left
        .iter()
        .map(|((how, step), count)| left(how, step.as_ref(), *count, say))
        .collect();
    rows.sort_by(|a, b| (b.count, &a.label).cmp(&(a.count, &b.label)));
    if !rows.is_empty() {
        let caption = say.word("Where people left", "사람들이 떠난 곳");
        blocks.push(Block::Bars(Bars { caption, rows }));
    }
    for (caption, counts, colour) in [
        (
            say.word("Sends skipped", "보내지 않은 메시지"),
            &journey.reasons,
            "exited",
        ),
        (
            say.word("Not let in", "들어오지 못함"),
            &journey.refused,
            "quiet",
        ),
    ] {
        if !counts.is_empty() {
            let counts = counts
                .iter()
                .map(|(reason, count)| (reason, *count))
                .collect();
            blocks.push(reasons(caption, &counts, colour, say));
        }
    }
    if !journey.arms.is_empty() {
        let rows = journey.arms.iter().map(|((experiment, arm), count)| Bar {
            label: format!("{experiment} · {arm}"),
            count: *count,
            colour: "push",
        });
        blocks.push(Block::Bars(Bars {
            caption: say.word("Split and drawn", "실험과 추첨"),
            rows: rows.collect(),
        }));
    }
    let done = journey.calls.iter().chain(&journey.tasks);
    let rows: Vec<Vec<String>> = done
        .map(|(what, count)| vec![what.clone(), number(*count)])
        .collect();
    if !rows.is_empty() {
        blocks.push(Block::Table(Table {
            head: vec![
                say.word("calls and tasks", "호출과 할 일"),
                say.word("times", "횟수"),
            ],
            words: 1,
            rows,
        }));
    }
    Some(Section {
        title: title.clone().unwrap_or_else(|| name.to_string()),
        name: title.map(|_| name.to_string()),
        blocks,
    })
}

/// A way out of a journey, and the step from which it was taken.
fn left(how: &Reason, step: Option<&Name>, count: u64, say: Say<'_>) -> Bar {
    let words = say.text(&how.words());
    let label = match step {
        None => words,
        Some(step) => say.word(
            &format!("{words}, at `{step}`"),
            &format!("{words} (`{step}`에서)"),
        ),
    };
    let colour = match how.code {
        "goal" => "goal",
        "completed" => "email",
        "inside" => "quiet",
        _ => "exited",
    };
    Bar {
        label,
        count,
        colour,
    }
}

fn groups(tally: &Tally, say: Say<'_>) -> Option<Section> {
    let row = |name: String, flow: &Flow| {
        vec![
            name,
            number(flow.at_end),
            number(flow.joined),
            number(flow.left),
        ]
    };
    let stages = tally.stages.iter();
    let stages =
        stages.map(|((lifecycle, stage), flow)| row(format!("{lifecycle} · {stage}"), flow));
    let segments = tally.segments.iter();
    let segments = segments.map(|(name, flow)| row(name.to_string(), flow));
    let rows: Vec<_> = stages.chain(segments).collect();
    if rows.is_empty() {
        return None;
    }
    let table = Block::Table(Table {
        head: vec![
            say.word("stage, segment, audience", "단계·세그먼트·오디언스"),
            say.word("at the end", "마지막 인원"),
            say.word("came", "들어옴"),
            say.word("left", "나감"),
        ],
        words: 1,
        rows,
    });
    Some(Section {
        title: say.word("Lifecycles and segments", "생애주기와 세그먼트"),
        name: None,
        blocks: vec![table],
    })
}

fn bad_rows(report: &SimulationReport<'_>, say: Say<'_>) -> Option<Section> {
    let intake = &report.now.intake;
    if intake.bad == 0 {
        return None;
    }
    let rows = intake
        .listed
        .iter()
        .map(|bad| vec![number(bad.line), bad.reason.clone()]);
    let table = Table {
        head: vec![say.word("line", "줄"), say.word("reason", "까닭")],
        words: 2,
        rows: rows.collect(),
    };
    let mut blocks = vec![Block::Table(table)];
    let more = intake.bad.saturating_sub(intake.listed.len() as u64);
    if more > 0 {
        let more = number(more);
        blocks.push(Block::Words(
            say.word(&format!("and {more} more"), &format!("그 밖에 {more}건")),
        ));
    }
    Some(Section {
        title: say.word("Bad rows", "잘못된 줄"),
        name: None,
        blocks,
    })
}
