//! One HTTP request to be signed: method, bucket, key, query and headers, in the caller's order.

use crate::encode;
use crate::error::{Error, Result};
use std::borrow::Cow;

/// A request to OSS, without its body: presigned URLs do not sign one.
#[derive(Debug, Clone, Default)]
pub struct Request<'a> {
    /// The HTTP method.
    pub method: Cow<'a, str>,
    /// The bucket as it stands in the host or the path.
    pub bucket: Option<Cow<'a, str>>,
    /// The bucket as it is signed, where that is another one.
    pub signed_bucket: Option<Cow<'a, str>>,
    /// The object's key.
    pub key: Option<Cow<'a, str>>,
    /// Query parameters, neither encoded nor sorted.
    pub query: Parameters<'a>,
    /// Header fields.
    pub headers: Headers,
}

impl Request<'_> {
    /// The bucket's name in what is signed.
    pub fn signed_bucket(&self) -> Option<&str> {
        self.signed_bucket.as_deref().or(self.bucket.as_deref())
    }
}

/// Query parameters with unique names, in the order in which they were first set.
#[derive(Debug, Clone, Default)]
pub struct Parameters<'a>(Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'a> Parameters<'a> {
    /// Sets a parameter; one of the same name keeps its place.
    pub fn set(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        let (name, value) = (name.into(), value.into());
        match self.0.iter_mut().find(|(other, _)| *other == name) {
            Some(entry) => entry.1 = value,
            None => self.0.push((name, value)),
        }
    }

    /// Puts a parameter that is not there yet before all others.
    pub fn set_first(&mut self, name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) {
        self.0.insert(0, (name.into(), value.into()));
    }

    /// Name and value of each, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (&**name, &**value))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The value of a parameter.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.iter().find_map(|(other, value)| (other == name).then_some(value))
    }
}

/// Header fields whose names are unique without regard to case, in the order in which they were
/// first set.
///
/// All their text stands in one string, so that a request costs two allocations for its headers,
/// however many they are.
#[derive(Debug, Clone, Default)]
pub struct Headers {
    text: String,
    fields: Vec<Field>,
}

#[derive(Debug, Clone, Copy)]
struct Field {
    name: Name,
    lower_name: Name,
    value: Span,
    signing: Signing,
}

/// A header's name, or its lower-case form. Those of the table of operations need no copy.
#[derive(Debug, Clone, Copy)]
enum Name {
    Known(&'static str),
    Kept(Span),
}

/// Room for the headers of most requests, with some of their names in lower case as well.
const USUAL_TEXT: usize = 400;

/// A piece of [`Headers::text`].
#[derive(Debug, Clone, Copy)]
struct Span {
    start: usize,
    end: usize,
}

/// Which headers signatures cover without being asked to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Signing {
    /// `x-oss-*`: in both versions.
    Oss,
    /// `Content-Type` and `Content-MD5`.
    Content,
    /// No other.
    None,
}

/// One header field.
#[derive(Debug, Clone, Copy)]
pub struct Header<'h> {
    headers: &'h Headers,
    field: &'h Field,
}

impl<'h> Header<'h> {
    /// The name in the case in which it was set last.
    pub fn name(&self) -> &'h str {
        self.headers.name(self.field.name)
    }

    /// The name in lower case.
    pub fn lower_name(&self) -> &'h str {
        self.headers.name(self.field.lower_name)
    }

    /// The value as given.
    pub fn value(&self) -> &'h str {
        self.headers.slice(self.field.value)
    }

    /// The value as it is signed and sent: without spaces and tabs around it.
    pub fn trimmed(&self) -> &'h str {
        let (value, is_space) =
            (self.value(), |byte: Option<&u8>| matches!(byte, Some(b' ' | b'\t')));
        if is_space(value.as_bytes().first()) || is_space(value.as_bytes().last()) {
            return value.trim_matches([' ', '\t']);
        }
        value
    }

    /// Whether the name begins with `x-oss-`.
    pub fn is_oss(&self) -> bool {
        self.field.signing == Signing::Oss
    }

    /// Whether signature version 4 covers it without being asked to.
    pub fn is_signed_by_default(&self) -> bool {
        self.field.signing != Signing::None
    }

    fn is(&self, lower_name: &str) -> bool {
        self.headers.name_bytes(self.field.lower_name) == lower_name.as_bytes()
    }
}

impl Headers {
    /// Sets a header; one of the same name keeps its place, and takes the new case and value.
    ///
    /// Names are the same if their lower-case forms are, in all of Unicode, as in the SDK.
    pub fn set(&mut self, name: &str, value: &str) {
        self.set_prefixed("", name, value);
    }

    /// As [`Headers::set`], for a name of the table of operations.
    pub fn set_known(&mut self, name: &'static str, value: &str) {
        let (lower_name, signing) = match name {
            "Content-Type" => ("content-type", Signing::Content),
            "Content-MD5" => ("content-md5", Signing::Content),
            // The table has these in lower case.
            _ if name.starts_with("x-oss-") => (name, Signing::Oss),
            _ => return self.set(name, value),
        };
        self.insert(Name::Known(name), Name::Known(lower_name), value, signing);
    }

    /// As [`Headers::set`], with a name in two parts.
    pub fn set_prefixed(&mut self, prefix: &str, name: &str, value: &str) {
        if self.fields.is_empty() {
            self.text.reserve(USUAL_TEXT);
        }
        let start = self.text.len();
        self.text.push_str(prefix);
        let name = self.push(start, name);
        let written = &self.text.as_bytes()[start..];
        let is_folded = |byte: u8| !byte.is_ascii_uppercase() & byte.is_ascii();
        let lower_name = if !encode::any_changes(written, |byte| !is_folded(byte)) {
            name
        } else {
            let lower = self.text[start..].to_lowercase();
            self.push(self.text.len(), &lower)
        };
        self.insert_kept(name, lower_name, value);
    }

    /// As [`Headers::set`], for who knows the lower-case name: versions of Unicode differ.
    pub fn set_folded(&mut self, name: &str, lower_name: &str, value: &str) {
        let name = self.push(self.text.len(), name);
        let lower_name = self.push(self.text.len(), lower_name);
        self.insert_kept(name, lower_name, value);
    }

    /// Sets a header that is missing or empty.
    pub fn set_default(&mut self, name: &str, value: &str) {
        let lower = name.to_lowercase();
        if self.get(&lower).is_none_or(|header| header.value().is_empty()) {
            self.set_folded(name, &lower, value);
        }
    }

    /// The header of this name, which is in lower case.
    pub fn get(&self, lower_name: &str) -> Option<Header<'_>> {
        self.iter().find(|header| header.is(lower_name))
    }

    /// Each header, in order.
    pub fn iter(&self) -> impl Iterator<Item = Header<'_>> {
        self.fields.iter().map(|field| Header { headers: self, field })
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty()
    }

    /// Refuses what would smuggle another header into the request, or end it.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for CR, LF or NUL in a name or a value.
    pub fn check(&self) -> Result<()> {
        const RULE: &str = "must not contain CR, LF or NUL";
        if !breaks_line(&self.text) {
            return Ok(());
        }
        for header in self.iter() {
            if breaks_line(header.name()) {
                return Err(Error::invalid("header name", header.name(), RULE));
            }
            if breaks_line(header.value()) {
                let field = format!("header {}", header.name());
                return Err(Error::invalid(&field, shown(&header), RULE));
            }
        }
        Ok(())
    }

    fn push(&mut self, start: usize, text: &str) -> Span {
        self.text.push_str(text);
        Span { start, end: self.text.len() }
    }

    fn insert_kept(&mut self, name: Span, lower_name: Span, value: &str) {
        let signing = Signing::of(self.bytes(lower_name));
        self.insert(Name::Kept(name), Name::Kept(lower_name), value, signing);
    }

    fn insert(&mut self, name: Name, lower_name: Name, value: &str, signing: Signing) {
        if self.fields.is_empty() {
            self.text.reserve(USUAL_TEXT);
        }
        let value = self.push(self.text.len(), value);
        let field = Field { name, lower_name, value, signing };
        let lower = self.name_bytes(lower_name);
        match self.fields.iter().position(|other| self.name_bytes(other.lower_name) == lower) {
            Some(at) => self.fields[at] = field,
            None => self.fields.push(field),
        }
    }

    fn name(&self, name: Name) -> &str {
        match name {
            Name::Known(name) => name,
            Name::Kept(span) => self.slice(span),
        }
    }

    fn name_bytes(&self, name: Name) -> &[u8] {
        match name {
            Name::Known(name) => name.as_bytes(),
            Name::Kept(span) => self.bytes(span),
        }
    }

    fn bytes(&self, span: Span) -> &[u8] {
        &self.text.as_bytes()[span.start..span.end]
    }

    fn slice(&self, span: Span) -> &str {
        &self.text[span.start..span.end]
    }
}

impl Signing {
    fn of(lower_name: &[u8]) -> Self {
        if lower_name.starts_with(b"x-oss-") {
            Self::Oss
        } else if matches!(lower_name, b"content-type" | b"content-md5") {
            Self::Content
        } else {
            Self::None
        }
    }
}

/// Whether a text would end a header, or smuggle in another one.
pub(crate) fn breaks_line(text: &str) -> bool {
    encode::any_changes(text.as_bytes(), |byte| (byte == b'\r') | (byte == b'\n') | (byte == 0))
}

fn shown<'h>(header: &Header<'h>) -> &'h str {
    let secret = ["token", "authorization"].iter().any(|word| header.lower_name().contains(word));
    if secret { "***" } else { header.value() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_set_again_keeps_its_place_and_takes_the_new_case() {
        let mut headers = Headers::default();
        headers.set("CONTENT-type", "a");
        headers.set("x", "1");
        headers.set("Content-Type", "b");
        let all: Vec<_> = headers.iter().map(|h| (h.name(), h.value())).collect();
        assert_eq!(all, [("Content-Type", "b"), ("x", "1")]);
    }

    #[test]
    fn a_name_of_the_table_is_the_same_header_whichever_way_it_is_set() {
        use crate::operation::{OPERATIONS, Place};
        for field in OPERATIONS.iter().flat_map(|operation| operation.fields) {
            let Place::Header(name) = field.place else { continue };
            let (mut known, mut any) = (Headers::default(), Headers::default());
            known.set_known(name, "1");
            any.set(name, "1");
            let all = |headers: &Headers| {
                let parts =
                    |h: Header<'_>| format!("{:?}", (h.name(), h.lower_name(), h.field.signing));
                headers.iter().map(parts).collect::<Vec<_>>()
            };
            assert_eq!(all(&known), all(&any));
            known.set(&name.to_uppercase(), "2");
            assert_eq!(known.iter().map(|h| h.value()).collect::<Vec<_>>(), ["2"]);
        }
    }

    #[test]
    fn names_fold_with_all_of_unicode() {
        let mut headers = Headers::default();
        headers.set("x-oss-meta-\u{212a}", "1");
        headers.set("x-oss-meta-k", "2");
        assert_eq!(headers.iter().count(), 1);
        assert_eq!(headers.get("x-oss-meta-k").map(|h| h.value()), Some("2"));
    }

    #[test]
    fn a_default_fills_what_is_missing_or_empty() {
        let mut headers = Headers::default();
        headers.set("a", "");
        headers.set("b", "1");
        headers.set_default("A", "x");
        headers.set_default("B", "x");
        let all: Vec<_> = headers.iter().map(|h| (h.name(), h.value())).collect();
        assert_eq!(all, [("A", "x"), ("b", "1")]);
    }

    #[test]
    fn a_line_end_in_a_header_is_refused_and_a_token_is_not_shown() {
        let error = |name: &'static str, value: &'static str| {
            let mut headers = Headers::default();
            headers.set(name, value);
            headers.check().unwrap_err().to_string()
        };
        assert!(error("x-oss-meta-a", "v\r\nx: y").contains("header x-oss-meta-a"));
        assert!(error("a\0", "v").contains("header name"));
        assert!(!error("x-oss-security-token", "hush\n").contains("hush"));
    }

    #[test]
    fn a_parameter_set_again_keeps_its_place() {
        let mut query = Parameters::default();
        query.set("a", "1");
        query.set("b", "2");
        query.set("a", "3");
        assert_eq!(query.iter().collect::<Vec<_>>(), [("a", "3"), ("b", "2")]);
    }
}
