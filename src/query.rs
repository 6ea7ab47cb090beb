//! The query string of one URL: written once, in URL order; read once more, sorted, to be signed.

use crate::encode;
use crate::request::Parameters;
use smallvec::SmallVec;

/// The parameters that a signature adds to a query.
pub struct SigningParameters<'s> {
    /// Names and encoded values, in the order in which the SDK appends them. Empty ones are left
    /// out.
    pub all: &'s [(&'s str, &'s str)],
    /// So many of the first keep the caller's place where the caller has set them too; the others,
    /// and the signature, the caller cannot set.
    pub kept_in_place: usize,
    /// The name of the signature's own parameter.
    pub signature: &'s str,
}

/// The pairs of a query string, as places in the URL that holds it.
pub struct Query(SmallVec<[Pair; 12]>);

#[derive(Clone, Copy)]
struct Pair {
    start: usize,
    name_end: usize,
    end: usize,
}

impl Query {
    /// Appends `?`, the caller's parameters, and those of the signature.
    pub fn write(url: &mut String, own: &Parameters<'_>, signing: &SigningParameters<'_>) -> Self {
        let mut query = Self(SmallVec::new());
        let mut written = 0u8;
        for (name, value) in own.iter() {
            match signing.all.iter().position(|(other, _)| *other == name) {
                Some(at) if at < signing.kept_in_place => {
                    written |= 1 << at;
                    query.push(
                        url,
                        |url| url.push_str(name),
                        |url| url.push_str(signing.all[at].1),
                    );
                }
                Some(_) => {}
                None if name == signing.signature => {}
                None => query.push(
                    url,
                    |url| encode::push_query(url, name),
                    |url| encode::push_query(url, value),
                ),
            }
        }
        for (at, (name, value)) in signing.all.iter().enumerate() {
            if written & (1 << at) == 0 && !value.is_empty() {
                query.push(url, |url| url.push_str(name), |url| url.push_str(value));
            }
        }
        query
    }

    /// Each `name=value`, or `name` alone where the value is empty, as OSS sorts them: by name,
    /// then by value.
    pub fn sorted<'u>(&mut self, url: &'u str) -> impl Iterator<Item = &'u str> {
        let bytes = url.as_bytes();
        self.0.sort_by(|a, b| {
            let name = |pair: &Pair| &bytes[pair.start..pair.name_end];
            let value = |pair: &Pair| &bytes[pair.name_end..pair.end];
            name(a).cmp(name(b)).then_with(|| value(a).cmp(value(b)))
        });
        self.0.iter().map(move |pair| &url[pair.start..pair.end])
    }

    fn push(
        &mut self,
        url: &mut String,
        name: impl FnOnce(&mut String),
        value: impl FnOnce(&mut String),
    ) {
        url.push(if self.0.is_empty() { '?' } else { '&' });
        let start = url.len();
        name(url);
        let name_end = url.len();
        url.push('=');
        value(url);
        if url.len() == name_end + 1 {
            url.truncate(name_end);
        }
        self.0.push(Pair { start, name_end, end: url.len() });
    }
}

impl SigningParameters<'_> {
    /// Appends the signature, percent-encoded, as the last parameter.
    pub fn push_signature(&self, url: &mut String, signature: &str) {
        url.push('&');
        url.push_str(self.signature);
        url.push('=');
        encode::push_query(url, signature);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNING: SigningParameters<'static> = SigningParameters {
        all: &[("date", "D"), ("token", "T"), ("none", "")],
        kept_in_place: 1,
        signature: "sig",
    };

    fn written(own: &[(&'static str, &'static str)]) -> (String, String) {
        let mut parameters = Parameters::default();
        for (name, value) in own {
            parameters.set(*name, *value);
        }
        let mut url = "http://h/k".to_owned();
        let mut query = Query::write(&mut url, &parameters, &SIGNING);
        let sorted = query.sorted(&url).collect::<Vec<_>>().join("&");
        (url, sorted)
    }

    #[test]
    fn a_parameter_of_the_signature_keeps_the_callers_place_but_not_the_value() {
        let (url, _) = written(&[("date", "mine"), ("b", "1"), ("token", "x"), ("sig", "x")]);
        assert_eq!(url, "http://h/k?date=D&b=1&token=T");
    }

    #[test]
    fn pairs_are_sorted_by_name_and_not_by_their_text() {
        let (url, sorted) = written(&[("a=b", "1"), ("a", "2"), ("a-b", ""), ("uploads", "")]);
        assert_eq!(url, "http://h/k?a%3Db=1&a=2&a-b&uploads&date=D&token=T");
        assert_eq!(sorted, "a=2&a%3Db=1&a-b&date=D&token=T&uploads");
    }
}
