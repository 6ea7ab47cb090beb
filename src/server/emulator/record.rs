//! What is known of an object or a part beside its bytes, and how it lies on disk.

use super::digest::Digested;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;
use tempfile::NamedTempFile;

/// What is known of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Object {
    /// The bucket.
    pub bucket: String,
    /// The key.
    pub key: String,
    /// Size in bytes.
    pub size: u64,
    /// The ETag, without its quotes.
    pub etag: String,
    /// Content-MD5; an object made of parts has none.
    pub content_md5: Option<String>,
    /// The CRC-64 of the bytes.
    pub crc64: u64,
    /// When it was stored, in seconds since 1970.
    pub modified: i64,
    /// The headers that were kept with it: lower-case names, and values.
    pub headers: Headers,
    /// The file with its bytes, in the folder of blobs.
    pub(super) blob: String,
}

/// Headers that are kept: lower-case names, and values.
pub type Headers = BTreeMap<String, String>;

/// A multipart upload that is under way.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Upload {
    pub(super) bucket: String,
    pub(super) key: String,
    pub(super) headers: Headers,
}

/// A part of such an upload.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Part {
    pub(super) number: u32,
    pub(super) size: u64,
    pub(super) etag: String,
    pub(super) crc64: u64,
    pub(super) modified: i64,
    pub(super) blob: String,
}

impl Part {
    pub(super) fn of(number: u32, blob: (String, u64), digested: &Digested, now: i64) -> Self {
        let (etag, crc64) = (digested.etag(), digested.crc64);
        Self { number, size: blob.1, etag, crc64, modified: now, blob: blob.0 }
    }
}

/// Reads a record; None where there is no such file.
pub(super) fn read<T: DeserializeOwned>(path: &Path) -> io::Result<Option<T>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Writes a record to a file beside its place, so that it can be moved there in one step.
pub(super) fn prepare(record: &impl Serialize, folder: &Path) -> io::Result<NamedTempFile> {
    let mut file = tempfile::Builder::new().prefix(DRAFT).tempfile_in(folder)?;
    serde_json::to_writer_pretty(&mut file, record)?;
    file.flush()?;
    file.as_file().sync_all()?;
    Ok(file)
}

/// The beginning of names of files that are not finished.
pub(super) const DRAFT: &str = "draft-";

/// Makes what was renamed or removed in a folder outlast a power cut.
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}
