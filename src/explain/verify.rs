//! The judgement of a server: is the request's signature right, and is it in time?

use super::cause::Cause;
use super::claim::{Claim, Place, Texts};
use super::host::Layout;
use super::parse::Received;
use super::read::{Reading, Unreadable};
use super::see::{self, Context, Finding, Times, shown};
use crate::clock;
use crate::credentials::Credentials;
use crate::crypto;
use crate::endpoint::AddressStyle;
use crate::presign::Version;
use std::fmt;
use std::net::IpAddr;

/// What a request says, once its signature is known to be right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Facts {
    /// The HTTP method.
    pub method: String,
    /// The bucket.
    pub bucket: Option<String>,
    /// The decoded key; empty where the request is about the bucket.
    pub key: String,
    /// The AccessKey id that signed.
    pub access_key_id: String,
    /// Whether a security token is part of it.
    pub is_temporary: bool,
    /// The signature's version.
    pub version: Version,
    /// Where the signature stands.
    pub place: Place,
    /// Where the bucket stands.
    pub style: AddressStyle,
    /// The region that version 4 signs.
    pub region: Option<String>,
    /// The product that version 4 signs.
    pub product: Option<String>,
    /// When it was signed, in seconds since 1970; version 1 URLs do not say.
    pub signed_at: Option<i64>,
    /// When it ends, in seconds since 1970.
    pub expiration: Option<i64>,
    /// Whole seconds until then; negative afterwards.
    pub seconds_left: Option<i64>,
    /// Lower-case names of the received headers that the signature covers, sorted.
    pub signed_headers: Vec<String>,
    /// The caller's own query parameters, decoded, in the order of the URL.
    pub parameters: Vec<(String, String)>,
}

impl Facts {
    /// Of a request, whether or not its signature is right.
    pub fn of(reading: &Reading<'_>, now: i64) -> Self {
        let (claim, times) = (&reading.claim, Times::of(reading));
        let own = |text: &String| (!text.is_empty()).then(|| text.clone());
        let mut signed: Vec<_> = claim.covered_headers().map(|(name, _)| name.to_owned()).collect();
        if claim.additional.iter().any(|name| name == "host") && claim.header("host").is_none() {
            signed.push("host".to_owned());
        }
        signed.sort_unstable();
        let others = reading.other_parameters();
        Self {
            method: claim.method.clone(),
            bucket: claim.bucket.clone(),
            key: claim.key.clone(),
            access_key_id: claim.access_key_id.clone(),
            is_temporary: claim.token().is_some(),
            version: claim.version,
            place: claim.place,
            style: reading.location.style,
            region: own(&claim.region),
            product: own(&claim.product),
            signed_at: times.signed_at,
            expiration: times.expiration,
            seconds_left: times.expiration.map(|end| end.saturating_sub(clock::second_of(now))),
            signed_headers: signed,
            parameters: others.map(|p| (p.name.clone(), p.value.clone())).collect(),
        }
    }
}

/// Why a request is refused, with all that an answer to it needs.
///
/// The texts hold the security token of temporary credentials: they belong into an answer to the
/// sender, not into a log. Debug shows neither them nor the claim.
pub struct Refusal {
    /// What is wrong, and OSS's number for it.
    pub finding: Finding,
    /// What the signature claims, unless the request could not be read.
    pub claim: Option<Claim>,
    /// What should have been signed, where the signature was computed.
    pub texts: Option<Texts>,
}

impl fmt::Debug for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refusal").field("finding", &self.finding).finish_non_exhaustive()
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.finding.cause, self.finding.detail)
    }
}

impl Refusal {
    fn unreadable(finding: Finding) -> Box<Self> {
        Box::new(Self { finding, claim: None, texts: None })
    }
}

/// Judges a request as OSS does.
///
/// `find` gives the credentials of an AccessKey id. Where they have a token, the request must have
/// the same; where they have none, a token in the request is covered by the signature and not looked
/// at further. A presigned URL and a signature in the Authorization header do alike.
///
/// The URL's address style is not judged: whether a host serves path style is its own affair.
///
/// # Errors
/// A [`Refusal`] with the first thing that OSS would object to.
pub fn verify<'c>(
    received: Received<'_>,
    layout: Layout<'_>,
    context: Context<'_>,
    find: &dyn Fn(&str) -> Option<Credentials<'c>>,
) -> Result<Facts, Box<Refusal>> {
    let reading = Reading::of(received, layout).map_err(|why| Refusal::unreadable(unread(&why)))?;
    let reading = reading.from_address(context.source_ip);
    let context = Context { knows_headers: true, ..context };
    let refuse = |finding: Finding, texts: Option<Texts>| {
        Err(Box::new(Refusal { finding, claim: Some(reading.claim.clone()), texts }))
    };
    // What is wrong with the signature's form is found by comparing it: its texts are of use.
    let is_form = |finding: &&Finding| finding.cause < Cause::HostChanged;
    let found = see::findings(&reading, context);
    if let Some(first) = found.iter().find(is_form) {
        return refuse(first.clone(), None);
    }
    let claim = &reading.claim;
    let Some(who) = find(&claim.access_key_id) else {
        let detail = format!("there is no AccessKey {}", shown(&claim.access_key_id));
        return refuse(Finding::new(Cause::AccessKeyUnknown, detail), None);
    };
    if let Some(finding) = token_finding(claim, who) {
        return refuse(finding, None);
    }
    let is_signed = claim.is_signed_by(who.secret) && reading.names_sender(context.source_ip);
    if is_signed && found.is_empty() {
        return Ok(Facts::of(&reading, context.now));
    }
    let mismatch = match reading.is_bound() {
        true => address_not_allowed(claim.version, context.source_ip),
        false => mismatch(claim.version),
    };
    refuse(found.into_iter().next().unwrap_or(mismatch), Some(claim.texts()))
}

/// That a signature is not the right one.
pub(super) fn mismatch(version: Version) -> Finding {
    let ec = if version == Version::V4 { "0002-00000201" } else { "0002-00000040" };
    let detail = "the signature is not that of this request under this AccessKey's secret";
    Finding::numbered(Cause::SignatureMismatch, ec, detail)
}

/// That a URL is bound to addresses, and the signature is not right for this one.
pub(super) fn address_not_allowed(version: Version, source: Option<IpAddr>) -> Finding {
    let ec = if version == Version::V4 { "0002-00000225" } else { "0002-00000604" };
    let detail = match source {
        Some(source) => {
            format!("the URL is bound to addresses, and {source} is none that it is signed for")
        }
        None => "the URL is bound to addresses, and nobody says from which one it came \
                 (`source_ip=`)"
            .to_owned(),
    };
    Finding::numbered(Cause::AddressNotAllowed, ec, detail)
}

/// What is wrong with a request that cannot be read.
pub(super) fn unread(why: &Unreadable) -> Finding {
    match why {
        Unreadable::Unsigned => {
            Finding::new(Cause::NotPresigned, "the request carries no signature of OSS")
        }
        Unreadable::NotUtf8(piece) => {
            let detail = format!("'{}' is no UTF-8 when it is decoded", shown(piece));
            Finding::new(Cause::UrlMalformed, detail)
        }
    }
}

/// What is wrong with the request's token, for credentials that have one.
pub(super) fn token_finding(claim: &Claim, who: Credentials<'_>) -> Option<Finding> {
    let expected = who.token?;
    match claim.token().filter(|token| !token.is_empty()) {
        None => {
            let detail = "these credentials have a security token, and the request has none";
            Some(Finding::new(Cause::TokenMissing, detail))
        }
        Some(token) if !crypto::same(token.as_bytes(), expected.as_bytes()) => {
            let detail = "the security token is not that of these credentials";
            Some(Finding::new(Cause::TokenWrong, detail))
        }
        Some(_) => None,
    }
}
