//! Which bucket and which key a request is about: virtual host, path style, or a custom domain.

use super::refusal::Refusal;
use crate::encode;
use std::net::IpAddr;

/// The names under which containers reach the machine that they run on: no buckets.
const PATH_STYLE_HOSTS: [&str; 3] =
    ["localhost", "host.docker.internal", "host.containers.internal"];

/// Bucket and key of a request; both are empty where the request names none.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Address {
    pub(super) bucket: String,
    pub(super) key: String,
    /// Whether the bucket stands in the path.
    pub(super) is_path_style: bool,
}

impl Address {
    /// Reads host, with or without a port, and the path as it was sent.
    ///
    /// With `own`, hosts that are neither addresses nor begin with its name are domains of this
    /// bucket.
    ///
    /// # Errors
    /// Names that OSS does not allow.
    pub(super) fn read(host: &str, path: &str, own: Option<&str>) -> Result<Self, Refusal> {
        let path = path.strip_prefix('/').unwrap_or(path);
        let address = match bucket_of_host(host, own) {
            Some(bucket) => Self { bucket, key: decode(path)?, is_path_style: false },
            None => {
                let (bucket, key) = path.split_once('/').unwrap_or((path, ""));
                Self { bucket: decode(bucket)?, key: decode(key)?, is_path_style: true }
            }
        };
        address.check()?;
        Ok(address)
    }

    fn check(&self) -> Result<(), Refusal> {
        if !self.bucket.is_empty() && !is_bucket_name(&self.bucket) {
            let refusal =
                Refusal::new(400, "InvalidBucketName", "The specified bucket is not valid.");
            return Err(refusal.detail("BucketName", &self.bucket));
        }
        check_key(&self.key)
    }
}

/// # Errors
/// A key that OSS does not allow. An empty one is none, which is no error here.
pub(super) fn check_key(key: &str) -> Result<(), Refusal> {
    if key.len() > 1023 || key.starts_with(['/', '\\']) {
        let refusal = Refusal::new(400, "InvalidObjectName", "The specified object is not valid.");
        return Err(refusal.detail("ObjectName", key));
    }
    Ok(())
}

fn decode(text: &str) -> Result<String, Refusal> {
    let message = "The specified object is not valid.";
    encode::decode_strictly(text).ok_or_else(|| Refusal::new(400, "InvalidObjectName", message))
}

/// The bucket that a host names, or None for path style.
fn bucket_of_host(host: &str, own: Option<&str>) -> Option<String> {
    let name = without_port(host);
    let is_address = name.trim_matches(['[', ']']).parse::<IpAddr>().is_ok();
    if is_address || PATH_STYLE_HOSTS.contains(&name) {
        return None;
    }
    match (name.split_once('.'), own) {
        (Some((label, _)), Some(own)) if label != own => Some(own.to_owned()),
        (Some((label, _)), _) => Some(label.to_owned()),
        // A host of one word is what networks of containers call this machine.
        (None, own) => own.map(str::to_owned),
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}

/// 3 to 63 lower-case letters, digits and hyphens, with no hyphen at either end.
fn is_bucket_name(name: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (3..=63).contains(&name.len())
        && name.bytes().all(allowed)
        && !name.starts_with('-')
        && !name.ends_with('-')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(host: &str, path: &str, own: Option<&str>) -> (String, String) {
        let address = Address::read(host, path, own).unwrap();
        (address.bucket, address.key)
    }

    #[test]
    fn a_host_of_several_words_names_the_bucket_and_others_do_not() {
        for host in ["bucket.localhost:9000", "bucket.oss-cn-hangzhou.aliyuncs.com", "bucket.a"] {
            assert_eq!(read(host, "/a/b%20c", None), ("bucket".into(), "a/b c".into()), "{host}");
        }
        for host in ["localhost", "127.0.0.1:80", "[::1]:80", "oss:9000", "host.docker.internal"] {
            assert_eq!(read(host, "/bucket/a", None), ("bucket".into(), "a".into()), "{host}");
        }
        assert_eq!(read("localhost", "/bucket", None), ("bucket".into(), String::new()));
        assert_eq!(read("localhost", "/", None), (String::new(), String::new()));
    }

    #[test]
    fn with_a_bucket_of_its_own_other_hosts_are_its_domains() {
        let own = Some("mine");
        assert_eq!(read("img.example.com", "/a", own), ("mine".into(), "a".into()));
        assert_eq!(read("mine.example.com", "/a", own), ("mine".into(), "a".into()));
        assert_eq!(read("cdn", "/a", own), ("mine".into(), "a".into()));
        assert_eq!(read("127.0.0.1", "/other/a", own), ("other".into(), "a".into()));
    }

    #[test]
    fn names_that_oss_does_not_allow_are_refused() {
        let code = |host, path: &str| Address::read(host, path, None).unwrap_err().code;
        for path in ["/ab/k", "/..%2f..%2fetc/k", "/Bucket/k", "/-bucket/k", "/a.b.c/k"] {
            assert_eq!(code("localhost", path), "InvalidBucketName", "{path}");
        }
        for path in
            ["/bucket//k", "/bucket/%5Ck", "/bucket/%FF", &format!("/bucket/{}", "k".repeat(1024))]
        {
            assert_eq!(code("localhost", path), "InvalidObjectName", "{path}");
        }
        assert_eq!(read("localhost", "/bucket/../../etc", None).1, "../../etc");
    }
}
