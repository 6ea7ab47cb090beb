//! Writing the XML of answers, and reading that of CompleteMultipartUpload.

use axum::body::Body;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_TYPE;
use axum::response::Response;
use std::fmt::Write;

/// An XML document while it is written.
pub(super) struct Xml {
    text: String,
    root: &'static str,
}

impl Xml {
    /// Begins a document.
    pub(super) fn new(root: &'static str) -> Self {
        Self { text: format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<{root}>\n"), root }
    }

    /// Adds an element with a text.
    pub(super) fn text(&mut self, name: &str, value: &str) -> &mut Self {
        let _ = write!(self.text, "  <{name}>");
        value.chars().for_each(|character| self.push(character));
        let _ = writeln!(self.text, "</{name}>");
        self
    }

    /// Adds an element with elements in it.
    pub(super) fn element(&mut self, name: &str, inner: impl FnOnce(&mut Self)) -> &mut Self {
        let _ = writeln!(self.text, "  <{name}>");
        inner(self);
        let _ = writeln!(self.text, "  </{name}>");
        self
    }

    /// Ends the document.
    pub(super) fn finish(mut self) -> String {
        let _ = writeln!(self.text, "</{}>", self.root);
        self.text
    }

    /// Ends the document and answers with it.
    pub(super) fn answer(self) -> Response {
        let mut response = Response::new(Body::from(self.finish()));
        let kind = HeaderValue::from_static("application/xml");
        response.headers_mut().insert(CONTENT_TYPE, kind);
        response
    }

    fn push(&mut self, character: char) {
        match character {
            '&' => self.text.push_str("&amp;"),
            '<' => self.text.push_str("&lt;"),
            '>' => self.text.push_str("&gt;"),
            '\t' | '\n' | ' '.. => self.text.push(character),
            // No XML 1.0 can hold the others.
            _ => self.text.push(char::REPLACEMENT_CHARACTER),
        }
    }
}

/// Number and ETag, without its quotes, of each part that a CompleteMultipartUpload lists.
///
/// None where it is not the XML that OSS takes.
pub(super) fn listed_parts(text: &str) -> Option<Vec<(u32, String)>> {
    let document = roxmltree::Document::parse(text).ok()?;
    let root = document.root_element();
    if root.tag_name().name() != "CompleteMultipartUpload" {
        return None;
    }
    let parts = root.children().filter(|node| node.tag_name().name() == "Part");
    parts
        .map(|part| {
            let text_of = |name: &str| {
                let node = part.children().find(|node| node.tag_name().name() == name)?;
                Some(node.text()?.trim().to_owned())
            };
            let etag = text_of("ETag")?.trim_matches('"').to_ascii_uppercase();
            Some((text_of("PartNumber")?.parse().ok()?, etag))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_a_meaning_in_xml_is_escaped() {
        let mut xml = Xml::new("Error");
        xml.text("Key", "a<b>&\u{1}");
        assert!(xml.finish().contains("<Key>a&lt;b&gt;&amp;\u{fffd}</Key>"));
    }

    #[test]
    fn parts_are_read_with_and_without_quotes_and_namespace() {
        let text = r#"<CompleteMultipartUpload xmlns="http://x"><Part><PartNumber>1</PartNumber>
            <ETag>"ab"</ETag></Part><Part><ETag>&quot;CD&quot;</ETag><PartNumber>7</PartNumber></Part>
            </CompleteMultipartUpload>"#;
        let expected = vec![(1, "AB".to_owned()), (7, "CD".to_owned())];
        assert_eq!(listed_parts(text), Some(expected));
        assert_eq!(listed_parts("<Other/>"), None);
        assert_eq!(
            listed_parts("<CompleteMultipartUpload><Part/></CompleteMultipartUpload>"),
            None
        );
        assert_eq!(listed_parts("no XML"), None);
    }
}
