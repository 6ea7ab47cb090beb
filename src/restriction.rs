//! Restrictions that a URL carries: how fast an object travels, and from where it may be asked for
//! (<https://help.aliyun.com/en/oss/developer-reference/ddd-signatures-to-urls>).

use crate::error::{Error, Result};
use crate::request::Request;
use std::fmt;
use std::net::IpAddr;
use std::ops::{Range, RangeInclusive};

/// The address that is signed. OSS puts the sender's in its place, so that it stands in no URL.
pub const SOURCE_IP: &str = "x-oss-ac-source-ip";
/// How many bits of the address count.
pub const SUBNET_MASK: &str = "x-oss-ac-subnet-mask";
/// The VPC that a request must come from.
pub const VPC_ID: &str = "x-oss-ac-vpc-id";
/// Whether `X-Forwarded-For` may say where a request comes from.
pub const FORWARD_ALLOW: &str = "x-oss-ac-forward-allow";
/// Bits a second.
pub const TRAFFIC_LIMIT: &str = "x-oss-traffic-limit";
/// What OSS takes as a traffic limit, in bits a second: 100 KB/s to 100 MB/s
/// (<https://help.aliyun.com/en/oss/user-guide/single-connection-bandwidth-throttling-4>).
pub const TRAFFIC: RangeInclusive<u64> = 819_200..=838_860_800;
/// What is said of another.
pub const TRAFFIC_RULE: &str = "must be from 819200 to 838860800 bit/s (EC 0004-00000502)";

/// Addresses that begin with the same bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    mask: u8,
}

impl Network {
    /// The network that an address lies in: its first `mask` bits count, at least one.
    ///
    /// None where an address has not so many.
    pub fn of(address: IpAddr, mask: u32) -> Option<Self> {
        let mask = u8::try_from(mask).ok().filter(|mask| (1..=width(address)).contains(mask))?;
        let hidden = u32::from(width(address) - mask);
        let address = match address {
            IpAddr::V4(ip) => IpAddr::V4((ip.to_bits() >> hidden << hidden).into()),
            IpAddr::V6(ip) => IpAddr::V6((ip.to_bits() >> hidden << hidden).into()),
        };
        Some(Self { address, mask })
    }

    /// Reads `192.0.2.7` or `192.0.2.0/24`; `mask` says how many bits count where the text does not.
    /// Without either, it is the one address.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for what is no address, and for a mask that does not fit it.
    pub fn read(text: &str, mask: Option<u32>) -> Result<Self> {
        let wrong = |rule| Error::invalid("source_ip", text, rule);
        let (ip, prefix) = text.split_once('/').map_or((text, None), |(ip, bits)| (ip, Some(bits)));
        let ip: IpAddr =
            ip.parse().map_err(|_| wrong("must be an IP address, or one with /bits"))?;
        if matches!(ip, IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some()) {
            return Err(wrong("must be written as an IPv4 address"));
        }
        let plain = |bits: &str| bits.bytes().all(|byte| byte.is_ascii_digit());
        let prefix = match prefix.map(|bits| bits.parse().ok().filter(|_| plain(bits))) {
            Some(None) => return Err(wrong("must end in a number of bits")),
            other => other.flatten(),
        };
        if prefix.zip(mask).is_some_and(|(one, other)| one != other) {
            let mask = mask.unwrap_or_default().to_string();
            return Err(Error::invalid("subnet_mask", &mask, "must be that of source_ip"));
        }
        let bits = prefix.or(mask).unwrap_or_else(|| u32::from(width(ip)));
        Self::of(ip, bits).ok_or_else(|| {
            let rule = match ip {
                IpAddr::V4(_) => "must be from 1 to 32, as many bits of an IPv4 address count",
                IpAddr::V6(_) => "must be from 1 to 128, as many bits of an IPv6 address count",
            };
            Error::invalid("subnet_mask", &bits.to_string(), rule)
        })
    }

    /// The first address, as it is signed.
    pub fn address(&self) -> IpAddr {
        self.address
    }
}

impl fmt::Display for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.mask)
    }
}

fn width(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

/// What a URL is restricted to. By default, to nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Restrictions {
    /// Bits a second.
    pub traffic_limit: Option<u64>,
    /// Where requests must come from.
    pub source: Option<Network>,
    /// The id of the VPC that requests must come from.
    pub vpc_id: Option<String>,
    /// Whether `X-Forwarded-For` may say where a request comes from.
    pub allows_forwarding: bool,
}

impl Restrictions {
    /// Whether only a signature makes them hold.
    pub fn needs_signature(&self) -> bool {
        self.source.is_some() || self.vpc_id.is_some()
    }

    /// Refuses what OSS does not take.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] with field, value and rule.
    pub fn check(&self) -> Result<()> {
        if let Some(limit) = self.traffic_limit.filter(|limit| !TRAFFIC.contains(limit)) {
            return Err(Error::invalid("traffic_limit", &limit.to_string(), TRAFFIC_RULE));
        }
        if let Some(id) = self.vpc_id.as_deref().filter(|id| !is_vpc_id(id)) {
            let rule = "must be 'vpc-' with up to 60 letters and digits behind it";
            return Err(Error::invalid("vpc_id", id, rule));
        }
        if self.allows_forwarding && self.source.is_none() {
            let rule = "must not be given without source_ip";
            return Err(Error::invalid("forward_allow", "True", rule));
        }
        Ok(())
    }

    /// Adds the parameters to a request, whose URL is then to be [concealed](conceal).
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] where the request has one of them already: OSS takes a traffic limit
    /// from a header or from a parameter, not from both (EC 0004-00000501).
    pub fn add_to(&self, request: &mut Request<'_>) -> Result<()> {
        if let Some(limit) = self.traffic_limit {
            let header = request.headers.get(TRAFFIC_LIMIT).is_some();
            if header || request.query.get(TRAFFIC_LIMIT).is_some() {
                let rule = "must not be given beside the request's own x-oss-traffic-limit";
                return Err(Error::invalid("traffic_limit", &limit.to_string(), rule));
            }
            request.query.set(TRAFFIC_LIMIT, limit.to_string());
        }
        if !self.needs_signature() {
            return Ok(());
        }
        if let Some((name, value)) = request.query.iter().find(|(name, _)| is_access_control(name))
        {
            let field = format!("parameter {name}");
            let rule = "must not be given beside source_ip or vpc_id";
            return Err(Error::invalid(&field, value, rule));
        }
        if let Some(Network { address, mask }) = &self.source {
            request.query.set_first(SOURCE_IP, address.to_string());
            request.query.set(SUBNET_MASK, mask.to_string());
        }
        if let Some(id) = &self.vpc_id {
            request.query.set(VPC_ID, id.clone());
        }
        if self.allows_forwarding {
            request.query.set(FORWARD_ALLOW, "true");
        }
        Ok(())
    }
}

fn is_access_control(name: &str) -> bool {
    name.starts_with("x-oss-ac-")
}

fn is_vpc_id(id: &str) -> bool {
    let rest = id.strip_prefix("vpc-").unwrap_or_default();
    (1..=60).contains(&rest.len()) && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

/// Takes the signed address out of a URL.
pub fn conceal(url: &mut String) {
    if let Some(range) = concealed(url.as_bytes()) {
        url.replace_range(range, "");
    }
}

/// Where the signed address stands in a URL that was made with [`Restrictions::add_to`]: first in
/// the query.
pub fn concealed(url: &[u8]) -> Option<Range<usize>> {
    let start = url.iter().position(|byte| *byte == b'?')? + 1;
    let rest = url[start..].strip_prefix(SOURCE_IP.as_bytes())?.strip_prefix(b"=")?;
    let value = rest.iter().position(|byte| *byte == b'&')?;
    Some(start..url.len() - rest.len() + value + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, mask: Option<u32>) -> String {
        match Network::read(text, mask) {
            Ok(network) => network.to_string(),
            Err(error) => error.to_string(),
        }
    }

    #[test]
    fn a_network_is_an_address_and_the_bits_that_count() {
        for (text, mask, network) in [
            ("192.0.2.7", None, "192.0.2.7/32"),
            ("192.0.2.7", Some(24), "192.0.2.0/24"),
            ("192.0.2.7/24", Some(24), "192.0.2.0/24"),
            ("255.255.255.255", Some(1), "128.0.0.0/1"),
            ("2001:DB8::7", None, "2001:db8::7/128"),
            ("2001:db8:ffff::/33", None, "2001:db8:8000::/33"),
        ] {
            assert_eq!(shown(text, mask), network);
        }
    }

    #[test]
    fn what_is_no_network_is_refused() {
        let wrong = ["", "a", "1.2.3", "1.2.3.4.5", "1.2.3.04", "1.2.3.4/", "1.2.3.4/+8", "::1%lo"];
        for text in wrong.into_iter().chain(["1.2.3.4/33", "::/0", "::1/129", "::ffff:1.2.3.4"]) {
            assert!(Network::read(text, None).is_err(), "{text}");
        }
        assert!(shown("1.2.3.4/24", Some(23)).contains("subnet_mask: '23' must be that of"));
        assert!(shown("1.2.3.4", Some(33)).contains("subnet_mask: '33' must be from 1 to 32"));
        assert!(shown("1.2.3.4", Some(0)).contains("subnet_mask: '0' must be from 1 to 32"));
    }

    #[test]
    fn the_address_is_signed_and_stands_in_no_url() {
        let source = Network::read("192.0.2.7/24", None).ok();
        let restrictions = Restrictions { source, ..Restrictions::default() };
        let mut request = Request::default();
        request.query.set("uploads", "");
        restrictions.add_to(&mut request).unwrap();
        let names: Vec<_> = request.query.iter().map(|(name, _)| name).collect();
        assert_eq!(names, [SOURCE_IP, "uploads", SUBNET_MASK]);
        let mut url = "https://h/a%3F?x-oss-ac-source-ip=192.0.2.0&uploads&b=1".to_owned();
        conceal(&mut url);
        assert_eq!(url, "https://h/a%3F?uploads&b=1");
        conceal(&mut url);
        assert_eq!(url, "https://h/a%3F?uploads&b=1");
        assert!(restrictions.add_to(&mut request).is_err());
    }

    #[test]
    fn what_oss_does_not_take_is_refused() {
        let traffic = |limit| Restrictions { traffic_limit: Some(limit), ..Default::default() };
        assert!(traffic(819_200).check().is_ok() && traffic(838_860_800).check().is_ok());
        assert!(traffic(819_199).check().is_err() && traffic(838_860_801).check().is_err());
        let vpc = |id: &str| Restrictions { vpc_id: Some(id.into()), ..Default::default() }.check();
        assert!(vpc("vpc-t4nlw426y44rd3iq4xxxx").is_ok());
        for id in ["", "vpc-", "t4n", "vpc-a_b", "vpc-a b", "VPC-a", &format!("vpc-{:061}", 0)] {
            assert!(vpc(id).is_err(), "{id}");
        }
        let forwarding = Restrictions { allows_forwarding: true, ..Restrictions::default() };
        assert!(forwarding.check().is_err());
    }
}
