//! Work on many things at once, on two cores: half of it is done here and half beside it. What comes out is in the order
//! of what went in, so that nobody can tell.

use std::panic::resume_unwind;
use std::thread;

/// So few things are done faster here than a thread is begun.
const WORTHWHILE: usize = 256;

/// What `each` makes of every item, in order.
pub(crate) fn in_halves<T: Sync, R: Send>(items: &[T], each: impl Fn(&T) -> R + Sync) -> Vec<R> {
    if items.len() < WORTHWHILE {
        return items.iter().map(each).collect();
    }
    let (here, there) = items.split_at(items.len() / 2);
    let each = &each;
    let (mut made, rest) = side_by_side(
        || here.iter().map(each).collect::<Vec<R>>(),
        || there.iter().map(each).collect::<Vec<R>>(),
    );
    made.extend(rest);
    made
}

/// Does two things at a time.
pub(crate) fn side_by_side<A, B: Send>(
    here: impl FnOnce() -> A,
    there: impl FnOnce() -> B + Send,
) -> (A, B) {
    thread::scope(|scope| {
        let beside = scope.spawn(there);
        let first = here();
        let second = beside.join().unwrap_or_else(|panic| resume_unwind(panic));
        (first, second)
    })
}

/// Whether so many things are worth a thread.
pub(crate) const fn is_worthwhile(items: usize) -> bool {
    items >= WORTHWHILE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_can_tell_that_there_were_two() {
        for n in [0, 1, WORTHWHILE - 1, WORTHWHILE, WORTHWHILE * 3 + 1] {
            let items: Vec<usize> = (0..n).collect();
            let doubled: Vec<usize> = items.iter().map(|it| it * 2).collect();
            assert_eq!(in_halves(&items, |it| it * 2), doubled);
        }
    }
}
