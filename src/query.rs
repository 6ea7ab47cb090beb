//! The query string of one URL: written once, in URL order; read once more, sorted, to be signed.

use crate::encode;
use crate::request::Parameters;
use smallvec::SmallVec;

/// The parameters that a signature adds to a query.
pub struct SigningParameters<'s, const N: usize> {
    /// Names and encoded values, in the order in which the SDK appends them. Empty ones are left
    /// out.
    pub added: [(&'s str, &'s str); N],
    /// Their places in `added`, in the order of their names.
    pub sorted: &'s [usize],
    /// So many of the first keep the caller's place where the caller has set them too; the others,
    /// and the signature, the caller cannot set.
    pub kept_in_place: usize,
    /// The name of the signature's own parameter.
    pub signature: &'s str,
}

/// The pairs of a query string, as places in the URL that holds it.
pub struct Query {
    pairs: SmallVec<[Pair; 12]>,
    /// Whether they stand in the order in which they are signed.
    is_sorted: bool,
}

#[derive(Clone, Copy, Default)]
struct Pair {
    start: usize,
    name_end: usize,
    end: usize,
}

impl Query {
    /// Appends `?`, the caller's parameters, and those of the signature.
    pub fn write<const N: usize>(
        url: &mut String,
        own: &Parameters<'_>,
        signing: &SigningParameters<'_, N>,
    ) -> Self {
        let mut added = [None; N];
        let mut pairs = SmallVec::new();
        let mut separator = '?';
        for (name, value) in own.iter() {
            match signing.added.iter().position(|(other, _)| *other == name) {
                Some(at) if at < signing.kept_in_place => {
                    added[at] = Some(push(url, &mut separator, signing.added[at]));
                }
                Some(_) => {}
                None if name == signing.signature => {}
                None => pairs.push(push_encoded(url, &mut separator, name, value)),
            }
        }
        for (parameter, added) in signing.added.iter().zip(&mut added) {
            if added.is_none() && !parameter.1.is_empty() {
                *added = Some(push(url, &mut separator, *parameter));
            }
        }
        let is_sorted = pairs.is_empty();
        pairs.extend(signing.sorted.iter().filter_map(|at| added.get(*at).copied().flatten()));
        Self { pairs, is_sorted }
    }

    /// Each `name=value`, or `name` alone where the value is empty, as OSS sorts them: by name,
    /// then by value.
    pub fn sorted<'u>(&mut self, url: &'u str) -> impl Iterator<Item = &'u str> {
        if !self.is_sorted {
            let bytes = url.as_bytes();
            let name = |pair: &Pair| &bytes[pair.start..pair.name_end];
            let value = |pair: &Pair| &bytes[pair.name_end..pair.end];
            self.pairs.sort_by(|a, b| name(a).cmp(name(b)).then_with(|| value(a).cmp(value(b))));
        }
        self.pairs.iter().map(move |pair| &url[pair.start..pair.end])
    }
}

fn push(url: &mut String, separator: &mut char, (name, value): (&str, &str)) -> Pair {
    url.push(std::mem::replace(separator, '&'));
    let start = url.len();
    url.push_str(name);
    let name_end = url.len();
    if !value.is_empty() {
        url.push('=');
        url.push_str(value);
    }
    Pair { start, name_end, end: url.len() }
}

fn push_encoded(url: &mut String, separator: &mut char, name: &str, value: &str) -> Pair {
    url.push(std::mem::replace(separator, '&'));
    let start = url.len();
    encode::push_query(url, name);
    let name_end = url.len();
    if !value.is_empty() {
        url.push('=');
        encode::push_query(url, value);
    }
    Pair { start, name_end, end: url.len() }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIGNING: SigningParameters<'static, 4> = SigningParameters {
        added: [("token", "T"), ("date", "D"), ("none", ""), ("secret", "S")],
        sorted: &[1, 2, 3, 0],
        kept_in_place: 2,
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
    fn without_parameters_of_the_caller_the_order_is_known() {
        let (url, sorted) = written(&[]);
        assert_eq!(url, "http://h/k?token=T&date=D&secret=S");
        assert_eq!(sorted, "date=D&secret=S&token=T");
    }

    #[test]
    fn a_parameter_of_the_signature_keeps_the_callers_place_but_not_the_value() {
        let (url, _) = written(&[("date", "mine"), ("b", "1"), ("secret", "x"), ("sig", "x")]);
        assert_eq!(url, "http://h/k?date=D&b=1&token=T&secret=S");
        let (_, sorted) = written(&[("token", "mine"), ("date", "mine")]);
        assert_eq!(sorted, "date=D&secret=S&token=T");
    }

    #[test]
    fn pairs_are_sorted_by_name_and_not_by_their_text() {
        let (url, sorted) = written(&[("a=b", "1"), ("a", "2"), ("a-b", ""), ("uploads", "")]);
        assert_eq!(url, "http://h/k?a%3Db=1&a=2&a-b&uploads&token=T&date=D&secret=S");
        assert_eq!(sorted, "a=2&a%3Db=1&a-b&date=D&secret=S&token=T&uploads");
    }
}
