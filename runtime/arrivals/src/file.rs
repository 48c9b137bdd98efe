//! A file of events as bytes: plain, gzip or zstd, told by its first bytes and not by its name. Counts the bytes read
//! from the disk, which is what a progress bar can know.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// How many bytes are read from the disk at once.
const BLOCK: usize = 256 * 1024;

/// An opened file of events.
pub struct EventFile {
    /// Its unpacked bytes.
    pub reader: Box<dyn BufRead + Send>,
    /// How many bytes of the file itself have been read so far.
    pub consumed: Arc<AtomicU64>,
    /// The file's size in bytes.
    pub size: u64,
    /// What the file is: a hash of its size and its first block, so that an import that was stopped finds its place
    /// again, and another file of the same name starts anew.
    pub fingerprint: String,
}

impl std::fmt::Debug for EventFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventFile")
            .field("size", &self.size)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

/// Opens a file of events.
pub fn open(path: &Path) -> io::Result<EventFile> {
    let size = std::fs::metadata(path)?.len();
    let mut head = Vec::new();
    File::open(path)?
        .take(BLOCK as u64)
        .read_to_end(&mut head)?;
    let consumed = Arc::new(AtomicU64::new(0));
    let counted = Counted {
        inner: File::open(path)?,
        consumed: Arc::clone(&consumed),
    };
    let plain = BufReader::with_capacity(BLOCK, counted);
    let reader: Box<dyn BufRead + Send> = if head.starts_with(&[0x1f, 0x8b]) {
        let unpacked = flate2::bufread::MultiGzDecoder::new(plain);
        Box::new(BufReader::with_capacity(BLOCK, unpacked))
    } else if head.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
        let unpacked = zstd::stream::read::Decoder::with_buffer(plain)?;
        Box::new(BufReader::with_capacity(BLOCK, unpacked))
    } else {
        Box::new(plain)
    };
    Ok(EventFile {
        reader,
        consumed,
        size,
        fingerprint: fingerprint(size, &head),
    })
}

fn fingerprint(size: u64, head: &[u8]) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&size.to_le_bytes());
    hasher.update(head);
    let hex = hasher.finalize().to_hex();
    hex.as_str().get(..32).unwrap_or_default().to_owned()
}

/// Counts what is read from the disk.
struct Counted {
    inner: File,
    consumed: Arc<AtomicU64>,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.inner.read(buffer)?;
        self.consumed.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    fn written(name: &str, bytes: &[u8]) -> (tempfile::TempDir, EventFile) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        let file = open(&path).unwrap();
        (folder, file)
    }

    #[test]
    fn packing_is_told_by_the_bytes_and_not_by_the_name() {
        let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        gzip.write_all("장바구니\n".as_bytes()).unwrap();
        let zstd = zstd::bulk::compress("장바구니\n".as_bytes(), 1).unwrap();
        for bytes in [
            gzip.finish().unwrap(),
            zstd,
            "장바구니\n".as_bytes().to_vec(),
        ] {
            let (_folder, mut file) = written("events.csv", &bytes);
            let mut text = String::new();
            file.reader.read_to_string(&mut text).unwrap();
            assert_eq!(text, "장바구니\n");
            assert_eq!(file.consumed.load(Ordering::Relaxed), file.size);
        }
    }

    #[test]
    fn another_file_of_the_same_name_is_another_file() {
        let (_a, first) = written("events.csv", b"a,b\n1,2\n");
        let (_b, same) = written("other.csv", b"a,b\n1,2\n");
        let (_c, changed) = written("events.csv", b"a,b\n1,3\n");
        assert_eq!(first.fingerprint, same.fingerprint);
        assert_ne!(first.fingerprint, changed.fingerprint);
    }
}
