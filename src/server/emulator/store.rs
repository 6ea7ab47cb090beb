//! Objects on disk: bytes in `blobs/`, and a JSON record of each object that names its blob.
//!
//! An object appears, changes and goes by one rename or removal of its record, after its bytes are
//! on the disk: whatever breaks in between leaves the object that was there before. Names on disk
//! are digests, or made here: no key can lead out of the folder.

use super::digest::upper_hex;
use super::record::{self, Object};
use crate::crypto::sha256;
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use tempfile::TempDir;

/// A folder with objects and uploads.
pub struct Store {
    root: PathBuf,
    /// Held while a record is replaced, so that the blob of the old one is removed exactly once.
    records: Mutex<()>,
    /// Locked while the folder is in use.
    _lock: File,
    /// Removes the folder in the end, where it is a temporary one.
    _temporary: Option<TempDir>,
}

/// Whether an object may take the place of another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Overwrite {
    Allowed,
    Forbidden,
}

impl Overwrite {
    pub(super) fn forbidden_if(forbidden: bool) -> Self {
        if forbidden { Self::Forbidden } else { Self::Allowed }
    }
}

/// An object with that key was there, and may not be replaced.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Exists;

impl Store {
    /// Opens a folder, making it where it is missing, or a temporary one.
    ///
    /// # Errors
    /// Those of the system; another emulator that uses the folder; a record that cannot be read.
    pub fn open(folder: Option<&Path>) -> io::Result<Self> {
        let temporary = match folder {
            Some(_) => None,
            None => Some(tempfile::Builder::new().prefix("ossign-emulator-").tempdir()?),
        };
        let root = match (folder, &temporary) {
            (Some(folder), _) => folder.to_owned(),
            (None, Some(temporary)) => temporary.path().to_owned(),
            (None, None) => PathBuf::new(),
        };
        for name in ["blobs", "objects", "uploads"] {
            fs::create_dir_all(root.join(name))?;
        }
        let lock = lock(&root)?;
        let store = Self { root, records: Mutex::new(()), _lock: lock, _temporary: temporary };
        store.sweep()?;
        Ok(store)
    }

    /// The folder.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// What is known of an object.
    ///
    /// # Errors
    /// Those of the system, and a record that cannot be read.
    pub fn object(&self, bucket: &str, key: &str) -> io::Result<Option<Object>> {
        record::read(&self.object_path(bucket, key))
    }

    /// An object and its bytes. Both stay what they are if it is replaced while it is read.
    ///
    /// # Errors
    /// As [`Store::object`].
    pub fn open_object(&self, bucket: &str, key: &str) -> io::Result<Option<(Object, File)>> {
        loop {
            let Some(object) = self.object(bucket, key)? else { return Ok(None) };
            match File::open(self.blob_path(&object.blob)) {
                Ok(file) => return Ok(Some((object, file))),
                // Replaced between the two steps, unless the blob is really gone.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    if self.object(bucket, key)?.as_ref() == Some(&object) {
                        return Err(error);
                    }
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// All objects, in the order of bucket and key.
    ///
    /// # Errors
    /// As [`Store::object`].
    pub fn objects(&self) -> io::Result<Vec<Object>> {
        let mut objects = Vec::new();
        for folder in folders_in(&self.root.join("objects"))? {
            for path in records_in(&folder)? {
                objects.extend(record::read::<Object>(&path)?);
            }
        }
        objects.sort_by(|a, b| (&a.bucket, &a.key).cmp(&(&b.bucket, &b.key)));
        Ok(objects)
    }

    /// Makes an object of a blob. If it may not replace the one that is there, the blob is removed.
    pub(super) fn put(&self, object: &Object, over: Overwrite) -> io::Result<Result<(), Exists>> {
        let path = self.object_path(&object.bucket, &object.key);
        let folder = self.root.join("objects").join(&object.bucket);
        if !folder.is_dir() {
            fs::create_dir_all(&folder)?;
            record::sync_folder(&self.root.join("objects"))?;
        }
        let prepared = record::prepare(object, &folder)?;
        let guard = self.hold_records();
        let old = record::read::<Object>(&path)?;
        if old.is_some() && over == Overwrite::Forbidden {
            drop(guard);
            fs::remove_file(self.blob_path(&object.blob))?;
            return Ok(Err(Exists));
        }
        prepared.persist(&path)?;
        drop(guard);
        record::sync_folder(&folder)?;
        old.map_or(Ok(()), |old| fs::remove_file(self.blob_path(&old.blob)))?;
        Ok(Ok(()))
    }

    /// Removes an object, if it is there.
    pub(super) fn delete(&self, bucket: &str, key: &str) -> io::Result<()> {
        let path = self.object_path(bucket, key);
        let guard = self.hold_records();
        let Some(old) = record::read::<Object>(&path)? else { return Ok(()) };
        fs::remove_file(&path)?;
        drop(guard);
        record::sync_folder(&self.root.join("objects").join(bucket))?;
        fs::remove_file(self.blob_path(&old.blob))
    }

    /// Keeps others from replacing records.
    pub(super) fn hold_records(&self) -> MutexGuard<'_, ()> {
        self.records.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn blob_path(&self, name: &str) -> PathBuf {
        self.root.join("blobs").join(name)
    }

    /// `objects/<bucket>/<digest of the key>.json`. Bucket names were checked: they hold no dot and
    /// no slash.
    fn object_path(&self, bucket: &str, key: &str) -> PathBuf {
        let name = upper_hex(&sha256(key.as_bytes()));
        self.root.join("objects").join(bucket).join(name + ".json")
    }

    pub(super) fn uploads(&self) -> PathBuf {
        self.root.join("uploads")
    }
}

/// The folders in a folder.
pub(super) fn folders_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = fs::read_dir(folder)?;
    let paths: io::Result<Vec<_>> = entries.map(|entry| Ok(entry?.path())).collect();
    Ok(paths?.into_iter().filter(|path| path.is_dir()).collect())
}

/// The finished records in a folder.
pub(super) fn records_in(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "json") {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn lock(root: &Path) -> io::Result<File> {
    let file = File::create(root.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => {
            Err(io::Error::new(io::ErrorKind::AddrInUse, "another emulator uses it"))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}
