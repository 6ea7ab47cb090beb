//! Region, domain and address style to scheme, host and path
//! (<https://help.aliyun.com/zh/oss/user-guide/regions-and-endpoints>).

pub(crate) mod netloc;

use crate::error::{Error, Result};
use std::net::Ipv6Addr;

/// Which of a region's hosts is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Network {
    /// `oss-<region>.aliyuncs.com`
    #[default]
    Public,
    /// `oss-<region>-internal.aliyuncs.com`: free of charge within the region.
    Internal,
    /// `<region>.oss.aliyuncs.com`: IPv4 and IPv6, in some regions.
    DualStack,
    /// `oss-accelerate.aliyuncs.com`: the bucket must have acceleration enabled.
    Accelerate,
    /// `oss-accelerate-overseas.aliyuncs.com`: acceleration outside mainland China.
    AccelerateOverseas,
}

/// Where the bucket's name goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum AddressStyle {
    /// `https://bucket.endpoint/key`
    #[default]
    Virtual,
    /// `https://endpoint/bucket/key`, for IP addresses and private hosts; public OSS refuses it.
    Path,
    /// `https://endpoint/key`: the domain is bound to one bucket.
    Cname,
}

/// Where requests go: a scheme, and what stands between `://` and the path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endpoint {
    /// `scheme://netloc/`
    origin: String,
    /// Where the netloc begins.
    netloc_start: usize,
}

/// Whether requests without a scheme of their own are encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tls {
    /// `https`
    On,
    /// `http`
    Off,
}

impl Endpoint {
    /// A region's host. The region must be [valid](check_region).
    pub fn of_region(region: &str, network: Network, tls: Tls) -> Self {
        let netloc = match network {
            Network::Public => format!("oss-{region}.aliyuncs.com"),
            Network::Internal => format!("oss-{region}-internal.aliyuncs.com"),
            Network::DualStack => format!("{region}.oss.aliyuncs.com"),
            Network::Accelerate => "oss-accelerate.aliyuncs.com".to_owned(),
            Network::AccelerateOverseas => "oss-accelerate-overseas.aliyuncs.com".to_owned(),
        };
        Self::new(tls.scheme(), &netloc)
    }

    fn new(scheme: &str, netloc: &str) -> Self {
        Self { origin: format!("{scheme}://{netloc}/"), netloc_start: scheme.len() + 3 }
    }

    /// Reads an endpoint with or without a scheme, as Python's `urlparse` reads it.
    ///
    /// User, port and letter case are kept. Quirk: path, query and fragment are dropped, tabs and
    /// line ends vanish.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] where there is no host, or brackets hold no IPv6 address.
    pub fn parse(text: &str, tls: Tls) -> Result<Self> {
        let has_scheme = text.find(':').is_some_and(|at| at > 0 && text[at..].starts_with("://"));
        let full;
        let text = if has_scheme {
            text
        } else {
            full = format!("{}://{text}", tls.scheme());
            &full
        };
        let text = text.trim_start_matches(|c: char| c <= ' ').replace(['\t', '\r', '\n'], "");
        let (scheme, rest) =
            text.split_once("://").filter(|(scheme, _)| is_scheme(scheme)).ok_or_else(|| {
                Error::invalid("endpoint", shown(&text), "must be a host or http(s)://host")
            })?;
        let netloc = rest.split(['/', '?', '#']).next().unwrap_or_default();
        let endpoint = Self::new(&scheme.to_ascii_lowercase(), netloc);
        endpoint.check()?;
        Ok(endpoint)
    }

    /// The same host by http or https; the port stays.
    #[must_use]
    pub fn with_tls(&self, tls: Tls) -> Self {
        Self::new(tls.scheme(), self.netloc())
    }

    /// `http` or `https`, or whatever else was given.
    pub fn scheme(&self) -> &str {
        &self.origin[..self.netloc_start - 3]
    }

    /// The host in lower case, without user, port and brackets.
    pub fn hostname(&self) -> String {
        let host = self.host_and_port();
        match bracketed(host) {
            Some((inside, _)) => inside.to_lowercase(),
            None => host.split(':').next().unwrap_or_default().to_lowercase(),
        }
    }

    /// Whether the host is an IP address: such endpoints are always path style.
    pub fn is_ip(&self) -> bool {
        match bracketed(self.host_and_port()) {
            Some((inside, _)) => is_ipv6(inside),
            None => is_inet_aton(&self.hostname()),
        }
    }

    /// Appends scheme, host and the path up to where the key begins.
    pub fn push_base(&self, out: &mut String, style: AddressStyle, bucket: Option<&str>) {
        match (bucket, style) {
            (Some(bucket), AddressStyle::Virtual) => {
                let (scheme, netloc) = self.origin.split_at(self.netloc_start);
                out.push_str(scheme);
                out.push_str(bucket);
                out.push('.');
                out.push_str(netloc);
            }
            (Some(bucket), AddressStyle::Path) => {
                out.push_str(&self.origin);
                out.push_str(bucket);
                out.push('/');
            }
            _ => out.push_str(&self.origin),
        }
    }

    /// What a client sends as `Host`: no user, and no port that the scheme implies (RFC 9110, 7.2).
    ///
    /// Where there is a user, the bucket of a virtual host has become part of the user's name.
    pub fn host_header(&self, style: AddressStyle, bucket: Option<&str>) -> String {
        let host = self.host_and_port();
        let implied = if self.origin.starts_with("https:") { ":443" } else { ":80" };
        let host = host.strip_suffix(implied).unwrap_or(host);
        match (bucket, style) {
            (Some(bucket), AddressStyle::Virtual) if !self.netloc().contains('@') => {
                format!("{bucket}.{host}")
            }
            _ => host.to_owned(),
        }
    }

    pub(crate) fn host_and_port(&self) -> &str {
        self.netloc().rsplit_once('@').map_or(self.netloc(), |(_, host)| host)
    }

    fn netloc(&self) -> &str {
        &self.origin[self.netloc_start..self.origin.len() - 1]
    }

    fn check(&self) -> Result<()> {
        let wrong = |rule| Err(Error::invalid("endpoint", shown(self.netloc()), rule));
        if self.hostname().is_empty() {
            return wrong("must name a host");
        }
        if self.hostname().contains('\0') {
            return wrong("must not hold NUL");
        }
        if self.netloc().contains(NORMALIZES_TO_DELIMITER) {
            return wrong("must not hold a character that turns into one of / ? # @ :");
        }
        if self.netloc().contains(['[', ']']) {
            let address = bracketed(self.host_and_port());
            if !address
                .is_some_and(|(ip, rest)| is_ipv6(ip) && (rest.is_empty() || rest.starts_with(':')))
            {
                return wrong("must hold an IPv6 address between brackets");
            }
        }
        Ok(())
    }
}

/// As much of an endpoint or a URL as an error may show: a password may stand before the host, and a
/// signature behind it, even where what should begin the query is escaped or mistyped.
pub(crate) fn shown(url: &str) -> &str {
    let lower = url.to_ascii_lowercase();
    let ends = ["?", "#", "&", "%3f"].iter().filter_map(|mark| lower.find(mark));
    let end = ends.min().unwrap_or(url.len());
    let start = url[..end].rfind('@').map_or(0, |at| at + 1);
    &url[start..end]
}

impl Tls {
    /// As it stands in a URL.
    pub fn scheme(self) -> &'static str {
        match self {
            Self::On => "https",
            Self::Off => "http",
        }
    }
}

/// Refuses a region that OSS cannot know: V4 signs it, and hosts are made of it.
///
/// # Errors
/// [`Error::ParamInvalid`] for an empty region, the prefix `oss-` (EC 0002-00000226), and
/// characters outside `a-z 0-9 -`.
pub fn check_region(region: &str) -> Result<()> {
    let rule = if region.is_empty() {
        "must be given: signature version 4 signs it"
    } else if !region.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-') {
        "must consist of a-z, 0-9 and '-'"
    } else if region.starts_with("oss-") {
        "must be the plain region id, without 'oss-'"
    } else {
        return Ok(());
    };
    Err(Error::invalid("region", region, rule))
}

/// The id of the cloud box that a host belongs to: `cb-xxx.<region>.oss-cloudbox.aliyuncs.com`.
pub fn cloud_box_of(hostname: &str) -> Option<&str> {
    let rest = hostname
        .strip_suffix(".oss-cloudbox.aliyuncs.com")
        .or_else(|| hostname.strip_suffix(".oss-cloudbox-control.aliyuncs.com"))?;
    let (id, region) = rest.split_once('.')?;
    (id.starts_with("cb-") && !region.contains('.')).then_some(id)
}

/// Characters whose compatibility form (NFKC) holds one of `/ ? # @ :`; Python refuses a host with
/// one, because what is checked would not be what is connected to.
const NORMALIZES_TO_DELIMITER: [char; 19] = [
    '\u{2047}', '\u{2048}', '\u{2049}', '\u{2100}', '\u{2101}', '\u{2105}', '\u{2106}', '\u{2a74}',
    '\u{fe13}', '\u{fe16}', '\u{fe55}', '\u{fe56}', '\u{fe5f}', '\u{fe6b}', '\u{ff03}', '\u{ff0f}',
    '\u{ff1a}', '\u{ff1f}', '\u{ff20}',
];

pub(crate) fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'))
}

fn bracketed(host: &str) -> Option<(&str, &str)> {
    host.strip_prefix('[')?.split_once(']')
}

fn is_ipv6(text: &str) -> bool {
    let address = text.split_once('%').map_or(text, |(address, _zone)| address);
    address.parse::<Ipv6Addr>().is_ok()
}

/// Whether the C library's `inet_aton` reads `text` as an IPv4 address, which is what the SDK asks.
///
/// Quirk: so are `1`, `127.1`, `0x7f.1` and `1.2.3.4 anything`.
fn is_inet_aton(text: &str) -> bool {
    let text = text.split([' ', '\t', '\n', '\x0b', '\x0c', '\r']).next().unwrap_or_default();
    let parts: Vec<_> = text.split('.').map(parse_c_number).collect();
    let Some((Some(last), first)) = parts.split_last() else { return false };
    let widest = u32::MAX.checked_shr(8 * first.len() as u32).unwrap_or_default();
    first.len() < 4
        && *last <= u64::from(widest)
        && first.iter().all(|part| part.is_some_and(|value| value <= 0xff))
}

fn parse_c_number(text: &str) -> Option<u64> {
    let lower = text.to_ascii_lowercase();
    let (digits, radix) = match (lower.strip_prefix("0x"), lower.strip_prefix('0')) {
        (Some(hex), _) => (hex, 16),
        (None, Some(octal)) if !octal.is_empty() => (octal, 8),
        _ => (lower.as_str(), 10),
    };
    let plain = digits.starts_with(|c: char| c.is_digit(radix));
    plain.then(|| u64::from_str_radix(digits, radix).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn url(text: &str, style: AddressStyle) -> String {
        let mut out = String::new();
        Endpoint::parse(text, Tls::On).unwrap().push_base(&mut out, style, Some("abc"));
        out
    }

    #[test]
    fn an_endpoint_may_lack_a_scheme_and_carry_port_path_and_user() {
        use AddressStyle::*;
        assert_eq!(
            url("oss-cn-hangzhou.aliyuncs.com", Virtual),
            "https://abc.oss-cn-hangzhou.aliyuncs.com/"
        );
        assert_eq!(url("http://Host.com:8080/p?q#f", Virtual), "http://abc.Host.com:8080/");
        assert_eq!(url("HTTP://h", Path), "http://h/abc/");
        assert_eq!(url("user:pw@h", Cname), "https://user:pw@h/");
    }

    #[test]
    fn an_endpoint_without_a_host_is_refused() {
        let unreadable = ["1+://x", "h\u{ff0f}x", "[::1", "a\0b"];
        for text in ["http://", "https://:80", "http://u@", "://x"].into_iter().chain(unreadable) {
            assert!(Endpoint::parse(text, Tls::On).is_err(), "{text}");
        }
    }

    #[test]
    fn what_inet_aton_reads_is_an_ip_and_so_is_ipv6() {
        let ips = [
            "127.0.0.1",
            "127.1",
            "1",
            "0x7f.1",
            "010.1",
            "1.2.3.4:80",
            "1.2.3.4 x",
            "[::1]",
            "[::1]:80",
            "[fe80::1%25eth0]",
            "4294967295",
            "1.16777215",
            "0",
        ];
        let names = [
            "localhost",
            "1.2.3.4.5",
            "256.1.1.1",
            "4294967296",
            "1.2.3.",
            "08.1",
            "a",
            "0x",
            "1.16777216",
            "+1",
        ];
        for text in ips {
            assert!(Endpoint::parse(text, Tls::On).unwrap().is_ip(), "{text}");
        }
        for text in names {
            assert!(!Endpoint::parse(text, Tls::On).unwrap().is_ip(), "{text}");
        }
    }

    #[test]
    fn a_cloud_box_host_has_five_labels() {
        assert_eq!(cloud_box_of("cb-1.cn-x.oss-cloudbox.aliyuncs.com"), Some("cb-1"));
        assert_eq!(cloud_box_of("cb-1.cn-x.oss-cloudbox-control.aliyuncs.com"), Some("cb-1"));
        assert_eq!(cloud_box_of("x.cn-x.oss-cloudbox.aliyuncs.com"), None);
        assert_eq!(cloud_box_of("cb-1.a.b.oss-cloudbox.aliyuncs.com"), None);
    }

    #[test]
    fn a_region_is_a_plain_id() {
        assert!(check_region("cn-hangzhou").is_ok());
        for region in ["", "oss-cn-hangzhou", "cn-hangzhou\n", "CN", "cn_x", "cn hangzhou"] {
            assert!(check_region(region).is_err(), "{region:?}");
        }
    }

    #[test]
    fn the_host_header_has_no_port_that_the_scheme_implies() {
        let host = |text| {
            Endpoint::parse(text, Tls::On).unwrap().host_header(AddressStyle::Virtual, Some("abc"))
        };
        assert_eq!(host("h:443"), "abc.h");
        assert_eq!(host("u@h:443"), "h");
        assert_eq!(host("h:8443"), "abc.h:8443");
        assert_eq!(host("http://h:80"), "abc.h");
    }
}
