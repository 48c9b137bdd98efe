//! Addresses of documents: the editor's URIs, and paths.
//!
//! A document that is no file (`untitled:Untitled-1`) keeps its whole URI as its path.

use std::path::{Path, PathBuf};
use std::str::FromStr;

use lsp_types::Uri;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// What a path keeps as it is in a URI.
const KEPT: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// The path of a document.
pub(super) fn path_of(uri: &Uri) -> PathBuf {
    let text = uri.as_str();
    let Some(rest) = text.strip_prefix("file://") else {
        return PathBuf::from(text);
    };
    let path = rest.find('/').and_then(|at| rest.get(at..));
    let decoded = percent_decode_str(path.unwrap_or(rest)).decode_utf8_lossy();
    // `file:///c:/shop` is `c:/shop` where drives have letters.
    let drive = decoded.as_bytes();
    let has_drive = matches!(drive, [b'/', letter, b':', ..] if letter.is_ascii_alphabetic());
    PathBuf::from(decoded.get(usize::from(has_drive)..).unwrap_or_default())
}

/// The URI of a path; nothing for a path that no URI can say.
pub(super) fn of_path(path: &Path) -> Option<Uri> {
    let text = path.to_str()?.replace('\\', "/");
    if !text.starts_with('/') && text.contains(':') && !text.contains(":/") {
        return Uri::from_str(&text).ok();
    }
    let slash = if text.starts_with('/') { "" } else { "/" };
    let encoded = utf8_percent_encode(&text, KEPT);
    Uri::from_str(&format!("file://{slash}{encoded}")).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_in_korean_comes_back_from_its_uri() {
        let path = Path::new("/일/여정 1/이탈.journey");
        let uri = of_path(path).unwrap();
        assert!(uri.as_str().starts_with("file:///%EC%9D%BC/"));
        assert_eq!(path_of(&uri), path);
    }

    #[test]
    fn what_is_no_file_keeps_its_name() {
        let uri = Uri::from_str("untitled:Untitled-1").unwrap();
        assert_eq!(of_path(&path_of(&uri)).unwrap(), uri);
    }
}
