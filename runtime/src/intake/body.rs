//! Bodies: compressed or plain bytes of any declared type go in, bounded JSON text comes out.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

/// The largest batch, in bytes of JSON.
pub const BATCH_BYTES: usize = 500 * 1024;
/// The largest item, in bytes of JSON.
pub const ITEM_BYTES: usize = 32 * 1024;
/// The largest number of items in a batch.
pub const BATCH_ITEMS: usize = 2_500;

/// The first two bytes of gzip.
const GZIP: [u8; 2] = [0x1f, 0x8b];
/// A byte order mark, which is no part of the text.
const MARK: char = '\u{feff}';

/// Why a body cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is larger than allowed.
    #[error("the body is larger than {most} bytes; send smaller batches")]
    TooLarge {
        /// The limit.
        most: usize,
    },
    /// It claims to be gzip and is not.
    #[error("the body cannot be unpacked as gzip")]
    BadGzip,
    /// It is no text.
    #[error("the body is not UTF-8")]
    NotText,
}

/// The JSON text of a body. Gzip is recognised by its first bytes: some proxies drop the header, some clients add it to
/// a plain body.
pub fn text(bytes: &[u8], most: usize) -> Result<Cow<'_, str>, BodyError> {
    let plain = if bytes.starts_with(&GZIP) {
        Cow::Owned(unpack(bytes, most)?)
    } else {
        Cow::Borrowed(bytes)
    };
    if plain.len() > most {
        return Err(BodyError::TooLarge { most });
    }
    Ok(match plain {
        Cow::Borrowed(plain) => {
            let text = std::str::from_utf8(plain).map_err(|_| BodyError::NotText)?;
            Cow::Borrowed(text.strip_prefix(MARK).unwrap_or(text))
        }
        Cow::Owned(plain) => {
            let text = String::from_utf8(plain).map_err(|_| BodyError::NotText)?;
            match text.strip_prefix(MARK) {
                Some(rest) => Cow::Owned(rest.to_owned()),
                None => Cow::Owned(text),
            }
        }
    })
}

fn unpack(bytes: &[u8], most: usize) -> Result<Vec<u8>, BodyError> {
    let mut plain = Vec::new();
    // One byte more than allowed is enough to know that it is too much.
    MultiGzDecoder::new(bytes)
        .take(most as u64 + 1)
        .read_to_end(&mut plain)
        .map_err(|_| BodyError::BadGzip)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write as _;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn packed_and_plain_bodies_are_the_same() {
        assert_eq!(text("\u{feff}{}".as_bytes(), 100), Ok("{}".into()));
        assert_eq!(
            text(&gzip("{\"이름\":1}".as_bytes()), 100),
            Ok("{\"이름\":1}".into())
        );
    }

    #[test]
    fn a_small_body_that_unpacks_to_a_huge_one_is_refused() {
        let bomb = gzip(&vec![b' '; 10 * BATCH_BYTES]);
        assert!(bomb.len() < BATCH_BYTES / 50);
        assert_eq!(
            text(&bomb, BATCH_BYTES),
            Err(BodyError::TooLarge { most: BATCH_BYTES })
        );
        assert_eq!(text(&[b'x'; 11], 10), Err(BodyError::TooLarge { most: 10 }));
        assert_eq!(text(&[0x1f, 0x8b, 1, 2, 3], 10), Err(BodyError::BadGzip));
        assert_eq!(text(&[0xff, 0xfe], 10), Err(BodyError::NotText));
    }
}
