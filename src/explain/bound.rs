//! A URL that is bound to addresses: what is signed holds the address of whoever asks
//! (<https://help.aliyun.com/en/oss/user-guide/0002-00000601>).

use super::claim::Parameter;
use super::read::Reading;
use crate::restriction::{FORWARD_ALLOW, Network, SOURCE_IP, SUBNET_MASK};
use std::net::IpAddr;

impl Reading<'_> {
    /// The number of bits of the sender's address that count, as the URL says it.
    pub fn subnet_mask(&self) -> Option<&str> {
        self.parameter(SUBNET_MASK)
    }

    /// Whether the sender's address matters.
    pub fn is_bound(&self) -> bool {
        self.subnet_mask().is_some() || self.parameter(SOURCE_IP).is_some()
    }

    /// Whether only the sender's address says what is signed.
    pub fn hides_address(&self) -> bool {
        self.subnet_mask().is_some() && self.parameter(SOURCE_IP).is_none()
    }

    /// The request as it comes from this address, or from the one in `X-Forwarded-For` where the URL
    /// allows that: OSS signs as much of the address as counts.
    #[must_use]
    pub fn from_address(mut self, source: Option<IpAddr>) -> Self {
        let Some(sender) = self.sender(source).filter(|_| self.hides_address()) else {
            return self;
        };
        let bits = self.subnet_mask().and_then(|mask| mask.parse().ok());
        if let Some(network) = bits.and_then(|bits| Network::of(sender, bits)) {
            self.claim.query.push(Parameter::new(SOURCE_IP, &network.address().to_string()));
        }
        self
    }

    /// Whether the sender is among the addresses that the URL itself names. Whoever knows the one that
    /// a URL hides can write it in, and has the right signature then: that alone lets nobody in.
    ///
    /// A URL that names none is signed for the right ones.
    pub fn names_sender(&self, source: Option<IpAddr>) -> bool {
        let Some(named) = self.parameter(SOURCE_IP) else { return true };
        let bits = self.subnet_mask().map(|mask| mask.parse().unwrap_or(0));
        let network = |address: &str| Network::read(address, bits).ok();
        let sender = self.sender(source).and_then(|sender| network(&sender.to_string()));
        sender.is_some() && sender == network(named)
    }

    fn sender(&self, source: Option<IpAddr>) -> Option<IpAddr> {
        let forwarded = self.received.header("x-forwarded-for");
        let forwarded = forwarded.filter(|_| self.parameter(FORWARD_ALLOW) == Some("true"));
        let first = forwarded.and_then(|list| list.split(',').next()?.trim().parse().ok());
        first.or(source).map(|sender: IpAddr| sender.to_canonical())
    }
}
