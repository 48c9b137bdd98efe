//! The starts of hashes as numbers.

/// The first eight bytes as a number; what is shorter is 0.
pub(crate) fn start_of(bytes: &[u8]) -> u64 {
    bytes
        .first_chunk()
        .map_or(0, |start| u64::from_le_bytes(*start))
}
