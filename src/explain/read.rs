//! From a received request to what its signature claims, in each of the four forms that OSS knows.

use super::claim::{Claim, Parameter, Place};
use super::host::{Layout, Location};
use super::parse::{self, Received};
use crate::encode;
use crate::presign::Version;
use crate::v4;

/// The parameters of a presigned URL of version 4, in the order in which OSS asks for them.
pub const V4_PARAMETERS: [&str; 5] =
    ["x-oss-signature-version", "x-oss-credential", "x-oss-date", "x-oss-expires", V4_SIGNATURE];
/// The parameters of a presigned URL of version 1.
pub const V1_PARAMETERS: [&str; 3] = ["OSSAccessKeyId", "Expires", "Signature"];
/// What signing adds where there is a reason to.
const BESIDES: [&str; 3] = ["x-oss-security-token", "x-oss-additional-headers", "security-token"];
const V4_SIGNATURE: &str = "x-oss-signature";
const TERMINATOR: &str = "aliyun_v4_request";

/// A request that carries a signature, taken apart.
#[derive(Clone)]
pub struct Reading<'a> {
    /// The request.
    pub received: Received<'a>,
    /// Where it goes.
    pub location: Location<'a>,
    /// The parameters of its query.
    pub parameters: Vec<parse::Parameter<'a>>,
    /// What the signature claims; what is missing is empty.
    pub claim: Claim,
    /// The scope of version 4.
    pub scope: Scope,
    /// `x-oss-expires` or `Expires`.
    pub expires: String,
}

/// Id, day, region and product of version 4.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// The AccessKey id.
    pub id: String,
    /// `YYYYMMDD`.
    pub day: String,
    /// The region.
    pub region: String,
    /// The product.
    pub product: String,
    /// Whether there were five parts, the last of them `aliyun_v4_request`.
    pub is_whole: bool,
}

/// Why a request cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unreadable {
    /// It carries no signature.
    Unsigned,
    /// This piece of it is no UTF-8.
    NotUtf8(String),
}

impl<'a> Reading<'a> {
    /// Takes a request apart.
    ///
    /// # Errors
    /// [`Unreadable`] where there is nothing to judge.
    pub fn of(received: Received<'a>, layout: Layout<'_>) -> Result<Self, Unreadable> {
        let parameters = parse::parameters(received.query());
        let parameters = parameters.map_err(|piece| Unreadable::NotUtf8(piece.to_owned()))?;
        let location = Location::find(received.host, received.path(), layout);
        let has =
            |names: &[&str]| names.iter().any(|name| parameters.iter().any(|p| p.name == *name));
        let authorization = received.header("authorization").unwrap_or_default();
        let (version, place) = if has(&V4_PARAMETERS[..2]) || has(&V4_PARAMETERS[4..]) {
            (Version::V4, Place::Query)
        } else if has(&V1_PARAMETERS) {
            (Version::V1, Place::Query)
        } else if authorization.starts_with(v4::ALGORITHM) {
            (Version::V4, Place::Header)
        } else if authorization.starts_with("OSS ") {
            (Version::V1, Place::Header)
        } else {
            return Err(Unreadable::Unsigned);
        };
        let claim = Claim {
            version,
            place,
            method: received.method.to_owned(),
            bucket: location.bucket.clone(),
            key: encode::decode_strictly(location.raw_key)
                .ok_or_else(|| Unreadable::NotUtf8(location.raw_key.to_owned()))?,
            key_text: None,
            query: Vec::new(),
            headers: received.headers(),
            additional: Vec::new(),
            host: received.host.to_owned(),
            access_key_id: String::new(),
            date: String::new(),
            region: String::new(),
            product: String::new(),
            signature: String::new(),
        };
        let mut reading = Self {
            received,
            location,
            parameters,
            claim,
            scope: Scope::default(),
            expires: String::new(),
        };
        match (version, place) {
            (Version::V4, Place::Query) => reading.read_v4_query(),
            (Version::V1, Place::Query) => reading.read_v1_query(),
            (Version::V4, Place::Header) => reading.read_v4_header(&authorization),
            (Version::V1, Place::Header) => reading.read_v1_header(&authorization),
        }
        Ok(reading)
    }

    /// The decoded value of a parameter: of several, OSS takes the first.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters.iter().find(|own| own.name == name).map(|own| own.value.as_str())
    }

    /// The parameters that the signature itself needs, in this form.
    pub fn own_parameters(&self) -> &'static [&'static str] {
        match (self.claim.version, self.claim.place) {
            (Version::V4, Place::Query) => &V4_PARAMETERS,
            (Version::V1, Place::Query) => &V1_PARAMETERS,
            (_, Place::Header) => &[],
        }
    }

    /// The caller's parameters: all but those of the signature.
    pub fn other_parameters(&self) -> impl Iterator<Item = &parse::Parameter<'a>> {
        let own = self.own_parameters();
        let besides = if own.is_empty() { &[][..] } else { &BESIDES };
        let is_own = move |name: &str| own.contains(&name) || besides.contains(&name);
        self.parameters.iter().filter(move |parameter| !is_own(&parameter.name))
    }

    fn text(&self, name: &str) -> String {
        self.parameter(name).unwrap_or_default().to_owned()
    }

    fn read_v4_query(&mut self) {
        self.claim.signature = self.text(V4_SIGNATURE);
        self.claim.date = self.text("x-oss-date");
        self.expires = self.text("x-oss-expires");
        let additional = self.text("x-oss-additional-headers");
        self.read_scope(&self.text("x-oss-credential"), &additional);
        self.keep_parameters(&[V4_SIGNATURE]);
    }

    fn read_v1_query(&mut self) {
        self.claim.signature = self.text("Signature");
        self.claim.access_key_id = self.text("OSSAccessKeyId");
        self.expires = self.text("Expires");
        self.claim.date.clone_from(&self.expires);
        self.keep_parameters(&V1_PARAMETERS);
    }

    /// `OSS4-HMAC-SHA256 Credential=...,AdditionalHeaders=...,Signature=...`
    /// (<https://help.aliyun.com/en/oss/developer-reference/recommend-to-use-signature-version-4>).
    fn read_v4_header(&mut self, authorization: &str) {
        let fields = authorization.strip_prefix(v4::ALGORITHM).unwrap_or_default();
        let field = |name: &str| {
            let mut all = fields.split(',').filter_map(|field| field.trim().split_once('='));
            all.find(|(own, _)| *own == name).map(|(_, value)| value.to_owned()).unwrap_or_default()
        };
        self.claim.signature = field("Signature");
        self.claim.date = self.claim.header("x-oss-date").unwrap_or_default().to_owned();
        self.read_scope(&field("Credential"), &field("AdditionalHeaders"));
        self.keep_parameters(&[]);
    }

    /// `OSS id:signature` (<https://help.aliyun.com/document_detail/31951.htm>).
    fn read_v1_header(&mut self, authorization: &str) {
        let value = authorization.strip_prefix("OSS ").unwrap_or_default().trim();
        let (id, signature) = value.split_once(':').unwrap_or((value, ""));
        id.clone_into(&mut self.claim.access_key_id);
        signature.clone_into(&mut self.claim.signature);
        let date = self.claim.header("x-oss-date").or_else(|| self.claim.header("date"));
        self.claim.date = date.unwrap_or_default().to_owned();
        self.keep_parameters(&[]);
    }

    fn read_scope(&mut self, credential: &str, additional: &str) {
        self.scope = Scope::of(credential);
        self.claim.access_key_id.clone_from(&self.scope.id);
        self.claim.region.clone_from(&self.scope.region);
        self.claim.product.clone_from(&self.scope.product);
        let names = additional.split(';').filter(|name| !name.is_empty());
        self.claim.additional = names.map(ToOwned::to_owned).collect();
    }

    fn keep_parameters(&mut self, but: &[&str]) {
        let kept = self.parameters.iter().filter(|own| !but.contains(&own.name.as_str()));
        self.claim.query = kept.map(|own| Parameter::new(&own.name, &own.value)).collect();
    }
}

impl Scope {
    /// Reads `id/day/region/product/aliyun_v4_request`; ids may hold slashes.
    pub fn of(credential: &str) -> Self {
        let mut parts = credential.rsplitn(5, '/');
        let mut next = || parts.next().unwrap_or_default().to_owned();
        let (terminator, product, region, day, id) = (next(), next(), next(), next(), next());
        if id.is_empty() || terminator != TERMINATOR {
            let id = credential.split('/').next().unwrap_or_default().to_owned();
            return Self { id, ..Self::default() };
        }
        Self { id, day, region, product, is_whole: true }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_has_five_parts() {
        let scope = Scope::of("a/b/20260101/cn-x/oss/aliyun_v4_request");
        let parts = (&*scope.id, &*scope.day, &*scope.region, &*scope.product, scope.is_whole);
        assert_eq!(parts, ("a/b", "20260101", "cn-x", "oss", true));
        for text in ["", "id", "20260101/cn-x/oss/aliyun_v4_request", "id/20260101/cn-x/oss/aws4"] {
            assert!(!Scope::of(text).is_whole, "{text}");
        }
    }
}
