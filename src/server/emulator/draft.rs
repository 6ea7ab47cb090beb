//! Bytes on their way to the disk.

use super::digest::{Digested, Digests};
use super::record::{self, DRAFT};
use super::store::Store;
use std::io::{self, Write};
use tempfile::NamedTempFile;

/// Bytes on their way to the disk, which are forgotten if nobody keeps them.
pub(super) struct Draft {
    file: NamedTempFile,
    digests: Digests,
    size: u64,
}

impl Store {
    /// Begins to take bytes.
    pub(super) fn draft(&self) -> io::Result<Draft> {
        let file = tempfile::Builder::new().prefix(DRAFT).tempfile_in(self.root().join("blobs"))?;
        Ok(Draft { file, digests: Digests::new(), size: 0 })
    }

    /// Puts bytes on the disk for good; they belong to nothing yet.
    pub(super) fn keep(&self, draft: Draft) -> io::Result<((String, u64), Digested)> {
        let name = format!("{:032x}", fastrand::u128(..));
        draft.file.as_file().sync_all()?;
        draft.file.persist(self.blob_path(&name))?;
        record::sync_folder(&self.root().join("blobs"))?;
        Ok(((name, draft.size), draft.digests.finish()))
    }
}

impl Draft {
    /// Takes more bytes.
    pub(super) fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.digests.update(bytes);
        self.size += bytes.len() as u64;
        self.file.write_all(bytes)
    }

    /// The digests of what was taken so far.
    pub(super) fn digested(&self) -> Digested {
        self.digests.clone().finish()
    }

    /// How many bytes there are.
    pub(super) fn size(&self) -> u64 {
        self.size
    }
}
