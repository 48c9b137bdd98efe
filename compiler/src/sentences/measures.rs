//! Funnels, KPIs and audiences in sentences.

use journey_ir as ir;
use journey_ir::measure::{Counter, Figure, JourneyCount, Period, Threshold};

use super::{Teller, say};

impl Teller<'_> {
    /// The stages of a funnel in order, one line each.
    pub(crate) fn funnel_lines(&self, funnel: &ir::Funnel) -> Vec<String> {
        let stages = funnel.stages.iter().enumerate();
        stages
            .map(|(at, stage)| {
                let title = stage.title.as_deref().unwrap_or(&stage.name);
                let n = stage.n;
                let event = self.counted(stage.aggregate);
                let times = if n == 1 {
                    String::new()
                } else {
                    say!(self, ", {n} times", " {n}번")
                };
                let within = stage.within.map_or_else(String::new, |span| {
                    let span = self.span(span);
                    say!(
                        self,
                        ", within {span} of the first stage",
                        ", 첫 단계에서 {span} 안에"
                    )
                });
                if at == 0 {
                    say!(self, "{title}: “{event}”{times}", "{title}: {event}{times}")
                } else {
                    say!(
                        self,
                        "{title}: then “{event}”{times}{within}",
                        "{title}: 그다음 {event}{times}{within}"
                    )
                }
            })
            .collect()
    }

    /// What a KPI measures, what is to be reached and who is told, one line each.
    pub(crate) fn kpi_lines(&self, kpi: &ir::Kpi) -> Vec<String> {
        let every = match kpi.every {
            Period::Day => self.word("every day", "매일"),
            Period::Week => self.word("every week", "매주"),
            Period::Month => self.word("every month", "매월"),
        };
        let mut lines = vec![match &kpi.measure {
            Figure::Ratio { part, whole } => {
                let (part, whole) = (self.counter(part), self.counter(whole));
                say!(
                    self,
                    "The share of {part} among {whole}, worked out {every}.",
                    "{whole} 가운데 {part}의 비율. {every} 셉니다."
                )
            }
            Figure::Share(condition) => {
                let people = self.people(*condition);
                say!(
                    self,
                    "The share among all people, worked out {every}: {people}.",
                    "전체 고객 가운데 {people}의 비율. {every} 셉니다."
                )
            }
        }];
        if let Some(target) = &kpi.target {
            let test = self.threshold(target.test);
            let by = target.by.map_or_else(String::new, |day| {
                let day = self.date(day);
                say!(self, " by {day}", "({day}까지)")
            });
            lines.push(say!(self, "Target: {test}{by}.", "목표: {test}{by}."));
        }
        if let Some(alert) = &kpi.alert {
            let test = self.threshold(alert.when);
            let (connector, action) = (&alert.connector, &alert.action);
            lines.push(say!(
                self,
                "When it is {test}, {connector}.{action} is told.",
                "{test}이면 {connector}.{action}에 알립니다."
            ));
        }
        lines
    }

    /// Who is in an audience, which networks are told of them and on what terms, one line each.
    pub(crate) fn audience_lines(&self, audience: &ir::Audience) -> Vec<String> {
        let people = self.people(audience.people);
        let networks = self.list(&audience.sync, true);
        let mut lines = vec![
            say!(self, "Who: {people}.", "대상: {people}."),
            say!(
                self,
                "{networks} are told who comes and who goes.",
                "들어오고 나가는 사람을 {networks}에 알립니다."
            ),
        ];
        let consents: Vec<&str> = audience
            .consents
            .iter()
            .map(|it| self.consent(*it))
            .collect();
        if !consents.is_empty() {
            let consents = self.list(&consents, true);
            lines.push(say!(
                self,
                "Only those who agreed to “{consents}”; who withdraws it is taken out.",
                "“{consents}”에 동의한 사람만 알리고, 철회하면 뺍니다."
            ));
        }
        let named = |at: &ir::AttributeIx| Some(self.program.attribute(*at)?.name.as_str());
        let match_by: Vec<&str> = audience.match_by.iter().filter_map(named).collect();
        if !match_by.is_empty() {
            let match_by = self.list(&match_by, true);
            lines.push(say!(
                self,
                "They are recognised by {match_by}.",
                "{match_by} 값으로 사람을 알아봅니다."
            ));
        }
        if let Some(span) = audience.keep {
            let span = self.span(span);
            lines.push(say!(
                self,
                "Nobody stays in it longer than {span}.",
                "{span}보다 오래 두지 않습니다."
            ));
        }
        lines
    }

    fn counter(&self, counter: &Counter) -> String {
        match counter {
            Counter::Reached { funnel, stage } => {
                let funnel = self.program.funnel(*funnel);
                let stage = funnel.and_then(|it| it.stages.get(*stage as usize));
                let stage = stage.map_or("", |it| it.title.as_deref().unwrap_or(&it.name));
                say!(
                    self,
                    "people who reached “{stage}”",
                    "“{stage}” 단계에 이른 사람"
                )
            }
            Counter::Journey { journey, what } => {
                let journey = self.program.journey(*journey);
                let journey = journey.map_or("", |it| self.titles.title(&it.name));
                match what {
                    JourneyCount::Entered => {
                        say!(
                            self,
                            "runs of “{journey}”",
                            "“{journey}” 여정에 들어온 횟수"
                        )
                    }
                    JourneyCount::Goal => say!(
                        self,
                        "runs of “{journey}” that reached its goal",
                        "“{journey}” 여정의 목표를 이룬 횟수"
                    ),
                    JourneyCount::Completed => say!(
                        self,
                        "runs of “{journey}” that took all steps",
                        "“{journey}” 여정을 끝까지 마친 횟수"
                    ),
                    JourneyCount::Sent => say!(
                        self,
                        "messages of “{journey}”",
                        "“{journey}” 여정이 보낸 메시지"
                    ),
                    JourneyCount::Exited(reason) => say!(
                        self,
                        "runs of “{journey}” that ended as “{reason}”",
                        "“{journey}” 여정에서 “{reason}”(으)로 끝난 횟수"
                    ),
                }
            }
            Counter::Segment(at) => {
                let segment = self.segment(*at);
                say!(self, "people in “{segment}”", "“{segment}”에 속한 사람")
            }
            Counter::Stage { lifecycle, stage } => {
                let stage = self.stage(*lifecycle, *stage);
                say!(self, "people in “{stage}”", "“{stage}” 단계의 사람")
            }
            Counter::Audience(name) => {
                let audience = self.titles.title(name);
                say!(
                    self,
                    "people in the audience “{audience}”",
                    "광고 대상 “{audience}”에 속한 사람"
                )
            }
        }
    }

    fn threshold(&self, test: Threshold) -> String {
        match test {
            Threshold::Under(x) => say!(self, "under {x}%", "{x}% 미만"),
            Threshold::AtMost(x) => say!(self, "at most {x}%", "{x}% 이하"),
            Threshold::Over(x) => say!(self, "over {x}%", "{x}% 초과"),
            Threshold::AtLeast(x) => say!(self, "at least {x}%", "{x}% 이상"),
            Threshold::Between(low, high) => {
                say!(self, "from {low}% to {high}%", "{low}%부터 {high}%까지")
            }
        }
    }
}
