//! Two texts of a signature side by side: where they differ, in words of the request.

use super::cause::Cause;
use super::claim::Texts;
use crate::presign::Version;

/// A part of the text that is not the same on both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which part: `method`, `header content-type`, `parameter uploadId`, `path` ...
    pub part: String,
    /// How it was signed, as far as is known; None where it was not there.
    pub signed: Option<String>,
    /// How it arrived; None where it did not.
    pub received: Option<String>,
}

impl Difference {
    /// What the difference means.
    pub fn cause(&self) -> Cause {
        let (added, missing) = (self.signed.is_none(), self.received.is_none());
        match self.part.split_once(' ').unwrap_or((&self.part, "")) {
            ("method", _) => Cause::MethodWrong,
            ("header", "content-type") if added => Cause::ContentTypeAdded,
            ("header", "content-type") if missing => Cause::ContentTypeMissing,
            ("header", "content-type") => Cause::ContentTypeChanged,
            ("header", "host") => Cause::HostChanged,
            ("header", _) if added => Cause::HeaderAdded,
            ("header", _) if missing => Cause::HeaderMissing,
            ("header", _) => Cause::HeaderChanged,
            ("parameter", _) if added => Cause::ParameterAdded,
            ("parameter", _) if missing => Cause::ParameterRemoved,
            ("path", _) => self.cause_of_path(),
            _ => Cause::ParameterChanged,
        }
    }

    fn cause_of_path(&self) -> Cause {
        let text = |side: &Option<String>| side.clone().unwrap_or_default();
        let (signed, received) = (text(&self.signed), text(&self.received));
        let bucket = |path: &str| path.split('/').nth(1).unwrap_or_default().to_owned();
        let space = |path: &str| path.replace("%2B", " ").replace("%20", " ").replace('+', " ");
        if bucket(&signed) != bucket(&received) {
            Cause::BucketWrong
        } else if space(&signed) == space(&received) {
            Cause::KeyPlusAndSpace
        } else if signed.replace("%25", "%") == received.replace("%25", "%") {
            if received.len() > signed.len() { Cause::KeyEncodedTwice } else { Cause::KeyDecoded }
        } else if signed.replace("//", "/") == received.replace("//", "/") {
            Cause::KeyLeadingSlash
        } else if signed.contains("/../") || signed.contains("/./") {
            Cause::KeyDotSegments
        } else {
            Cause::SecretDiffersOrUrlAltered
        }
    }

    /// The difference in words.
    pub fn words(&self) -> String {
        match (&self.signed, &self.received) {
            (None, Some(received)) => {
                format!("signed with no {}; received '{received}'", self.name())
            }
            (Some(signed), None) => {
                format!("signed with {} '{signed}'; received none", self.name())
            }
            (signed, received) => format!(
                "signed with {} '{}'; received '{}'",
                self.name(),
                signed.as_deref().unwrap_or_default(),
                received.as_deref().unwrap_or_default()
            ),
        }
    }

    fn name(&self) -> &str {
        match self.part.as_str() {
            "header content-type" => "Content-Type",
            part => part,
        }
    }
}

/// A text of a signature, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shape {
    /// Name and value of each part, in order.
    pub parts: Vec<(String, String)>,
}

impl Shape {
    /// Takes apart what both sides have: the canonical request, or version 1's string to sign.
    pub fn of(version: Version, canonical_request: Option<&str>, string_to_sign: &str) -> Self {
        match (version, canonical_request) {
            (Version::V4, Some(text)) => Self::of_canonical_request(text),
            (Version::V4, None) => Self::of_lines(string_to_sign),
            (Version::V1, _) => Self::of_v1_text(string_to_sign),
        }
    }

    /// Of our own texts.
    pub fn of_texts(version: Version, texts: &Texts) -> Self {
        Self::of(version, texts.canonical_request.as_deref(), &texts.string_to_sign)
    }

    /// The value of a part.
    pub fn get(&self, part: &str) -> Option<&str> {
        self.parts.iter().find(|(own, _)| own == part).map(|(_, value)| value.as_str())
    }

    /// Names and values of the headers.
    pub fn headers(&self) -> impl Iterator<Item = (&str, &str)> {
        let named = |(part, value)| Some((str::strip_prefix(part, "header ")?, value));
        self.parts.iter().map(|(part, value)| (part.as_str(), value.as_str())).filter_map(named)
    }

    fn push(&mut self, part: &str, value: &str) {
        self.parts.push((part.to_owned(), value.to_owned()));
    }

    fn of_canonical_request(text: &str) -> Self {
        let mut shape = Self::default();
        let mut lines = text.split('\n');
        let mut next = || lines.next().unwrap_or_default();
        let (method, path, query) = (next(), next(), next());
        shape.push("method", method);
        shape.push("path", path);
        shape.push_parameters(query);
        for line in lines.by_ref().take_while(|line| !line.is_empty()) {
            shape.push_header(line);
        }
        let mut next = || lines.next().unwrap_or_default();
        shape.push("additional headers", next());
        shape.push("payload", next());
        shape
    }

    fn of_v1_text(text: &str) -> Self {
        let mut shape = Self::default();
        let mut lines = text.split('\n');
        let mut next = || lines.next().unwrap_or_default();
        shape.push("method", next());
        for name in ["header content-md5", "header content-type"] {
            let value = next();
            if !value.is_empty() {
                shape.push(name, value);
            }
        }
        shape.push("date", next());
        let mut lines = lines.peekable();
        while let Some(line) = lines.next_if(|line| line.starts_with("x-oss-")) {
            shape.push_header(line);
        }
        let resource = lines.collect::<Vec<_>>().join("\n");
        let (path, query) = resource.split_once('?').unwrap_or((&resource, ""));
        shape.push("path", path);
        shape.push_parameters(query);
        shape
    }

    fn of_lines(text: &str) -> Self {
        let mut shape = Self::default();
        for (name, line) in
            ["algorithm", "date", "scope", "canonical request"].iter().zip(text.split('\n'))
        {
            shape.push(name, line);
        }
        shape
    }

    fn push_parameters(&mut self, query: &str) {
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            self.push(&format!("parameter {name}"), value);
        }
    }

    fn push_header(&mut self, line: &str) {
        let (name, value) = line.split_once(':').unwrap_or((line, ""));
        self.push(&format!("header {name}"), value);
    }
}

/// The parts that differ, in the order of the received text.
pub fn differences(signed: &Shape, received: &Shape) -> Vec<Difference> {
    let mut all = Vec::new();
    for (part, value) in &received.parts {
        let other = signed.get(part);
        if other != Some(value) {
            let (part, received) = (part.clone(), Some(value.clone()));
            all.push(Difference { part, signed: other.map(ToOwned::to_owned), received });
        }
    }
    for (part, value) in &signed.parts {
        if received.get(part).is_none() {
            all.push(Difference {
                part: part.clone(),
                signed: Some(value.clone()),
                received: None,
            });
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn causes(version: Version, signed: &str, received: &str) -> Vec<Cause> {
        let shape = |text| Shape::of(version, Some(text), text);
        differences(&shape(signed), &shape(received)).iter().map(Difference::cause).collect()
    }

    #[test]
    fn differences_of_version_4_are_named() {
        let text = "GET\n/b/a%2Bb\na=1&b\nx-oss-meta-a:1\n\n\nUNSIGNED-PAYLOAD";
        let cause = |from: &str, to: &str| causes(Version::V4, text, &text.replace(from, to));
        assert_eq!(cause("GET", "PUT"), [Cause::MethodWrong]);
        assert_eq!(cause("x-oss", "content-type:a/b\nx-oss"), [Cause::ContentTypeAdded]);
        assert_eq!(cause("x-oss-meta-a:1\n", ""), [Cause::HeaderMissing]);
        assert_eq!(cause("meta-a:1", "meta-a:2"), [Cause::HeaderChanged]);
        assert_eq!(cause("%2B", "%20"), [Cause::KeyPlusAndSpace]);
        assert_eq!(cause("%2B", "%252B"), [Cause::KeyEncodedTwice]);
        assert_eq!(cause("/b/", "/c/"), [Cause::BucketWrong]);
        assert_eq!(cause("&b", "&b&c=1"), [Cause::ParameterAdded]);
        assert_eq!(cause("a=1", "a=2"), [Cause::ParameterChanged]);
        assert_eq!(cause("a=1&", ""), [Cause::ParameterRemoved]);
        assert_eq!(cause("a%2Bb", "x"), [Cause::SecretDiffersOrUrlAltered]);
    }

    #[test]
    fn differences_of_version_1_are_named() {
        let text = "PUT\n\nimage/jpeg\n1\nx-oss-meta-a:1\n/b/k?uploadId=1";
        let cause = |from: &str, to: &str| causes(Version::V1, text, &text.replace(from, to));
        assert_eq!(cause("image/jpeg", ""), [Cause::ContentTypeMissing]);
        assert_eq!(cause("image/jpeg", "text/html"), [Cause::ContentTypeChanged]);
        assert_eq!(cause("x-oss", "x-oss-acl:private\nx-oss"), [Cause::HeaderAdded]);
        assert_eq!(cause("?uploadId=1", ""), [Cause::ParameterRemoved]);
        assert_eq!(cause("PUT\n\n", "PUT\nabc\n"), [Cause::HeaderAdded]);
    }

    #[test]
    fn without_a_canonical_request_the_lines_are_compared() {
        let text = "OSS4-HMAC-SHA256\nd\ns\nh";
        let shape = |text: &str| Shape::of(Version::V4, None, text);
        let all = differences(&shape(text), &shape("OSS4-HMAC-SHA256\nd\nother\nh"));
        assert_eq!(all[0].words(), "signed with scope 's'; received 'other'");
    }
}
