//! Asking: a run waits for the contact to write back, and an attribute takes what the reply says.

use journey_ir::journey::Unclear;
use journey_ir::{FieldIx, StepIx, StepKind, Value};

use crate::admit::reply;
use crate::event::Event;
use crate::history::What;
use crate::program::REPLY_TEXT;
use crate::turn::Turn;
use crate::walk::Follows;

impl Turn<'_> {
    /// Lets a question take a reply; what follows, or `None` where the run goes on waiting.
    pub(crate) fn take_reply(&mut self, at: usize, step: StepIx, event: &Event) -> Option<Follows> {
        let program = self.program;
        let (journey, _) = self.journey_at(at)?;
        let StepKind::Ask {
            reply: wanted,
            attribute,
            answer,
            unclear,
            ..
        } = &journey.steps.get(step.at())?.kind
        else {
            return None;
        };
        if event.kind != *wanted {
            return None;
        }
        let kind = &program.ir().attribute(*attribute)?.kind;
        let text = text_of(program.ir(), event);
        let value = text.and_then(|text| reply::read(program, kind, text));
        let place = self.place(at, step);
        let attribute_name = program.attribute_name(*attribute);
        self.note(What::Replied {
            place,
            attribute: attribute_name,
            clear: value.is_some(),
        });
        match (value, unclear) {
            (Some(value), _) => {
                if self.set_attribute(*attribute, Some(value), self.occurred) {
                    self.attributes_changed(&[*attribute]);
                }
                Some(Follows(*answer))
            }
            (None, Unclear::Take(next)) => Some(Follows(*next)),
            (None, Unclear::Wait) => None,
        }
    }
}

/// The text of a reply.
fn text_of<'e>(ir: &journey_ir::Program, event: &'e Event) -> Option<&'e str> {
    let fields = &ir.event(event.kind)?.fields;
    let at = fields.iter().position(|it| it.name == REPLY_TEXT)?;
    match event.fields.get(FieldIx(at as u32).at())?.as_ref()? {
        Value::Text(text) => Some(text),
        _ => None,
    }
}
