//! Multipart uploads on disk: a folder for each, with a record of the upload and one of each part.

use super::digest::{Digested, etag_of_parts};
use super::draft::Draft;
use super::record::{self, Object, Part, Upload};
use super::store::{Store, records_in};
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::PathBuf;

/// An upload that is there: its id was checked.
pub(super) struct Open<'s> {
    store: &'s Store,
    folder: PathBuf,
    pub(super) upload: Upload,
}

impl Store {
    /// Begins an upload; returns its id.
    pub(super) fn begin_upload(&self, upload: &Upload) -> io::Result<String> {
        let id = format!("{:032X}", fastrand::u128(..));
        let folder = self.uploads().join(&id);
        fs::create_dir(&folder)?;
        record::prepare(upload, &folder)?.persist(folder.join("upload.json"))?;
        record::sync_folder(&folder)?;
        record::sync_folder(&self.uploads())?;
        Ok(id)
    }

    /// The upload of this id, if there is one for this object.
    pub(super) fn upload(&self, id: &str, bucket: &str, key: &str) -> io::Result<Option<Open<'_>>> {
        if id.len() != 32 || !id.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(None);
        }
        let folder = self.uploads().join(id);
        let upload: Option<Upload> = record::read(&folder.join("upload.json"))?;
        let found = upload.filter(|upload| upload.bucket == bucket && upload.key == key);
        Ok(found.map(|upload| Open { store: self, folder, upload }))
    }
}

impl Open<'_> {
    /// Keeps a part; one of the same number goes.
    pub(super) fn put_part(&self, number: u32, draft: Draft, now: i64) -> io::Result<Digested> {
        let (blob, digested) = self.store.keep(draft)?;
        let part = Part::of(number, blob, &digested, now);
        let path = self.part_path(number);
        let prepared = record::prepare(&part, &self.folder)?;
        let guard = self.store.hold_records();
        let old: Option<Part> = record::read(&path)?;
        prepared.persist(&path)?;
        drop(guard);
        record::sync_folder(&self.folder)?;
        if let Some(old) = old {
            // The upload may have ended just now, and taken its blobs with it.
            let _ = fs::remove_file(self.store.blob_path(&old.blob));
        }
        Ok(digested)
    }

    /// All parts, by number.
    pub(super) fn parts(&self) -> io::Result<Vec<Part>> {
        let mut parts = Vec::new();
        for path in records_in(&self.folder)? {
            if path.file_name().is_some_and(|name| name != "upload.json") {
                parts.extend(record::read::<Part>(&path)?);
            }
        }
        parts.sort_by_key(|part| part.number);
        Ok(parts)
    }

    /// The object that these parts make, its bytes on the disk; it is not in its place yet.
    pub(super) fn join(&self, parts: &[Part], now: i64) -> io::Result<Object> {
        let mut draft = self.store.draft()?;
        let mut buffer = vec![0; 256 * 1024];
        for part in parts {
            let mut file = File::open(self.store.blob_path(&part.blob))?;
            loop {
                match file.read(&mut buffer)? {
                    0 => break,
                    read => draft.write(&buffer[..read])?,
                }
            }
        }
        let ((blob, size), digested) = self.store.keep(draft)?;
        let etags: Vec<_> = parts.iter().map(|part| part.etag.as_str()).collect();
        Ok(Object {
            bucket: self.upload.bucket.clone(),
            key: self.upload.key.clone(),
            size,
            etag: etag_of_parts(&etags),
            content_md5: None,
            crc64: digested.crc64,
            modified: now,
            headers: self.upload.headers.clone(),
            blob,
        })
    }

    /// Removes the upload and its parts: first its record, so that nobody finds half of it.
    pub(super) fn remove(self) -> io::Result<()> {
        let parts = self.parts()?;
        fs::remove_file(self.folder.join("upload.json"))?;
        record::sync_folder(&self.folder)?;
        fs::remove_dir_all(&self.folder)?;
        for part in parts {
            // A part that was put again just now took its blob away itself.
            let _ = fs::remove_file(self.store.blob_path(&part.blob));
        }
        Ok(())
    }

    fn part_path(&self, number: u32) -> PathBuf {
        self.folder.join(format!("{number:05}.json"))
    }
}
