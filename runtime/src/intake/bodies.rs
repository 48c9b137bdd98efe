//! Room for bodies, from before they are read until it is known whose they are: however many connections there are, what
//! they are sending takes so much memory and no more.

use std::sync::Arc;

use axum::http::{HeaderMap, header};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::process::SubmitError;

/// How much may be on its way from senders who showed a key that is valid, in KiB.
const KNOWN_KIB: usize = 64 * 1024;
/// The same for all others, whose key may stand in the body: they cannot take the room from those who showed one.
const OTHERS_KIB: usize = 32 * 1024;

#[derive(Debug)]
pub(super) struct Bodies {
    known: Arc<Semaphore>,
    others: Arc<Semaphore>,
}

impl Bodies {
    pub(super) fn new() -> Self {
        Self {
            known: Arc::new(Semaphore::new(KNOWN_KIB)),
            others: Arc::new(Semaphore::new(OTHERS_KIB)),
        }
    }

    /// Room for one body, until it is dropped; waits for it.
    pub(super) async fn room(
        &self,
        is_known: bool,
        headers: &HeaderMap,
        most: usize,
    ) -> Result<OwnedSemaphorePermit, SubmitError> {
        let room = if is_known { &self.known } else { &self.others };
        let kib = u32::try_from(bytes(headers, most).div_ceil(1024).max(1));
        let kib = kib.unwrap_or(u32::MAX);
        let taken = Arc::clone(room).acquire_many_owned(kib).await;
        taken.map_err(|_| SubmitError::Busy)
    }
}

/// How much a body may take: what it says, and as much as is allowed where it does not say or is to be unpacked.
fn bytes(headers: &HeaderMap, most: usize) -> usize {
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|it| it.to_str().ok()?.parse::<usize>().ok());
    match length {
        Some(length) if !headers.contains_key(header::CONTENT_ENCODING) => length.min(most),
        _ => most,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const BATCH: usize = 500 * 1024;

    #[tokio::test(start_paused = true)]
    async fn strangers_take_their_own_room_and_give_it_back() {
        let bodies = Bodies::new();
        let unsaid = HeaderMap::new();
        let room = async |is_known| {
            let room = bodies.room(is_known, &unsaid, BATCH);
            tokio::time::timeout(Duration::from_secs(1), room).await
        };
        let mut held = Vec::new();
        while let Ok(taken) = room(false).await {
            held.push(taken.unwrap());
        }
        assert_eq!(held.len(), OTHERS_KIB / 500);
        assert!(room(true).await.is_ok());
        held.pop();
        assert!(room(false).await.is_ok());
    }

    #[test]
    fn a_body_takes_what_it_says_and_what_is_packed_takes_all_that_is_allowed() {
        let said = |length: &str, packed: bool| {
            let mut headers = HeaderMap::new();
            headers.insert(header::CONTENT_LENGTH, length.parse().unwrap());
            if packed {
                headers.insert(header::CONTENT_ENCODING, "gzip".parse().unwrap());
            }
            bytes(&headers, BATCH)
        };
        assert_eq!(said("300", false), 300);
        assert_eq!(said("300", true), BATCH);
        assert_eq!(said("99999999999", false), BATCH);
        assert_eq!(said("-1", false), BATCH);
    }
}
