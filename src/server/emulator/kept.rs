//! The headers of an upload that OSS keeps with the object and sends with it.

use super::record::{Headers, Object};
use super::refusal::Refusal;
use axum::http::{HeaderMap, HeaderName, HeaderValue};

/// Kept besides `x-oss-meta-*`.
const KEPT: [&str; 11] = [
    "cache-control",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-type",
    "expires",
    "x-oss-server-side-encryption",
    "x-oss-server-side-encryption-key-id",
    STORAGE_CLASS,
    ACL,
    TAGGING,
];
const STORAGE_CLASS: &str = "x-oss-storage-class";
const ACL: &str = "x-oss-object-acl";
const TAGGING: &str = "x-oss-tagging";
const META: &str = "x-oss-meta-";
/// All names and values of user metadata together, in bytes
/// (<https://help.aliyun.com/en/oss/user-guide/manage-object-metadata-10>).
const MOST_META: usize = 8 * 1024;
const CLASSES: [&str; 5] = ["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"];
const ACLS: [&str; 4] = ["default", "private", "public-read", "public-read-write"];

/// What is kept of a request's headers.
///
/// # Errors
/// As [`pick`]; a value that is no UTF-8.
pub(super) fn of_headers(headers: &HeaderMap) -> Result<Headers, Refusal> {
    let mut all = Vec::with_capacity(headers.len());
    for (name, value) in headers {
        match std::str::from_utf8(value.as_bytes()) {
            Ok(value) => all.push((name.as_str(), value.trim())),
            Err(_) if is_kept(name.as_str()) => {
                return Err(Refusal::argument(format!("The header {name} is no UTF-8.")));
            }
            Err(_) => {}
        }
    }
    pick(all.into_iter())
}

/// What is kept of fields with lower-case names.
///
/// # Errors
/// What OSS does not allow: too much metadata, names of it with other characters than letters,
/// digits and hyphens, unknown storage classes and ACLs.
pub(super) fn pick<'h>(all: impl Iterator<Item = (&'h str, &'h str)>) -> Result<Headers, Refusal> {
    let kept: Headers = all
        .filter(|(name, _)| is_kept(name))
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    check_meta(&kept)?;
    check_choice(&kept, STORAGE_CLASS, &CLASSES)?;
    check_choice(&kept, ACL, &ACLS)?;
    Ok(kept)
}

/// Adds what is sent with an object: what was kept, and what OSS adds of its own.
pub(super) fn send(object: &Object, headers: &mut HeaderMap) {
    let own = [
        ("content-type", "application/octet-stream"),
        (STORAGE_CLASS, CLASSES[0]),
        ("x-oss-object-type", if object.content_md5.is_some() { "Normal" } else { "Multipart" }),
    ];
    for (name, value) in own {
        set(headers, name, value);
    }
    for (name, value) in &object.headers {
        match name.as_str() {
            ACL => {}
            TAGGING => set(headers, "x-oss-tagging-count", &value.split('&').count().to_string()),
            name => set(headers, name, value),
        }
    }
}

/// Sets a header to a value that may hold any UTF-8.
pub(super) fn set(headers: &mut HeaderMap, name: &str, value: &str) {
    let name = HeaderName::from_bytes(name.as_bytes());
    // What came in as a header, or passed the checks, can go out as one.
    if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
        headers.insert(name, value);
    }
}

/// Whether everybody may read the object.
pub(super) fn is_public(object: &Object) -> bool {
    object.headers.get(ACL).is_some_and(|acl| acl.starts_with("public-read"))
}

/// The storage class, where objects of it have to be restored before they are read.
pub(super) fn archived(object: &Object) -> Option<&str> {
    let class = object.headers.get(STORAGE_CLASS)?;
    class.ends_with("Archive").then_some(class)
}

fn is_kept(name: &str) -> bool {
    name.starts_with(META) || KEPT.contains(&name)
}

fn check_meta(kept: &Headers) -> Result<(), Refusal> {
    let meta = || kept.iter().filter_map(|(name, value)| Some((name.strip_prefix(META)?, value)));
    let allowed =
        |name: &str| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    if let Some((name, _)) = meta().find(|(name, _)| name.is_empty() || !allowed(name)) {
        let rule = "user metadata has letters, digits and hyphens in its names";
        return Err(Refusal::argument(format!("{META}{name}: {rule}.")));
    }
    let size: usize = meta().map(|(name, value)| META.len() + name.len() + value.len()).sum();
    if size > MOST_META {
        let message = "Your metadata headers exceed the maximum allowed metadata size.";
        let refusal = Refusal::new(400, "MetadataTooLarge", message);
        return Err(refusal.detail("MaxSizeAllowed", MOST_META.to_string()));
    }
    Ok(())
}

fn check_choice(kept: &Headers, name: &str, choices: &[&str]) -> Result<(), Refusal> {
    match kept.get(name) {
        Some(value) if !choices.contains(&value.as_str()) => {
            let message = format!("{name} is one of {}.", choices.join(", "));
            Err(Refusal::argument(message)
                .detail("ArgumentName", name)
                .detail("ArgumentValue", value))
        }
        _ => Ok(()),
    }
}
