//! One HTTP request to be signed: method, bucket, key, query and headers, in the caller's order.

use crate::error::{Error, Result};
use std::borrow::Cow;
use std::cmp::Ordering;

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
    pub headers: Headers<'a>,
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
#[derive(Debug, Clone, Default)]
pub struct Headers<'a>(Vec<Header<'a>>);

/// One header field.
#[derive(Debug, Clone)]
pub struct Header<'a> {
    /// The name in the case that was set last.
    pub name: Cow<'a, str>,
    /// The value as given.
    pub value: Cow<'a, str>,
    /// The name in lower case, where that is not just a matter of ASCII.
    folded: Option<Box<str>>,
}

impl<'a> Header<'a> {
    /// A header. Names differ if their lower-case forms do, in all of Unicode, as in the SDK.
    pub fn new(name: impl Into<Cow<'a, str>>, value: impl Into<Cow<'a, str>>) -> Self {
        let name = name.into();
        let folded = (!name.is_ascii()).then(|| name.to_lowercase().into());
        Self { name, value: value.into(), folded }
    }

    /// A header whose lower-case name the caller knows: versions of Unicode differ.
    pub fn with_lower_name(
        name: impl Into<Cow<'a, str>>,
        lower: &str,
        value: impl Into<Cow<'a, str>>,
    ) -> Self {
        Self { name: name.into(), value: value.into(), folded: Some(lower.into()) }
    }

    /// The value as it is signed and sent: without spaces and tabs around it.
    pub fn trimmed(&self) -> &str {
        self.value.trim_matches([' ', '\t'])
    }

    /// The name in lower case.
    pub fn lower_name(&self) -> Cow<'_, str> {
        match &self.folded {
            Some(folded) => Cow::Borrowed(folded),
            None if self.name.bytes().any(|byte| byte.is_ascii_uppercase()) => {
                Cow::Owned(self.name.to_ascii_lowercase())
            }
            None => Cow::Borrowed(&self.name),
        }
    }

    /// Whether the name is this one, which is in lower case.
    pub fn is(&self, lower_name: &str) -> bool {
        match &self.folded {
            Some(folded) => **folded == *lower_name,
            None => self.name.eq_ignore_ascii_case(lower_name),
        }
    }

    /// Whether the name begins with `x-oss-`: such headers are always signed.
    pub fn is_oss(&self) -> bool {
        let name = self.folded.as_deref().unwrap_or(&self.name).as_bytes();
        name.len() >= 6 && name[..6].eq_ignore_ascii_case(b"x-oss-")
    }

    /// Appends the line `name:value`, as it is signed.
    pub fn push_line(&self, out: &mut String) {
        let start = out.len();
        out.push_str(self.folded.as_deref().unwrap_or(&self.name));
        if self.folded.is_none() {
            out[start..].make_ascii_lowercase();
        }
        out.push(':');
        out.push_str(self.trimmed());
        out.push('\n');
    }

    /// The order in which header lines are signed.
    pub fn compare_names(&self, other: &Self) -> Ordering {
        match (&self.folded, &other.folded) {
            (None, None) => {
                let lower = |byte: u8| byte.to_ascii_lowercase();
                self.name.bytes().map(lower).cmp(other.name.bytes().map(lower))
            }
            _ => self.lower_name().cmp(&other.lower_name()),
        }
    }

    fn same_name(&self, other: &Self) -> bool {
        match (&self.folded, &other.folded) {
            (None, None) => self.name.eq_ignore_ascii_case(&other.name),
            _ => self.lower_name() == other.lower_name(),
        }
    }
}

impl<'a> Headers<'a> {
    /// Sets a header; one of the same name keeps its place, and takes the new case and value.
    pub fn set(&mut self, header: Header<'a>) {
        match self.0.iter_mut().find(|other| other.same_name(&header)) {
            Some(other) => *other = header,
            None => self.0.push(header),
        }
    }

    /// Sets a header that is missing or empty.
    pub fn set_default(&mut self, header: Header<'a>) {
        match self.0.iter_mut().find(|other| other.same_name(&header)) {
            Some(other) if other.value.is_empty() => *other = header,
            Some(_) => {}
            None => self.0.push(header),
        }
    }

    /// The header of this name, which is in lower case.
    pub fn get(&self, lower_name: &str) -> Option<&Header<'a>> {
        self.0.iter().find(|header| header.is(lower_name))
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Each header, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Header<'a>> {
        self.0.iter()
    }

    /// Refuses what would smuggle another header into the request, or end it.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for CR, LF or NUL in a name or a value.
    pub fn check(&self) -> Result<()> {
        const RULE: &str = "must not contain CR, LF or NUL";
        for header in self.iter() {
            if breaks_line(&header.name) {
                return Err(Error::invalid("header name", &header.name, RULE));
            }
            if breaks_line(&header.value) {
                let field = format!("header {}", header.name);
                return Err(Error::invalid(&field, shown(header), RULE));
            }
        }
        Ok(())
    }
}

fn breaks_line(text: &str) -> bool {
    text.bytes().fold(false, |found, byte| found | matches!(byte, b'\r' | b'\n' | 0))
}

fn shown<'h>(header: &'h Header<'_>) -> &'h str {
    let name = header.name.to_ascii_lowercase();
    if name.contains("token") || name.contains("authorization") { "***" } else { &header.value }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_set_again_keeps_its_place_and_takes_the_new_case() {
        let mut headers = Headers::default();
        headers.set(Header::new("CONTENT-type", "a"));
        headers.set(Header::new("x", "1"));
        headers.set(Header::new("Content-Type", "b"));
        let all: Vec<_> = headers.iter().map(|h| (&*h.name, &*h.value)).collect();
        assert_eq!(all, [("Content-Type", "b"), ("x", "1")]);
    }

    #[test]
    fn names_fold_with_all_of_unicode() {
        let mut headers = Headers::default();
        headers.set(Header::new("x-oss-meta-\u{212a}", "1"));
        headers.set(Header::new("x-oss-meta-k", "2"));
        assert_eq!(headers.iter().count(), 1);
        assert_eq!(headers.get("x-oss-meta-k").map(|h| &*h.value), Some("2"));
    }

    #[test]
    fn a_default_fills_what_is_missing_or_empty() {
        let mut headers = Headers::default();
        headers.set(Header::new("a", ""));
        headers.set(Header::new("b", "1"));
        headers.set_default(Header::new("A", "x"));
        headers.set_default(Header::new("B", "x"));
        let all: Vec<_> = headers.iter().map(|h| (&*h.name, &*h.value)).collect();
        assert_eq!(all, [("A", "x"), ("b", "1")]);
    }

    #[test]
    fn a_line_end_in_a_header_is_refused_and_a_token_is_not_shown() {
        let error = |name: &'static str, value: &'static str| {
            let mut headers = Headers::default();
            headers.set(Header::new(name, value));
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
