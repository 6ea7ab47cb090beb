//! A host with or without a port, read strictly: what parsers of URLs disagree about is refused.

use super::{Endpoint, Tls};

/// What stands in no host, though a parser may let it pass.
const STRAY: &str = "/?#@\\%<>\"'{}|^`";

/// The scheme of a host, where it has one, and what stands behind it.
///
/// # Errors
/// The rule that it breaks.
pub(crate) fn split(text: &str) -> Result<(Option<Tls>, &str), &'static str> {
    match text.split_once("://") {
        None => Ok((None, text)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("https") => Ok((Some(Tls::On), rest)),
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => Ok((Some(Tls::Off), rest)),
        Some(_) => Err("must have the scheme http or https, or none"),
    }
}

/// Reads a host that is handed out in URLs.
///
/// # Errors
/// The rule that it breaks.
pub(crate) fn read(netloc: &str) -> Result<Endpoint, &'static str> {
    let stray = |c: char| c <= ' ' || c == '\x7f' || c.is_whitespace() || STRAY.contains(c);
    if netloc.contains(stray) {
        return Err("must be a host and nothing else: no path, query, user or space");
    }
    let Ok(endpoint) = Endpoint::parse(netloc, Tls::On) else {
        return Err("must name a host");
    };
    let name = endpoint.hostname();
    let name = name.strip_suffix('.').unwrap_or(&name);
    if !netloc.contains('[') && !name.split('.').all(is_label) {
        return Err("must be of letters, digits, '-' and '_' between dots");
    }
    let after = netloc.rsplit_once(']').map_or(netloc, |(_, after)| after);
    if after.split_once(':').is_some_and(|(_, port)| !is_port(port)) {
        return Err("must have a port from 1 to 65535, or none");
    }
    Ok(endpoint)
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse().is_ok_and(|port: u16| port > 0)
}

/// Letters beyond ASCII are those of an internationalised name.
fn is_label(label: &str) -> bool {
    let usual = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    !label.is_empty() && label.chars().all(usual)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_may_have_a_port_that_can_be_connected_to() {
        for text in ["a", "a-1.b_c", "a:1", "a:65535", "1.2.3.4:80", "[::1]", "[::1]:80", "图片.cn"]
        {
            assert!(read(text).is_ok(), "{text}");
        }
        let bad =
            ["", ":80", "a:", "a:0", "a:65536", "a:+1", "a:b", "a:1:2", "a b", "a/", "u@a", "[a]"];
        for text in bad.into_iter().chain(["a..b", ".", "a\\b", "[::1]a", "[::1]a:80"]) {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
