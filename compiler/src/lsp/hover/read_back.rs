//! What a condition compiles to, said as the questions that are asked of a contact.

use journey_ir as ir;
use journey_ir::aggregate::Keep;
use journey_ir::condition::Window;

use crate::lsp::view::View;

/// How many questions are listed.
const MOST: usize = 12;

/// The condition around an offset; nothing while the last check is not of this text, or where it found errors.
pub(super) fn of_condition(view: &View<'_>, offset: u32) -> Option<String> {
    let checked = view
        .project
        .checked()
        .filter(|_| view.project.is_checked())?;
    let program = checked.compilation.program.as_ref()?;
    let written = checked.compilation.conditions.iter();
    let around = written.filter(|it| {
        let span = it.at.span;
        it.at.file == view.file && span.start <= offset && offset <= span.end
    });
    let asked = around.min_by_key(|it| it.at.span.len())?;
    let mut kept = Vec::new();
    for condition in &asked.conditions {
        collect(program, *condition, &mut kept);
    }
    kept.sort();
    kept.dedup();
    if kept.is_empty() {
        return None;
    }
    kept.truncate(MOST);
    let intro = view.say("For each contact it keeps:", "고객마다 다음을 기억합니다:");
    let lines: Vec<String> = kept.iter().map(|it| format!("- {it}")).collect();
    Some(format!("{intro}\n{}", lines.join("\n")))
}

/// What the atoms of a condition keep. Conditions refer only to earlier ones, so this ends.
fn collect(program: &ir::Program, condition: ir::ConditionIx, kept: &mut Vec<String>) {
    match program.conditions.get(condition.at()) {
        Some(ir::Condition::All(parts) | ir::Condition::Any(parts)) => {
            for part in parts {
                collect(program, *part, kept);
            }
        }
        Some(ir::Condition::Not(inner)) => collect(program, *inner, kept),
        Some(ir::Condition::Is(atom)) => kept.extend(atom_of(program, *atom)),
        Some(ir::Condition::Always) | None => {}
    }
}

fn atom_of(program: &ir::Program, atom: ir::AtomIx) -> Option<String> {
    let (ir::Atom::Happened {
        aggregate, window, ..
    }
    | ir::Atom::Amount {
        aggregate, window, ..
    }) = program.atoms.get(atom.at())?
    else {
        return None;
    };
    let aggregate = program.aggregates.get(aggregate.at())?;
    let event = &program.schema.events.get(aggregate.event.at())?;
    let field = |field: &ir::FieldIx| {
        let field = event.fields.get(field.at());
        field.map_or_else(String::new, |it| format!("{}.{}", event.name, it.name))
    };
    let filter = if aggregate.filter.is_some() {
        " where ( … )"
    } else {
        ""
    };
    let what = match &aggregate.keep {
        Keep::First => format!("the first `{}`{filter}", event.name),
        Keep::Newest(n) => format!("the newest {n} `{}`{filter}", event.name),
        Keep::Oldest(n) => format!("the oldest {n} `{}`{filter}", event.name),
        Keep::Total(it) => format!("the total of `{}`{filter}", field(it)),
        Keep::DailyTotals { field: it, days } => {
            format!("the daily totals of `{}`{filter}, {days} days", field(it))
        }
        Keep::Different {
            field: it, most, ..
        } => {
            format!("the newest {most} values of `{}`{filter}", field(it))
        }
        #[allow(
            unreachable_patterns,
            reason = "aggregates that are added later have no words yet"
        )]
        _ => return None,
    };
    Some(match window {
        Window::Last(span) => format!("{what}, looked at for {span}"),
        _ => what,
    })
}
