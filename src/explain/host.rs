//! From host and path to bucket and key: the way back from [`endpoint`](crate::endpoint)
//! (<https://help.aliyun.com/zh/oss/user-guide/regions-and-endpoints>).

use crate::endpoint::{self, AddressStyle};
use std::net::{Ipv4Addr, Ipv6Addr};

/// What is known about hosts, beyond those of Alibaba Cloud.
#[derive(Debug, Clone, Copy, Default)]
pub struct Layout<'a> {
    /// The bucket of a custom domain.
    pub bucket: Option<&'a str>,
    /// Endpoints of one's own, with or without a port: buckets are their sub-domains, or stand in
    /// the path.
    pub endpoints: &'a [&'a str],
}

/// Where a request goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Location<'a> {
    /// The bucket, if host or path say which.
    pub bucket: Option<String>,
    /// The key as it stands in the path, encoded.
    pub raw_key: &'a str,
    /// Where the bucket stands.
    pub style: AddressStyle,
    /// What is known about the host.
    pub domain: Domain,
}

/// Whose host it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Domain {
    /// One of OSS; its region, or the id of the cloud box, where the host names one.
    Oss(Option<String>),
    /// An endpoint of [`Layout::endpoints`], an IP address, or this machine.
    Own,
    /// Any other.
    Custom,
}

impl<'a> Location<'a> {
    /// Finds bucket and key. `path` has no slash at its beginning.
    ///
    /// The bucket is None for a custom domain whose bucket is not given, and where there is none.
    pub fn find(host: &str, path: &'a str, layout: Layout<'_>) -> Self {
        let host = host.to_ascii_lowercase();
        let name = without_port(&host);
        if let Some((bucket, region)) = split_oss_host(name) {
            return Self::of(bucket, path, Domain::Oss(region));
        }
        for own in layout.endpoints {
            let own = own.to_ascii_lowercase();
            let own = without_port(&own);
            if name == own {
                return Self::of(None, path, Domain::Own);
            }
            if let Some(bucket) = name.strip_suffix(own).and_then(|rest| rest.strip_suffix('.')) {
                return Self::of(Some(bucket), path, Domain::Own);
            }
        }
        if name == "localhost" || is_ip(name) {
            return Self::of(None, path, Domain::Own);
        }
        Self::custom(name, path, layout.bucket)
    }

    /// Of a host that nothing is known of: `bucket.example.com`, or a domain bound to the bucket.
    fn custom(name: &str, path: &'a str, bucket: Option<&str>) -> Self {
        let own = bucket.and_then(|bucket| name.strip_prefix(bucket));
        let style = match own {
            Some(rest) if rest.starts_with('.') => AddressStyle::Virtual,
            _ => AddressStyle::Cname,
        };
        let bucket = bucket.map(ToOwned::to_owned);
        Self { bucket, raw_key: path, style, domain: Domain::Custom }
    }

    fn of(bucket: Option<&str>, path: &'a str, domain: Domain) -> Self {
        if let Some(bucket) = bucket {
            let (bucket, style) = (Some(bucket.to_owned()), AddressStyle::Virtual);
            return Self { bucket, raw_key: path, style, domain };
        }
        let (bucket, raw_key) = path.split_once('/').unwrap_or((path, ""));
        let bucket = (!bucket.is_empty()).then(|| bucket.to_owned());
        Self { bucket, raw_key, style: AddressStyle::Path, domain }
    }

    /// The region that the host names.
    pub fn region(&self) -> Option<&str> {
        match &self.domain {
            Domain::Oss(region) => region.as_deref(),
            _ => None,
        }
    }

    /// Whether the bucket stands in the path of a host that does not serve such requests.
    pub fn is_refused_path_style(&self) -> bool {
        let public = matches!(self.domain, Domain::Oss(_));
        public && self.style == AddressStyle::Path && self.bucket.is_some()
    }
}

/// The bucket and the region of one of OSS's hosts; None for any other host.
fn split_oss_host(name: &str) -> Option<(Option<&str>, Option<String>)> {
    let rest = name.strip_suffix(".aliyuncs.com")?;
    if let Some(rest) =
        rest.strip_suffix(".oss-cloudbox").or(rest.strip_suffix(".oss-cloudbox-control"))
    {
        let (rest, _region) = rest.rsplit_once('.')?;
        let (bucket, id) = split_last(rest);
        return id.starts_with("cb-").then(|| (bucket, Some(id.to_owned())));
    }
    if let Some(rest) = rest.strip_suffix(".oss") {
        let (bucket, region) = split_last(rest);
        return Some((bucket, Some(region.to_owned())));
    }
    let (bucket, label) = split_last(rest);
    let label = label.strip_prefix("vpc100-").unwrap_or(label);
    let region = label.strip_prefix("oss-")?;
    let region = region.strip_suffix("-internal").unwrap_or(region);
    // `s3.oss-cn-hangzhou` is the host for S3's clients.
    let bucket = bucket.filter(|bucket| *bucket != "s3");
    let bucket = bucket.map(|bucket| bucket.strip_suffix(".s3").unwrap_or(bucket));
    Some((bucket, region_of_label(region).map(ToOwned::to_owned)))
}

/// Some hosts are named otherwise than their region, and some belong to none.
fn region_of_label(label: &str) -> Option<&str> {
    match label {
        "accelerate" | "accelerate-overseas" | "rg-china-mainland" => None,
        "cn-hzfinance" | "cn-hzjbp-a" | "cn-hzjbp-b" => Some("cn-hangzhou-finance"),
        "cn-szfinance" => Some("cn-shenzhen-finance-1"),
        other => Some(other.strip_suffix("-pub").unwrap_or(other)),
    }
}

fn split_last(labels: &str) -> (Option<&str>, &str) {
    labels.rsplit_once('.').map_or((None, labels), |(before, last)| (Some(before), last))
}

fn without_port(host: &str) -> &str {
    let end = host.find(']').map_or(0, |at| at + 1);
    host[end..].find(':').map_or(host, |at| &host[..end + at])
}

fn is_ip(name: &str) -> bool {
    let v6 = name.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    v6.is_some_and(|address| address.parse::<Ipv6Addr>().is_ok())
        || name.parse::<Ipv4Addr>().is_ok()
}

/// The other hosts under which OSS serves the same bucket, to find the one that was signed.
pub fn other_hosts(bucket: &str, region: &str, path_style: bool) -> Vec<String> {
    use endpoint::Network::{Accelerate, AccelerateOverseas, DualStack, Internal, Public};
    let style = if path_style { AddressStyle::Path } else { AddressStyle::Virtual };
    [Public, Internal, DualStack, Accelerate, AccelerateOverseas]
        .iter()
        .map(|network| {
            let endpoint = endpoint::Endpoint::of_region(region, *network, endpoint::Tls::On);
            endpoint.host_header(style, Some(bucket))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(host: &str, path: &str, layout: Layout<'_>) -> String {
        let it = Location::find(host, path, layout);
        let bucket = it.bucket.as_deref().unwrap_or("-");
        format!("{bucket} {} {:?} {}", it.raw_key, it.style, it.region().unwrap_or("-"))
    }

    #[test]
    fn the_hosts_of_oss_name_bucket_and_region() {
        let oss = |host: &str| found(host, "a/b", Layout::default());
        for (host, bucket_and_region) in [
            ("abc.oss-cn-hangzhou.aliyuncs.com", "abc a/b Virtual cn-hangzhou"),
            ("ABC.OSS-cn-hangzhou-internal.aliyuncs.com:80", "abc a/b Virtual cn-hangzhou"),
            ("abc.cn-hangzhou.oss.aliyuncs.com", "abc a/b Virtual cn-hangzhou"),
            ("abc.oss-accelerate.aliyuncs.com", "abc a/b Virtual -"),
            ("abc.oss-cn-szfinance.aliyuncs.com", "abc a/b Virtual cn-shenzhen-finance-1"),
            (
                "abc.oss-cn-shanghai-finance-1-pub.aliyuncs.com",
                "abc a/b Virtual cn-shanghai-finance-1",
            ),
            ("abc.cb-1.cn-x.oss-cloudbox.aliyuncs.com", "abc a/b Virtual cb-1"),
            ("abc.s3.oss-cn-hangzhou.aliyuncs.com", "abc a/b Virtual cn-hangzhou"),
            ("oss-cn-hangzhou.aliyuncs.com", "a b Path cn-hangzhou"),
            ("ecs.aliyuncs.com", "- a/b Cname -"),
            ("img.example.com", "- a/b Cname -"),
        ] {
            assert_eq!(oss(host), bucket_and_region, "{host}");
        }
    }

    #[test]
    fn own_endpoints_addresses_and_domains_are_told_apart() {
        let own = Layout { bucket: None, endpoints: &["oss.local:9000", "[::2]:1"] };
        assert_eq!(found("oss.local:1", "abc/k", own), "abc k Path -");
        assert_eq!(found("abc.oss.local:9000", "k", own), "abc k Virtual -");
        assert_eq!(found("127.0.0.1:9000", "abc", own), "abc  Path -");
        assert_eq!(found("[::1]:9000", "", own), "-  Path -");
        assert_eq!(found("[::2]", "abc/k", own), "abc k Path -");
        let cname = Layout { bucket: Some("abc"), endpoints: &[] };
        assert_eq!(found("img.example.com", "abc/k", cname), "abc abc/k Cname -");
        assert_eq!(found("abc.example.com", "k", cname), "abc k Virtual -");
    }

    #[test]
    fn other_hosts_are_those_of_the_region() {
        let hosts = other_hosts("abc", "cn-hangzhou", false);
        assert_eq!(hosts[1], "abc.oss-cn-hangzhou-internal.aliyuncs.com");
    }
}
