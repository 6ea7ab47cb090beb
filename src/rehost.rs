//! Another host in a URL that is signed already: neither version signs scheme and host, unless
//! `x-oss-additional-headers` names `host`.

use crate::endpoint::{AddressStyle, Tls, netloc, shown};
use crate::error::{Error, Result};
use crate::explain::host::{Domain, Layout, Location};
use crate::explain::parse::{self, Received};
use crate::explain::read::Reading;
use crate::presign::Version;

/// The URL with another host, and with another scheme where `host` has one; path and query keep their
/// bytes.
///
/// So the new host must find bucket and key where the old one did: in a host's name and the path, or
/// both in the path. A custom domain is taken to be bound to the bucket.
///
/// # Errors
/// [`Error::ParamInvalid`] for what is no host or no presigned URL; where the host is signed; and
/// where the new host would look for another bucket, key or region than those that are signed.
pub fn rehost(url: &str, host: &str) -> Result<String> {
    let wrong_url = |rule| Err(Error::invalid("url", shown(url), rule));
    let new = NewHost::read(host)?;
    if url.contains(|c: char| c <= ' ' || c == '\x7f') {
        return wrong_url("must have no space or control character");
    }
    let Some(parts) = parse::split(url) else {
        return wrong_url("must be an http or https URL");
    };
    let received = Received { method: "", host: parts.host, target: parts.target, headers: &[] };
    let single = [parts.host];
    let Ok(reading) = Reading::of(received, layout(&single)) else {
        return wrong_url("must be presigned for OSS");
    };
    let given = |name: &&str| reading.parameter(name).is_some_and(|value| !value.is_empty());
    if !reading.own_parameters().iter().all(given) {
        return wrong_url("must have all parameters of its signature");
    }
    if reading.claim.additional.iter().any(|name| name == "host") {
        return wrong_url("must not be signed for its host, which x-oss-additional-headers names");
    }
    new.check(&reading)?;
    let (scheme, rest) = url.split_once("://").unwrap_or_default();
    let tail = &rest[rest.find(['/', '?', '#']).unwrap_or(rest.len())..];
    Ok(format!("{}://{}{tail}", new.tls.map_or(scheme, |tls| tls.scheme()), new.netloc))
}

/// The host that a URL is to have.
struct NewHost<'a> {
    tls: Option<Tls>,
    netloc: &'a str,
    /// In lower case, without port, and without the dot that a full name may end in.
    name: String,
    is_ip: bool,
}

impl<'a> NewHost<'a> {
    fn read(text: &'a str) -> Result<Self> {
        let wrong = |rule| Error::invalid("host", shown(text), rule);
        let (tls, rest) = netloc::split(text).map_err(wrong)?;
        let netloc = rest.strip_suffix('/').unwrap_or(rest);
        let endpoint = netloc::read(netloc).map_err(wrong)?;
        let name = endpoint.hostname();
        let name = name.strip_suffix('.').unwrap_or(&name).to_owned();
        Ok(Self { tls, netloc, name, is_ip: endpoint.is_ip() })
    }

    /// Refuses a host that would look for something else than what is signed.
    fn check(&self, reading: &Reading<'_>) -> Result<()> {
        let wrong = |rule| Err(Error::invalid("host", self.netloc, rule));
        let own = [self.name.as_str()];
        let in_path = self.is_ip || !self.name.contains('.');
        let new = Layout { bucket: None, endpoints: if in_path { &own } else { &[] } };
        let new = Location::find(&self.name, "", new);
        let old = &reading.location;
        let bucket_in_path = old.style == AddressStyle::Path;
        match (&new.domain, &new.bucket) {
            (Domain::Own, _) if bucket_in_path => {}
            (Domain::Own, _) => {
                return wrong(
                    "would look for the bucket in the path: presign with a client for that host",
                );
            }
            _ if bucket_in_path => {
                return wrong(
                    "would not look for the bucket in the path: presign with a client for that host",
                );
            }
            (Domain::Oss(_), None) => {
                return wrong("must begin with the bucket, as in bucket.oss-cn-x.aliyuncs.com");
            }
            (Domain::Oss(_), Some(bucket)) if old.bucket.as_ref().is_some_and(|b| b != bucket) => {
                return wrong("must be a host of the bucket that is signed");
            }
            _ => {}
        }
        let claim = &reading.claim;
        if claim.version == Version::V4 && new.region().is_some_and(|own| own != claim.region) {
            return wrong("must be a host of the region that is signed (EC 0002-00000226)");
        }
        Ok(())
    }
}

/// A name without a dot is bound to no bucket: it is an endpoint, of containers that know each other.
fn layout<'a>(host: &'a [&'a str]) -> Layout<'a> {
    let is_single = host.iter().all(|host| !host.contains(['.', '[']));
    Layout { bucket: None, endpoints: if is_single { host } else { &[] } }
}

#[cfg(test)]
mod tests {
    use super::*;

    const V4: &str = "x-oss-signature-version=OSS4-HMAC-SHA256&x-oss-date=20260101T000000Z&\
        x-oss-expires=60&x-oss-credential=id%2F20260101%2Fcn-hangzhou%2Foss%2Faliyun_v4_request&\
        x-oss-signature=0a";
    const V1: &str = "OSSAccessKeyId=id&Expires=1&Signature=a%2Bb%3D";

    fn moved(origin: &str, query: &str, host: &str) -> String {
        let url = format!("{origin}?{query}");
        match rehost(&url, host) {
            Ok(moved) => moved.strip_suffix(&format!("?{query}")).unwrap().to_owned(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn hosts_of_one_bucket_take_each_others_place() {
        let public = "https://abc.oss-cn-hangzhou.aliyuncs.com/a%20b/%2525";
        for (host, origin) in [
            ("abc.oss-cn-hangzhou-internal.aliyuncs.com", "https"),
            ("http://abc.oss-accelerate.aliyuncs.com/", "http"),
            ("cdn.example.com:8443", "https"),
            ("HTTPS://Cdn.Example.com", "https"),
        ] {
            let netloc = host.split("://").last().unwrap().trim_end_matches('/');
            let expected = format!("{origin}://{netloc}/a%20b/%2525");
            assert_eq!(moved(public, V4, host), expected);
            assert_eq!(moved(public, V1, host), expected);
        }
        let back = moved("http://cdn.example.com/k", V4, "abc.oss-cn-hangzhou.aliyuncs.com");
        assert_eq!(back, "http://abc.oss-cn-hangzhou.aliyuncs.com/k");
        let local = moved("http://127.0.0.1:9000/abc/k", V4, "emulator:9000");
        assert_eq!(local, "http://emulator:9000/abc/k");
        assert_eq!(moved("http://emulator:9000/abc/k", V4, "[::1]:80"), "http://[::1]:80/abc/k");
    }

    #[test]
    fn a_host_that_means_something_else_is_refused() {
        let public = "https://abc.oss-cn-hangzhou.aliyuncs.com/k";
        for (origin, host, word) in [
            (public, "oss-cn-hangzhou.aliyuncs.com", "must begin with the bucket"),
            (public, "other.oss-cn-hangzhou.aliyuncs.com", "of the bucket"),
            (public, "abc.oss-cn-beijing.aliyuncs.com", "of the region"),
            (public, "localhost:9000", "would look for the bucket in the path"),
            (public, "localhost.", "would look for the bucket in the path"),
            (public, "0x7f.1", "would look for the bucket in the path"),
            (public, "oss-cn-hangzhou.aliyuncs.com.", "must begin with the bucket"),
            (public, "other.oss-cn-beijing.aliyuncs.com.", "of the bucket"),
            ("http://127.0.0.1/abc/k", "abc.oss-cn-hangzhou.aliyuncs.com", "would not look"),
            ("http://127.0.0.1/abc/k", "cdn.example.com", "would not look"),
            ("https://oss-cn-hangzhou.aliyuncs.com/abc/k", "oss-accelerate.aliyuncs.com", "would"),
        ] {
            assert!(moved(origin, V4, host).contains(word), "{origin} {host}");
        }
        let beijing = "abc.oss-cn-beijing.aliyuncs.com";
        assert_eq!(moved(public, V1, beijing), format!("https://{beijing}/k"));
    }

    #[test]
    fn what_is_no_host_is_refused() {
        let hosts =
            ["", "http://", "ftp://h.x", "h.x/p", "u@h.x", "h.x?q", "h.x#f", "h x", "h.x\n"];
        for host in hosts
            .into_iter()
            .chain(["h.x:0", "h.x:65536", "h.x:", "h.x:a", "[::1", "a%2f"])
            .chain(["a..b", ".a.b", "h;x.com", "h.com,evil", "h\u{200b}.com", "h!$&*.com"])
        {
            let refused = moved("https://abc.oss-cn-hangzhou.aliyuncs.com/k", V4, host);
            assert!(refused.starts_with("invalid field, host: "), "{host}: {refused}");
        }
    }

    #[test]
    fn a_url_that_is_not_presigned_or_signs_its_host_is_refused() {
        let refused = |url: &str| rehost(url, "cdn.example.com").unwrap_err().to_string();
        for query in ["", "x-oss-process=a", "x-oss-signature=a", "Signature=a", "X-Amz-Date=1"] {
            let words = refused(&format!("https://abc.oss-cn-x.aliyuncs.com/k?{query}"));
            assert!(words.starts_with("invalid field, url: 'https://abc.oss-cn-x"), "{words}");
        }
        assert!(refused("k").contains("http"));
        let host =
            format!("https://abc.oss-cn-x.aliyuncs.com/k?{V4}&x-oss-additional-headers=host");
        assert!(refused(&host).contains("must not be signed for its host"));
        for url in ["https://u:secret@h/k", "https://h/k#Signature=secret", "https://h/k&a=secret"]
        {
            assert!(!refused(url).contains("secret"), "{url}");
        }
        assert!(
            refused(&format!("https://abc.oss-cn-x.aliyuncs.com/k?{V4}\n")).contains("control")
        );
    }
}
