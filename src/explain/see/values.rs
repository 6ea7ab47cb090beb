//! The values of a signature's own parameters: form, scope and time.

use super::{Eyes, SKEW, number, shown, span};
use crate::clock::{self, SECOND};
use crate::endpoint;
use crate::explain::cause::Cause;
use crate::explain::host::Domain;
use crate::presign::{LONGEST_SECONDS, LONGEST_TEMPORARY_SECONDS as LONGEST_STS, Version};
use crate::v4;

impl Eyes<'_, '_> {
    pub(super) fn v4_values(&mut self) {
        let version = self.reading.parameter("x-oss-signature-version").unwrap_or_default();
        if !version.is_empty() && version != v4::ALGORITHM {
            let detail = format!("x-oss-signature-version is '{}'", shown(version));
            self.number(Cause::SignatureVersionInvalid, "0002-00000066", detail);
        }
        self.v4_scope(self.reading.parameter("x-oss-credential").unwrap_or_default());
        let signature = &self.reading.claim.signature;
        if !signature.is_empty() && !is_hex_digest(signature) {
            let detail = format!(
                "x-oss-signature has {} characters; it must be 64 of 0-9 and a-f",
                signature.chars().count()
            );
            self.note(Cause::SignatureMalformed, detail);
        }
    }

    fn v4_scope(&mut self, credential: &str) {
        let (scope, date) = (&self.reading.scope, &self.reading.claim.date);
        if credential.is_empty() {
            return;
        }
        let shown_credential = shown(credential);
        if !scope.is_whole {
            let detail = format!(
                "the credential '{shown_credential}' is not id/day/region/product/aliyun_v4_request"
            );
            return self.number(Cause::CredentialMalformed, "0002-00000224", detail);
        }
        if scope.day.len() != 8
            || clock::parse_iso_basic(&format!("{}T000000Z", scope.day)).is_none()
        {
            let detail =
                format!("the day '{}' in the credential is not YYYYMMDD", shown(&scope.day));
            self.number(Cause::CredentialMalformed, "0002-00000223", detail);
        } else if clock::parse_iso_basic(date).is_some() && !date.starts_with(&scope.day) {
            let detail = format!("the credential is for {}, and x-oss-date is {date}", scope.day);
            self.note(Cause::CredentialDateMismatch, detail);
        }
        self.region(&scope.region, &scope.product);
    }

    fn region(&mut self, region: &str, product: &str) {
        const EC: &str = "0002-00000226";
        if endpoint::check_region(region).is_err() {
            let detail = match region.strip_prefix("oss-") {
                Some(plain) => format!("the region '{region}' must be '{plain}', without 'oss-'"),
                None => format!("'{}' is no region", shown(region)),
            };
            return self.number(Cause::RegionMalformed, EC, detail);
        }
        let known =
            [(self.reading.location.region(), "of the host"), (self.context.region, "given")];
        for (other, whose) in known.into_iter().filter_map(|(r, whose)| r.map(|r| (r, whose))) {
            if other != region {
                let detail = format!("signed for region {region}, and the one {whose} is {other}");
                self.number(Cause::RegionMismatch, EC, detail);
                break;
            }
        }
        let expected = if region.starts_with("cb-") { "oss-cloudbox" } else { "oss" };
        if matches!(self.reading.location.domain, Domain::Oss(_)) && product != expected {
            let detail = format!("signed for product '{}', not '{expected}'", shown(product));
            self.note(Cause::ProductWrong, detail);
        }
    }

    pub(super) fn v4_time(&mut self) {
        let (claim, text) = (&self.reading.claim, &self.reading.expires);
        let now = clock::second_of(self.context.now);
        if !claim.date.is_empty() && self.times.signed_at.is_none() {
            let detail =
                format!("x-oss-date is '{}', not of the form 20260101T000000Z", shown(&claim.date));
            self.note(Cause::DateMalformed, detail);
        }
        match number(text) {
            None if !text.is_empty() => {
                let detail = format!("x-oss-expires is '{}', not a number", shown(text));
                self.number(Cause::ExpiresMalformed, "0002-00000216", detail);
            }
            Some(seconds) if !(1..=LONGEST_SECONDS).contains(&seconds) => {
                let detail = format!("x-oss-expires is {seconds}, not from 1 to {LONGEST_SECONDS}");
                self.number(Cause::ExpiresOutOfRange, "0002-00000232", detail);
            }
            Some(seconds) if seconds > LONGEST_STS && claim.token().is_some() => {
                let detail =
                    format!("x-oss-expires is {seconds}, more than {LONGEST_STS} with a token");
                self.number(Cause::ExpiresTooLongForSts, "0002-00000232", detail);
            }
            _ => {}
        }
        if let Some(signed_at) = self.times.signed_at.filter(|at| at - SKEW > now) {
            let early = signed_at - now;
            let detail = format!("signed at {}, {} from now", claim.date, span(early));
            self.number(Cause::NotYetValid, "0002-00000235", detail);
        }
        self.expired("0002-00000236");
    }

    pub(super) fn v1_values(&mut self) {
        let text = &self.reading.expires;
        if !text.is_empty() && self.times.expiration.is_none() {
            let detail = format!("Expires is '{}', not a Unix time in seconds", shown(text));
            self.number(Cause::ExpiresMalformed, "0002-00000070", detail);
        }
        self.expired("0002-00000069");
        let signature = &self.reading.claim.signature;
        if signature.contains(' ') && is_v1_digest(&signature.replace(' ', "+")) {
            let detail = "a '+' of the signature arrives as a space: it is not written %2B";
            self.number(Cause::SignaturePlusBecameSpace, "0002-00000040", detail.to_owned());
        } else if !signature.is_empty() && !is_v1_digest(signature) {
            let detail = format!(
                "Signature has {} characters; it must be the Base64 of 20 bytes, 28 characters",
                signature.chars().count()
            );
            self.number(Cause::SignatureMalformed, "0002-00000040", detail);
        }
    }

    fn expired(&mut self, ec: &'static str) {
        // As OSS, which compares with the fraction of a second: the last second is not whole.
        let late = |end: &i64| end.saturating_mul(SECOND) < self.context.now;
        if let Some(end) = self.times.expiration.filter(late) {
            let late = clock::second_of(self.context.now).saturating_sub(end);
            let detail = format!("ended at {}, {} ago", clock::iso_extended(end), span(late));
            self.number(Cause::Expired, ec, detail);
        }
    }

    /// Of requests that carry the signature in a header.
    pub(super) fn header_values(&mut self) {
        let claim = &self.reading.claim;
        if claim.version == Version::V4 && !self.reading.scope.is_whole {
            let detail = "the Credential of the Authorization header is malformed".to_owned();
            self.number(Cause::CredentialMalformed, "0002-00000213", detail);
        } else if claim.version == Version::V4 {
            if !claim.date.starts_with(&self.reading.scope.day) {
                let detail = format!(
                    "the credential is for {}, x-oss-date is {}",
                    self.reading.scope.day,
                    shown(&claim.date)
                );
                self.number(Cause::CredentialDateMismatch, "0002-00000212", detail);
            }
            self.region(&self.reading.scope.region, &self.reading.scope.product);
        }
        let now = clock::second_of(self.context.now);
        match self.times.signed_at {
            None => {
                let detail = format!("'{}' is no date of a request", shown(&claim.date));
                self.number(Cause::DateMalformed, "0002-00000503", detail);
            }
            Some(at) if at.saturating_sub(now).saturating_abs() > SKEW => {
                let detail = format!(
                    "signed at {}, {} off",
                    shown(&claim.date),
                    span(at.saturating_sub(now).saturating_abs())
                );
                self.number(Cause::ClockSkewed, "0002-00000504", detail);
            }
            Some(_) => {}
        }
    }
}

fn is_hex_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

/// 27 characters of Base64 and one `=`.
fn is_v1_digest(text: &str) -> bool {
    let body = text.strip_suffix('=').unwrap_or_default();
    body.len() == 27 && body.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_have_their_length_and_letters() {
        assert!(is_hex_digest(&"0f".repeat(32)) && !is_hex_digest(&"0F".repeat(32)));
        assert!(is_v1_digest("dcLTea+Yh9ApirQ8o8dOPqtvJXQ=") && !is_v1_digest("dcLTea"));
    }
}
