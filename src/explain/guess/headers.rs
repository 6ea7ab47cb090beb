//! Guesses about headers: which of them were there when the URL was signed, and how.

use super::{Clues, Guess};
use crate::encode;
use crate::explain::cause::Cause;
use crate::explain::claim::Claim;
use crate::explain::host;
use crate::explain::see::shown;
use crate::presign::Version;

/// Headers that are often signed, with the values that they can have.
const USUAL: [(&str, &[&str]); 7] = [
    ("x-oss-object-acl", &["private", "public-read", "public-read-write", "default"]),
    ("x-oss-storage-class", &["Standard", "IA", "Archive", "ColdArchive", "DeepColdArchive"]),
    ("x-oss-forbid-overwrite", &["true", "false"]),
    ("x-oss-server-side-encryption", &["AES256", "KMS", "SM4"]),
    ("x-oss-content-sha256", &["UNSIGNED-PAYLOAD"]),
    ("x-oss-request-payer", &["requester"]),
    ("x-oss-complete-all", &["yes"]),
];

/// Of the headers that arrived.
pub(super) fn guesses<'a>(claim: &Claim, clues: Clues<'a>) -> Vec<Guess<'a>> {
    let mut all = Vec::new();
    for (name, value) in claim.covered_headers().filter(|(name, _)| *name != "host") {
        all.push(absent(name, value));
        all.extend(written(name, value, clues));
    }
    let count = claim.covered_headers().count();
    if count > 1 {
        all.push(none_at_all(claim));
    }
    all.extend(additional(claim, clues));
    all
}

/// Of headers that did not arrive.
pub(super) fn unknown<'a>(claim: &Claim, clues: Clues<'a>) -> Vec<Guess<'a>> {
    let mut all = Vec::new();
    let absent = |name: &str| claim.header(name).is_none();
    for (name, values) in USUAL.into_iter().filter(|(name, _)| absent(name)) {
        all.extend(values.iter().map(|value| missing(name, value, clues)));
    }
    let token = clues.token.filter(|_| absent("x-oss-security-token"));
    if let Some(token) = token {
        let detail = "signed with the security token as a header, which a URL does not carry";
        let cause = Cause::TokenOnlyInHeader;
        all.push(Guess::new(
            "header x-oss-security-token",
            cause,
            detail.to_owned(),
            move |claim| {
                claim.headers.push(("x-oss-security-token".to_owned(), token.to_owned()));
            },
        ));
    }
    all
}

fn about(name: &str) -> String {
    format!("header {name}")
}

fn cause_added(name: &str) -> Cause {
    if name == "content-type" { Cause::ContentTypeAdded } else { Cause::HeaderAdded }
}

fn cause_changed(name: &str) -> Cause {
    if name == "content-type" { Cause::ContentTypeChanged } else { Cause::HeaderChanged }
}

/// The header's name for people, and its value unless that is a secret.
pub(super) fn named(name: &str, value: &str) -> String {
    let secret = ["token", "customer-key", "authorization"].iter().any(|word| name.contains(word));
    let value = if secret { "***".to_owned() } else { shown(value) };
    format!("{} '{value}'", titled(name))
}

fn titled(name: &str) -> &str {
    match name {
        "content-type" => "Content-Type",
        "content-md5" => "Content-MD5",
        other => other,
    }
}

fn absent<'a>(name: &str, value: &str) -> Guess<'a> {
    let sent = named(name, value);
    let detail = format!("signed with no {}; the client sent {sent}", titled(name));
    let name = name.to_owned();
    Guess::new(about(&name), cause_added(&name), detail, move |claim| {
        claim.headers.retain(|(own, _)| *own != name);
        claim.additional.retain(|own| *own != name);
    })
}

fn none_at_all<'a>(claim: &Claim) -> Guess<'a> {
    let names: Vec<_> = claim.covered_headers().map(|(name, _)| name.to_owned()).collect();
    let (joined, cause) = (
        names.join(", "),
        match names.first() {
            Some(name) if names.iter().any(|n| n == "content-type") && name != "host" => {
                Cause::ContentTypeAdded
            }
            _ => Cause::HeaderAdded,
        },
    );
    let detail = format!("signed with none of the headers that the client sent: {joined}");
    Guess::new("headers", cause, detail, move |claim| {
        claim.headers.retain(|(own, _)| !names.contains(own));
    })
}

/// Other ways to write the value that arrived.
fn written<'a>(name: &str, value: &str, clues: Clues<'_>) -> Vec<Guess<'a>> {
    let given = clues.headers.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
    let mut values: Vec<String> = given.map(|(_, value)| (*value).to_owned()).collect();
    values.extend([
        capitalized(value),
        value.to_lowercase(),
        value.to_uppercase(),
        encode::decode(value),
        encode::query(value),
    ]);
    values.extend([
        latin1_of_utf8(value),
        format!(" {value}"),
        format!("{value} "),
        format!(" {value} "),
    ]);
    values.extend(utf8_of_latin1(value));
    let usual = USUAL.iter().filter(|(own, _)| *own == name);
    values.extend(usual.flat_map(|(_, values)| values.iter().map(|value| (*value).to_owned())));
    values.extend([format!("  {value}  "), value.replace('+', " "), String::new()]);
    let mut unique: Vec<String> = Vec::new();
    for other in values {
        if other != value && !unique.contains(&other) {
            unique.push(other);
        }
    }
    let guess = |other: String| {
        let detail = format!(
            "signed with {}; the client sent '{}'",
            named(name, &other),
            hidden(name, value)
        );
        let name = name.to_owned();
        Guess::new(about(&name), cause_changed(&name), detail, move |claim| {
            set(claim, &name, &other);
        })
    };
    unique.into_iter().map(guess).collect()
}

fn hidden(name: &str, value: &str) -> String {
    let text = named(name, value);
    text.split_once('\'').map_or(String::new(), |(_, rest)| rest.trim_end_matches('\'').to_owned())
}

/// Sets a header of the claim, whatever it was.
pub(super) fn set(claim: &mut Claim, name: &str, value: &str) {
    claim.headers.retain(|(own, _)| own != name);
    claim.headers.push((name.to_owned(), value.to_owned()));
}

/// A header that was signed and did not arrive.
pub(super) fn missing<'a>(name: &'a str, value: &'a str, clues: Clues<'_>) -> Guess<'a> {
    let end =
        if clues.knows_headers { "the client sent none" } else { "no headers are known here" };
    let detail = format!("signed with {}; {end}", named(name, value));
    let cause =
        if name == "content-type" { Cause::ContentTypeMissing } else { Cause::HeaderMissing };
    Guess::new(about(name), cause, detail, move |claim| set(claim, name, value))
}

/// Of headers that the URL itself lists as signed.
fn additional<'a>(claim: &Claim, clues: Clues<'a>) -> Vec<Guess<'a>> {
    let mut all = Vec::new();
    if claim.version == Version::V1 || !claim.additional.iter().any(|name| name == "host") {
        return all;
    }
    let sent = claim.header("host").unwrap_or(&claim.host).to_owned();
    let bucket = claim.bucket.clone().unwrap_or_default();
    let mut hosts = vec![claim.host.clone(), sent.to_ascii_lowercase()];
    hosts.push(sent.split(':').next().unwrap_or_default().to_owned());
    hosts.extend([format!("{sent}:443"), format!("{sent}:80")]);
    for region in clues.regions.iter().copied().chain([claim.region.as_str()]) {
        hosts.extend(host::other_hosts(&bucket, region, false));
        hosts.extend(host::other_hosts(&bucket, region, true));
    }
    for host in hosts.into_iter().filter(|host| *host != sent) {
        let detail =
            format!("signed for the host {}; the request went to {}", shown(&host), shown(&sent));
        all.push(Guess::new("host", Cause::HostChanged, detail, move |claim| {
            set(claim, "host", &host);
        }));
    }
    all
}

fn capitalized(value: &str) -> String {
    let mut rest = value.chars();
    let first = rest.next().into_iter().flat_map(char::to_uppercase);
    first.chain(rest.flat_map(char::to_lowercase)).collect()
}

/// UTF-8 whose bytes were taken for Latin-1, as some servers and clients take headers.
fn latin1_of_utf8(value: &str) -> String {
    value.bytes().map(char::from).collect()
}

fn utf8_of_latin1(value: &str) -> Option<String> {
    let bytes: Option<Vec<u8>> = value.chars().map(|c| u8::try_from(u32::from(c)).ok()).collect();
    bytes.and_then(|bytes| String::from_utf8(bytes).ok())
}
