//! Putting a folder in order that was left in the midst of work.

use super::record::{self, DRAFT, Part};
use super::store::{Store, folders_in, records_in};
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::Path;

impl Store {
    /// Removes what an end in the midst of work has left: drafts, uploads that were being removed,
    /// and blobs without a record.
    pub(super) fn sweep(&self) -> io::Result<()> {
        let mut named = HashSet::new();
        for folder in folders_in(&self.root().join("objects"))? {
            remove_ours(&folder, |_| false)?;
        }
        for object in self.objects()? {
            named.insert(object.blob);
        }
        for folder in folders_in(&self.uploads())? {
            if !folder.join("upload.json").exists() {
                remove_upload(&folder)?;
                continue;
            }
            remove_ours(&folder, |_| false)?;
            for path in records_in(&folder)?.iter().filter(|path| !path.ends_with("upload.json")) {
                named.extend(record::read::<Part>(path)?.map(|part| part.blob));
            }
        }
        remove_ours(&self.root().join("blobs"), |name| named.contains(name))
    }
}

/// Removes the files of a folder that were made here and are not to be kept. Others may lie in a
/// folder that somebody chose by mistake: they stay.
fn remove_ours(folder: &Path, kept: impl Fn(&str) -> bool) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        let is_ours = |name: &&str| name.starts_with(DRAFT) || is_id(name);
        if name.to_str().filter(is_ours).is_some_and(|name| !kept(name)) {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}

/// Removes an upload whose record is gone already.
fn remove_upload(folder: &Path) -> io::Result<()> {
    let name = folder.file_name().and_then(|name| name.to_str());
    if name.is_some_and(is_id) { fs::remove_dir_all(folder) } else { Ok(()) }
}

/// Whether a name is that of a blob or an upload.
fn is_id(name: &str) -> bool {
    name.len() == 32 && name.bytes().all(|byte| byte.is_ascii_hexdigit())
}
