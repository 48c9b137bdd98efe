//! Segments, lifecycles and scores in sentences.

use journey_ir as ir;

use super::conditions::Role;
use super::{Place, Teller, say};

impl Teller<'_> {
    /// Who is in a segment.
    pub(crate) fn segment_line(&self, segment: &ir::Segment) -> String {
        self.people(segment.condition)
    }

    /// Who satisfies a condition, as a sentence's subject.
    pub(crate) fn people(&self, condition: ir::ConditionIx) -> String {
        match self.condition(condition, Role::Who, Place::default()) {
            None => self.word("everyone", "모든 사람").to_owned(),
            Some(words) => say!(self, "everyone for whom {words}", "{words} 사람"),
        }
    }

    /// What gives and takes points of a score, how they fade and how they are shown, one line each.
    pub(crate) fn score_lines(&self, score: &ir::Score) -> Vec<String> {
        let mut lines = Vec::new();
        let mut half_life = None;
        for line in &score.lines {
            let of = self.program.aggregate(line.aggregate);
            if let Some(ir::Keep::Halving { every }) = of.map(|it| &it.keep) {
                half_life = Some(*every);
            }
            let (points, event) = (line.points, self.counted(line.aggregate));
            lines.push(say!(
                self,
                "{points:+} for each “{event}”",
                "{event} 한 번에 {points:+}점"
            ));
        }
        if let Some(every) = half_life {
            let every = self.milliseconds(every);
            lines.push(say!(
                self,
                "Points are worth half after each {every}.",
                "점수는 {every}마다 절반이 됩니다."
            ));
        }
        if let Some((least, most)) = score.shown {
            lines.push(say!(
                self,
                "It is shown between {least} and {most}.",
                "{least}점에서 {most}점 사이로 보여 줍니다."
            ));
        }
        lines
    }

    /// The stages of a lifecycle in order: title and who is in it.
    pub(crate) fn stages(&self, lifecycle: &ir::Lifecycle) -> Vec<(String, String)> {
        let title = |it: &ir::Stage| it.title.clone().unwrap_or_else(|| it.name.clone());
        let stages = lifecycle.stages.iter().enumerate();
        let stages = stages.map(|(at, stage)| {
            let always = matches!(
                self.program.condition(stage.when),
                Some(ir::Condition::Always)
            );
            let who = if always {
                self.word("everyone else", "그 밖의 모든 사람").to_owned()
            } else if at == 0 {
                self.people(stage.when)
            } else {
                let people = self.people(stage.when);
                say!(self, "of the others, {people}", "나머지 가운데 {people}")
            };
            (title(stage), who)
        });
        stages.collect()
    }
}
