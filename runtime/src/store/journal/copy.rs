//! A copy of a journal while somebody writes it.

use std::io::{ErrorKind, Write as _};
use std::path::Path;

use super::disk::{Disk, DiskFile};
use super::{explained, name, number};
use crate::store::Error;
use crate::store::folder::private_file;

/// How much of a segment is held at a time, in bytes.
const PART: usize = 1024 * 1024;

/// Copies all segments of a disk into a folder, each as far as it goes by the time it is read. One that is removed meanwhile
/// is left out: what it held is elsewhere by then.
pub(in crate::store) fn copy(disk: &dyn Disk, to: &Path) -> Result<(), Error> {
    let listed = disk.list().map_err(|error| explained(error, to))?;
    let mut segments: Vec<u32> = listed.iter().filter_map(|name| number(name)).collect();
    segments.sort_unstable();
    for segment in segments {
        let name = name(segment);
        let path = to.join(&name);
        match disk.open(&name) {
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            from => {
                let from = from.map_err(|error| explained(error, &path))?;
                copy_segment(from.as_ref(), &path)?;
            }
        }
    }
    Ok(())
}

fn copy_segment(from: &dyn DiskFile, path: &Path) -> Result<(), Error> {
    let failed = |error| explained(error, path);
    let mut to = private_file(path, true).map_err(failed)?;
    // What is appended after this was not acknowledged before the copy began.
    let size = from.size().map_err(failed)?;
    let mut offset = 0;
    let mut part = vec![0; PART];
    while offset < size {
        let length = usize::try_from(size - offset).unwrap_or(PART).min(PART);
        let bytes = part.get_mut(..length).unwrap_or_default();
        from.read_at(offset, bytes).map_err(failed)?;
        to.write_all(bytes).map_err(failed)?;
        offset += length as u64;
    }
    to.sync_all().map_err(failed)
}
