//! Work on all cores. The results are in the order of the items, whichever core was first, so that the same project
//! always gives the same program and the same problems.

use std::num::NonZeroUsize;
use std::panic::resume_unwind;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, available_parallelism, scope};

/// How many shares of the work there are for each core, so that one with hard items does not keep the others waiting.
const SHARES: usize = 8;

/// Bytes of stack of a thread. Conditions and steps nest at most as deep as the grammar allows; this is many times what
/// that takes.
const STACK: usize = 32 * 1024 * 1024;

/// Does something with each item, on all cores unless there are fewer items for each than `least`, which are done
/// faster than a thread is started.
pub(crate) fn map<T, R>(items: &[T], least: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R>
where
    T: Sync,
    R: Send,
{
    let cores = available_parallelism().map_or(1, NonZeroUsize::get);
    let threads = cores.min(items.len() / least.max(1));
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let shares: Vec<&[T]> = items
        .chunks(items.len().div_ceil(threads * SHARES))
        .collect();
    let next = AtomicUsize::new(0);
    let run = || {
        let mut done: Vec<(usize, Vec<R>)> = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(share) = shares.get(at) else {
                return done;
            };
            done.push((at, share.iter().map(&work).collect()));
        }
    };
    let mut done = scope(|scope| {
        let thread = || Builder::new().stack_size(STACK).spawn_scoped(scope, run);
        // Where the system gives no more threads, the others do all of the work.
        let others: Vec<_> = (1..threads).filter_map(|_| thread().ok()).collect();
        let mut done = run();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => resume_unwind(panic),
            }
        }
        done
    });
    done.sort_unstable_by_key(|(at, _)| *at);
    done.into_iter().flat_map(|(_, share)| share).collect()
}

/// Frees what is not needed any more on all cores, which for many small things takes as long as making them.
pub(crate) fn free<T: Send>(mut items: Vec<T>) {
    let cores = available_parallelism().map_or(1, NonZeroUsize::get);
    let share = items.len().div_ceil(cores).max(1);
    scope(|scope| {
        while items.len() > share {
            let some = items.split_off(items.len() - share);
            scope.spawn(move || drop(some));
        }
        drop(items);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_stand_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1_000).collect();
        let doubled: Vec<usize> = items.iter().map(|it| it * 2).collect();
        assert_eq!(map(&items, 1, |it| it * 2), doubled);
        assert_eq!(map(&items, 2_000, |it| it * 2), doubled);
        assert!(map(&[], 1, |it: &usize| *it).is_empty());
    }
}
