//! Guesses about a Content-Type that nobody knows: the usual ones, that of the key's suffix first.

use super::headers::{missing, named, set};
use super::{Clues, Guess};
use crate::explain::cause::Cause;
use crate::explain::claim::Claim;
use std::collections::BTreeSet;

/// Suffixes and media types, as `mimetypes`, browsers and the SDKs know them.
const TYPES: [(&str, &[&str]); 60] = [
    ("7z", &["application/x-7z-compressed"]),
    ("aac", &["audio/aac"]),
    ("apk", &["application/vnd.android.package-archive"]),
    ("avi", &["video/x-msvideo", "video/avi"]),
    ("avif", &["image/avif"]),
    ("bin", &["application/octet-stream", "binary/octet-stream"]),
    ("bmp", &["image/bmp", "image/x-ms-bmp"]),
    ("bz2", &["application/x-bzip2"]),
    ("css", &["text/css"]),
    ("csv", &["text/csv", "application/csv"]),
    ("doc", &["application/msword"]),
    ("docx", &["application/vnd.openxmlformats-officedocument.wordprocessingml.document"]),
    ("exe", &["application/x-msdownload", "application/x-msdos-program"]),
    ("flac", &["audio/flac", "audio/x-flac"]),
    ("flv", &["video/x-flv"]),
    ("gif", &["image/gif"]),
    ("gz", &["application/gzip", "application/x-gzip"]),
    ("heic", &["image/heic"]),
    ("html", &["text/html"]),
    ("ico", &["image/x-icon", "image/vnd.microsoft.icon"]),
    ("jar", &["application/java-archive"]),
    ("jpg", &["image/jpeg", "image/jpg", "image/pjpeg"]),
    ("js", &["text/javascript", "application/javascript", "application/x-javascript"]),
    ("json", &["application/json", "text/json"]),
    ("log", &["text/plain"]),
    ("m3u8", &["application/vnd.apple.mpegurl", "application/x-mpegURL"]),
    ("m4a", &["audio/mp4", "audio/x-m4a"]),
    ("md", &["text/markdown"]),
    ("mkv", &["video/x-matroska"]),
    ("mov", &["video/quicktime"]),
    ("mp3", &["audio/mpeg", "audio/mp3"]),
    ("mp4", &["video/mp4"]),
    ("mpg", &["video/mpeg"]),
    ("ogg", &["audio/ogg", "application/ogg"]),
    ("parquet", &["application/vnd.apache.parquet", "application/x-parquet"]),
    ("pdf", &["application/pdf"]),
    ("png", &["image/png"]),
    ("ppt", &["application/vnd.ms-powerpoint"]),
    ("pptx", &["application/vnd.openxmlformats-officedocument.presentationml.presentation"]),
    ("rar", &["application/vnd.rar", "application/x-rar-compressed", "application/x-rar"]),
    ("rtf", &["application/rtf"]),
    ("svg", &["image/svg+xml"]),
    ("tar", &["application/x-tar"]),
    ("tif", &["image/tiff"]),
    ("ts", &["video/mp2t"]),
    ("ttf", &["font/ttf"]),
    ("txt", &["text/plain"]),
    ("wasm", &["application/wasm"]),
    ("wav", &["audio/wav", "audio/x-wav", "audio/wave"]),
    ("weba", &["audio/webm"]),
    ("webm", &["video/webm"]),
    ("webp", &["image/webp"]),
    ("woff2", &["font/woff2", "font/woff"]),
    ("xls", &["application/vnd.ms-excel"]),
    ("xlsx", &["application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"]),
    ("xml", &["application/xml", "text/xml"]),
    ("yaml", &["application/yaml", "application/x-yaml", "text/yaml"]),
    ("zip", &["application/zip", "application/x-zip-compressed"]),
    (
        "",
        &["application/x-www-form-urlencoded", "multipart/form-data", "image/*", "video/*", "*/*"],
    ),
    ("", &["application/x-compressed", "application/octet-stream"]),
];

/// What follows a media type that is text.
const CHARSETS: [&str; 6] = [
    "; charset=utf-8",
    ";charset=utf-8",
    "; charset=UTF-8",
    ";charset=UTF-8",
    "; charset=utf8",
    ";",
];

/// Whether a URL was signed with another Content-Type than the one that arrived, or with one at all.
pub(super) fn guesses<'a>(claim: &Claim, clues: Clues<'a>) -> Vec<Guess<'a>> {
    match claim.header("content-type").map(ToOwned::to_owned) {
        Some(sent) => {
            let mut all: Vec<_> =
                respelt(&sent).into_iter().map(|other| changed(&sent, other)).collect();
            let others = usual(&claim.key).into_iter().filter(|other| *other != sent);
            all.extend(others.map(|other| changed(&sent, other).one_of_many()));
            all
        }
        None => usual(&claim.key).into_iter().map(|other| absent(other, clues)).collect(),
    }
}

fn changed<'a>(sent: &str, other: String) -> Guess<'a> {
    let detail = format!("signed with {}; the client sent '{sent}'", named("content-type", &other));
    Guess::new("header content-type", Cause::ContentTypeChanged, detail, move |claim| {
        set(claim, "content-type", &other);
    })
}

fn absent<'a>(other: String, clues: Clues<'_>) -> Guess<'a> {
    let detail = missing("content-type", &other, clues).detail;
    let set = move |claim: &mut Claim| set(claim, "content-type", &other);
    Guess::new("header content-type", Cause::ContentTypeMissing, detail, set).one_of_many()
}

/// The same type without its charset, or with another spacing or case of it.
fn respelt(sent: &str) -> Vec<String> {
    let media = sent.split(';').next().unwrap_or_default().trim();
    let rest = sent.split_once(';').map(|(_, rest)| rest.trim());
    let mut all = vec![media.to_owned(), sent.to_lowercase(), sent.replace("; ", ";")];
    if let Some(rest) = rest {
        let (lower, upper) = (rest.to_lowercase(), rest.to_uppercase());
        let upper = upper.replacen("CHARSET", "charset", 1);
        let quoted = lower.replacen("utf-8", "\"utf-8\"", 1);
        for rest in [rest, &lower, &upper, &quoted] {
            all.extend([
                format!("{media};{rest}"),
                format!("{media}; {rest}"),
                format!("{media} ; {rest}"),
            ]);
        }
    }
    all.extend(CHARSETS.iter().map(|charset| format!("{media}{charset}")));
    let mut seen = BTreeSet::new();
    all.retain(|other| other != sent && seen.insert(other.clone()));
    all
}

/// Every usual type; those of the key's suffix first.
fn usual(key: &str) -> Vec<String> {
    let suffix = key.rsplit_once('.').map_or(String::new(), |(_, suffix)| suffix.to_lowercase());
    let suffix = match suffix.as_str() {
        "jpeg" => "jpg",
        "htm" => "html",
        "tiff" => "tif",
        "yml" => "yaml",
        other => other,
    };
    let (own, others): (Vec<_>, Vec<_>) =
        TYPES.iter().partition(|(other, _)| !suffix.is_empty() && *other == suffix);
    let mut seen = BTreeSet::new();
    let mut all = Vec::new();
    for media in own.into_iter().chain(others).flat_map(|(_, types)| types.iter()) {
        if seen.insert(*media) {
            all.push((*media).to_owned());
            let is_text = media.starts_with("text/")
                || ["json", "javascript", "xml", "urlencoded"]
                    .iter()
                    .any(|end| media.ends_with(end));
            if is_text {
                all.extend(CHARSETS.iter().map(|charset| format!("{media}{charset}")));
            }
        }
    }
    all
}
