//! The text that the grammar reads: comments and strange spaces blanked, edits applied.
//! Every offset in it can be led back to the text that was written.

use crate::problem::Edit;
use crate::tree::Span;

/// A text with its way back to the original.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) text: String,
    /// One entry per edit, sorted: where it ends here and there, and what it replaced.
    shifts: Vec<Shift>,
}

#[derive(Debug, Clone, Copy)]
struct Shift {
    here: Span,
    there: Span,
}

/// Replaces every byte of the given spans by a space; offsets stay as they are.
pub(crate) fn blank(text: &str, spans: impl Iterator<Item = Span>) -> String {
    let mut blanked = String::with_capacity(text.len());
    let mut done = 0;
    for span in spans {
        blanked.push_str(text.get(done..span.start as usize).unwrap_or_default());
        blanked.extend(std::iter::repeat_n(' ', span.len() as usize));
        done = span.end as usize;
    }
    blanked.push_str(text.get(done..).unwrap_or_default());
    blanked
}

/// Applies edits, which are sorted and do not overlap.
pub(crate) fn apply(text: String, edits: &[Edit]) -> Prepared {
    if edits.is_empty() {
        return Prepared {
            text,
            shifts: Vec::new(),
        };
    }
    let mut edited = String::with_capacity(text.len() + edits.len() * 2);
    let mut shifts = Vec::with_capacity(edits.len());
    let mut done = 0;
    for edit in edits {
        if edit.span.start < done {
            continue;
        }
        edited.push_str(Span::new(done, edit.span.start).of(&text));
        let start = edited.len() as u32;
        edited.push_str(&edit.replacement);
        shifts.push(Shift {
            here: Span::new(start, edited.len() as u32),
            there: edit.span,
        });
        done = edit.span.end;
    }
    edited.push_str(text.get(done as usize..).unwrap_or_default());
    Prepared {
        text: edited,
        shifts,
    }
}

impl Prepared {
    /// Leads an offset back to the original text.
    pub(crate) fn original(&self, offset: u32) -> u32 {
        let after = self
            .shifts
            .partition_point(|shift| shift.here.start <= offset);
        let Some(shift) = after
            .checked_sub(1)
            .and_then(|index| self.shifts.get(index))
        else {
            return offset;
        };
        if offset < shift.here.end {
            if offset == shift.here.start {
                shift.there.start
            } else {
                shift.there.end
            }
        } else {
            shift.there.end + (offset - shift.here.end)
        }
    }

    /// Finds an offset of the original text here; what was inserted at that very offset lies before it.
    pub(crate) fn here(&self, original: u32) -> u32 {
        let after = self
            .shifts
            .partition_point(|shift| shift.there.end <= original);
        let Some(shift) = after
            .checked_sub(1)
            .and_then(|index| self.shifts.get(index))
        else {
            return original;
        };
        shift.here.end + (original - shift.there.end)
    }
}
