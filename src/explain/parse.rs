//! A request in the pieces in which it arrives: method, host, path and query as they were sent,
//! headers.

use crate::encode;

/// A request as a server receives it.
#[derive(Clone, Copy)]
pub struct Received<'a> {
    /// The HTTP method.
    pub method: &'a str,
    /// The Host header, with a port where there is one.
    pub host: &'a str,
    /// Path and query as in the request line, `/key?name=value`, still encoded.
    pub target: &'a str,
    /// Names, of any case, and values of the headers.
    pub headers: &'a [(&'a str, &'a str)],
}

impl<'a> Received<'a> {
    /// The path, without the slash that it begins with.
    pub fn path(&self) -> &'a str {
        let path = self.target.split('?').next().unwrap_or_default();
        path.strip_prefix('/').unwrap_or(path)
    }

    /// What follows the first `?`.
    pub fn query(&self) -> &'a str {
        self.target.split_once('?').map_or("", |(_, query)| query)
    }

    /// The value of a header; one that was sent more than once counts as its values with commas in
    /// between (RFC 9110, 5.3).
    pub fn header(&self, lower_name: &str) -> Option<String> {
        let same = |(name, _): &&(&str, &str)| name.eq_ignore_ascii_case(lower_name);
        let values: Vec<_> =
            self.headers.iter().filter(same).map(|(_, value)| trimmed(value)).collect();
        (!values.is_empty()).then(|| values.join(","))
    }

    /// Lower-case names and trimmed values, each name once, in the order of arrival.
    pub fn headers(&self) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = Vec::with_capacity(self.headers.len());
        for (name, value) in self.headers {
            let (name, value) = (name.to_lowercase(), trimmed(value));
            match all.iter_mut().find(|(other, _)| *other == name) {
                Some((_, joined)) => {
                    joined.push(',');
                    joined.push_str(value);
                }
                None => all.push((name, value.to_owned())),
            }
        }
        all
    }
}

/// A value as it is signed: without spaces and tabs around it.
pub fn trimmed(value: &str) -> &str {
    value.trim_matches([' ', '\t'])
}

/// The parts of a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Split<'a> {
    /// The host that a client connects to, with its port unless the scheme implies it.
    pub host: &'a str,
    /// Path and query; what follows `#` is never sent.
    pub target: &'a str,
}

/// Splits an http or https URL; None where it is none.
pub fn split(url: &str) -> Option<Split<'_>> {
    let (scheme, rest) = url.split_once("://")?;
    let implied = match scheme.to_ascii_lowercase().as_str() {
        "https" => ":443",
        "http" => ":80",
        _ => return None,
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let (netloc, target) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
    let host = netloc.rsplit_once('@').map_or(netloc, |(_, host)| host);
    let host = host.strip_suffix(implied).unwrap_or(host);
    (!host.is_empty() && !host.starts_with(':')).then_some(Split { host, target })
}

/// One parameter of a query, as it stands there and decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// The name and the value as they were sent.
    pub raw: (&'a str, &'a str),
    /// The decoded name.
    pub name: String,
    /// The decoded value; empty where there is none.
    pub value: String,
}

/// The parameters of a query; the first that is no UTF-8 is the error.
///
/// As OSS does, `+` is read as a space: signatures whose `+` is not encoded fail by it.
pub fn parameters(query: &str) -> Result<Vec<Parameter<'_>>, &str> {
    let pieces = query.split('&').filter(|piece| !piece.is_empty());
    pieces.map(|piece| parameter(piece).ok_or(piece)).collect()
}

fn parameter(piece: &str) -> Option<Parameter<'_>> {
    let raw = piece.split_once('=').unwrap_or((piece, ""));
    let name = encode::decode_form(raw.0)?;
    Some(Parameter { raw, name, value: encode::decode_form(raw.1)? })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_url_has_a_host_and_a_target() {
        let parts = |url| split(url).map(|parts| (parts.host, parts.target));
        assert_eq!(parts("https://h/k?q#f"), Some(("h", "/k?q")));
        assert_eq!(parts("HTTPS://u:p@H:443?a=/"), Some(("H", "?a=/")));
        assert_eq!(parts("http://h:443"), Some(("h:443", "")));
        assert_eq!(parts("http://[::1]:80/k"), Some(("[::1]", "/k")));
        for url in ["", "h/k", "ftp://h/", "https:///k", "http://:80/k", "://h/"] {
            assert_eq!(parts(url), None, "{url}");
        }
    }

    #[test]
    fn parameters_are_decoded_once() {
        let all = parameters("a=%2525&b&=x&&c+d=1+2=3").unwrap();
        let all: Vec<_> = all.iter().map(|p| (&*p.name, &*p.value)).collect();
        assert_eq!(all, [("a", "%25"), ("b", ""), ("", "x"), ("c d", "1 2=3")]);
        assert_eq!(parameters("a=%FF"), Err("a=%FF"));
    }

    #[test]
    fn a_header_sent_twice_is_one_list() {
        let headers = [("A", " 1 "), ("b", "x"), ("a", "2")];
        let received = Received { method: "GET", host: "h", target: "k?q?r", headers: &headers };
        assert_eq!(received.header("a"), Some("1,2".to_owned()));
        assert_eq!(received.header("c"), None);
        assert_eq!(received.headers()[0], ("a".to_owned(), "1,2".to_owned()));
        assert_eq!((received.path(), received.query()), ("k", "q?r"));
    }
}
