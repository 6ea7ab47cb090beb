//! Harm that is done to a URL as a text, on its way through pages, shells and mails.

use super::cause::Cause;
use super::read::{V1_PARAMETERS, V4_PARAMETERS};
use super::see::Finding;
use crate::encode;

/// A URL as far as it can be mended, and what was wrong with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mended {
    /// The URL without the harm that can be undone.
    pub url: String,
    /// What was undone.
    pub found: Vec<Finding>,
}

/// How `&` is written in pages and in JSON.
const AMPERSANDS: [&str; 6] = ["&amp;", "&#38;", "&#x26;", "&#X26;", "\\u0026", "%5Cu0026"];

/// Undoes what can be undone.
pub fn mend(url: &str) -> Mended {
    let mut mended = Mended { url: url.to_owned(), found: Vec::new() };
    mended.unescape();
    mended.strip();
    mended.decode();
    mended
}

impl Mended {
    fn note(&mut self, cause: Cause, detail: impl Into<String>) {
        self.found.push(Finding::new(cause, detail));
    }

    fn unescape(&mut self) {
        let found: Vec<_> = AMPERSANDS.iter().filter(|text| self.url.contains(**text)).collect();
        if let Some(first) = found.first() {
            self.note(Cause::UrlHtmlEscaped, format!("'{first}' stands where '&' should"));
            for text in found {
                self.url = self.url.replace(text, "&");
            }
        }
        if self.url.contains("\\/") {
            self.note(Cause::UrlHtmlEscaped, "'\\/' stands where '/' should: JSON was not decoded");
            self.url = self.url.replace("\\/", "/");
        }
    }

    /// White space and quotation marks, but for a space within a signature of version 1, which once
    /// was a plus.
    fn strip(&mut self) {
        let around = |c: char| c.is_whitespace() || "\"'`<>\u{feff}\u{200b}".contains(c);
        let inner = self.url.trim_matches(around);
        let mut details = Vec::new();
        if inner.len() < self.url.len() {
            details.push("there is white space or a quotation mark around the URL");
        }
        let mut out: String = inner.chars().filter(|c| !"\r\n\t\u{200b}".contains(*c)).collect();
        if out.len() < inner.len() {
            details.push("there is a line end or a tab in the URL");
        }
        let head = out.split("Signature=").next().unwrap_or_default().len();
        if out[..head].contains(' ') {
            details.push("there is a space in the URL");
            out.replace_range(..head, &out[..head].replace(' ', "%20"));
        }
        for detail in details {
            self.note(Cause::UrlWhitespace, detail);
        }
        self.url = out;
    }

    fn decode(&mut self) {
        let lower = self.url.to_ascii_lowercase();
        if lower.starts_with("https%3a%2f%2f") || lower.starts_with("http%3a%2f%2f") {
            self.note(Cause::UrlDoubleEncoded, "the URL is encoded from its first character on");
            self.url = encode::decode(&self.url);
            return;
        }
        let Some((path, query)) = self.url.split_once('?') else {
            return self.decode_mark();
        };
        let signing = V4_PARAMETERS.iter().chain(&V1_PARAMETERS);
        let mut starts = signing.map(|name| format!("{name}%3D"));
        if !query.contains('=') && starts.any(|start| query.contains(&start)) {
            let url = format!("{path}?{}", encode::decode(query));
            self.note(Cause::UrlDoubleEncoded, "'=' and '&' of the query are encoded");
            self.url = url;
        } else if is_encoded_twice(query) {
            let detail = "the values of the query are encoded twice: '%25' stands for '%'";
            let url = format!("{}?{}", undone_once(path), undone_once(query));
            self.note(Cause::UrlDoubleEncoded, detail);
            self.url = url;
        }
    }

    /// A question mark that became part of the path.
    fn decode_mark(&mut self) {
        for mark in ["%3Fx-oss-", "%3FOSSAccessKeyId", "%3fx-oss-"] {
            if let Some(at) = self.url.find(mark) {
                let (path, query) = self.url.split_at(at);
                let query = &query[3..];
                let query =
                    if query.contains('&') { query.to_owned() } else { encode::decode(query) };
                let url = format!("{path}?{query}");
                self.note(Cause::UrlDoubleEncoded, "the '?' of the URL is encoded");
                self.url = url;
                return;
            }
        }
    }
}

/// Whether the values that always hold an escape hold an escaped escape.
fn is_encoded_twice(query: &str) -> bool {
    query.split('&').any(|pair| match pair.split_once('=') {
        Some(("x-oss-credential", value)) => value.contains("%252F") || value.contains("%252f"),
        Some(("Signature", value)) => value.contains("%253D") || value.contains("%253d"),
        _ => false,
    })
}

/// `%25` before two hexadecimal digits becomes `%`.
fn undone_once(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (at, piece) in text.split("%25").enumerate() {
        if at > 0 {
            let digits = piece.as_bytes().first_chunk::<2>();
            let escapes = digits.is_some_and(|pair| pair.iter().all(u8::is_ascii_hexdigit));
            out.push_str(if escapes { "%" } else { "%25" });
        }
        out.push_str(piece);
    }
    out
}

/// Whether, and where, the end of a URL is missing.
///
/// One parameter that is missing as a whole may have been left out; two at the end, or a piece of
/// one, have been cut off.
pub fn truncation(url: &str) -> Option<Finding> {
    let (_, query) = url.split_once('?')?;
    let last = query.rsplit('&').next().unwrap_or_default();
    let (last_name, last_value) = last.split_once('=').unwrap_or((last, ""));
    let cut = |detail: &str| Some(Finding::new(Cause::UrlTruncated, detail));
    let tail = url.get(url.len().saturating_sub(2)..).unwrap_or_default();
    if tail.contains('%') {
        return cut("the URL ends within an escape");
    }
    let names: Vec<_> =
        query.split('&').map(|pair| pair.split('=').next().unwrap_or(pair)).collect();
    let has = |name: &&&str| names.contains(*name);
    let signing: &[&str] = match () {
        () if names.contains(&V4_PARAMETERS[0]) => &V4_PARAMETERS,
        () if names.contains(&V1_PARAMETERS[0]) => &V1_PARAMETERS,
        () => return None,
    };
    let signature = signing.last().copied().unwrap_or_default();
    let is_piece =
        |text: &str| !signing.contains(&text) && signing.iter().any(|name| name.starts_with(text));
    let missing = signing.iter().filter(|name| !has(name)).count();
    if missing > 0 && (last.is_empty() || is_piece(last_name)) {
        return cut("the URL ends within the name of a parameter");
    }
    if missing > 1 && names.last().is_some_and(|name| signing.contains(name)) {
        return cut("the URL ends before its last parameters");
    }
    let value = encode::decode(last_value);
    let full = if signing.len() == V4_PARAMETERS.len() { 64 } else { 28 };
    let clean = value.bytes().all(|b| b.is_ascii_alphanumeric() || b"+/".contains(&b));
    if last_name == signature && (1..full).contains(&value.len()) && clean {
        return cut("the URL ends within its signature");
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    const URL: &str = "https://b.oss-cn-x.aliyuncs.com/a%20b?x-oss-signature-version=OSS4-HMAC-SHA256\
        &x-oss-date=20260101T000000Z&x-oss-expires=60&x-oss-credential=id%2F20260101%2Fcn-x%2Foss\
        %2Faliyun_v4_request&x-oss-signature=0000000000000000000000000000000000000000000000000000000000000000";

    fn causes(url: &str) -> Vec<Cause> {
        let mended = mend(url);
        assert_eq!(mended.url, URL, "{url}");
        mended.found.iter().map(|finding| finding.cause).collect()
    }

    #[test]
    fn what_pages_mails_and_shells_do_is_undone() {
        assert_eq!(causes(URL), []);
        assert_eq!(causes(&URL.replace('&', "&amp;")), [Cause::UrlHtmlEscaped]);
        assert_eq!(causes(&URL.replace('&', "\\u0026")), [Cause::UrlHtmlEscaped]);
        assert_eq!(causes(&URL.replace('/', "\\/")), [Cause::UrlHtmlEscaped]);
        assert_eq!(causes(&format!(" <{URL}>\n")), [Cause::UrlWhitespace]);
        assert_eq!(causes(&URL.replace("-date", "-\r\ndate")), [Cause::UrlWhitespace]);
        assert_eq!(causes(&URL.replace("%20", " ")), [Cause::UrlWhitespace]);
        assert_eq!(causes(&encode::query(URL)), [Cause::UrlDoubleEncoded]);
        assert_eq!(causes(&URL.replace('%', "%25")), [Cause::UrlDoubleEncoded]);
        assert_eq!(causes(&URL.replace('?', "%3F")), [Cause::UrlDoubleEncoded]);
        let (path, query) = URL.split_once('?').unwrap();
        assert_eq!(causes(&format!("{path}?{}", encode::query(query))), [Cause::UrlDoubleEncoded]);
    }

    #[test]
    fn every_cut_within_the_signatures_parameters_is_noticed() {
        let from = URL.find("x-oss-date").unwrap();
        let mut unnoticed = vec![];
        for end in from..URL.len() {
            if truncation(&URL[..end]).is_none() {
                unnoticed.push(&URL[end..]);
            }
        }
        // Before "&x-oss-signature=...", that parameter may have been left out.
        assert!(unnoticed.iter().all(|cut| cut.len() < 150), "{unnoticed:?}");
        assert_eq!(truncation(URL), None);
        assert_eq!(truncation("https://h/k?a=1"), None);
    }

    #[test]
    fn a_percent_sign_of_a_key_stays() {
        assert_eq!(undone_once("100%25.txt%2520"), "100%25.txt%20");
    }
}
