//! What stands around a signature: id, token, host and headers.

use super::{Eyes, Finding, V1_TOKEN, V4_TOKEN, shown};
use crate::explain::cause::Cause;
use crate::explain::claim::Place;
use crate::explain::host::Domain;
use crate::explain::verify::address_not_allowed;
use crate::presign::Version;

impl Eyes<'_, '_> {
    pub(super) fn access_key_id(&mut self) {
        let id = &self.reading.claim.access_key_id;
        // OSS says letters, digits and ". _ ="; ids for tests have hyphens, too.
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._=-".contains(c);
        if !id.is_empty() && !id.chars().all(allowed) {
            let detail = format!("'{}' has a character that no AccessKey id has", shown(id));
            self.number(Cause::AccessKeyIdMalformed, "0002-00000073", detail);
        }
    }

    pub(super) fn token(&mut self) {
        let (claim, received) = (&self.reading.claim, &self.reading.received);
        if claim.place == Place::Header || claim.token().is_some_and(|token| !token.is_empty()) {
            return;
        }
        let in_header = [V4_TOKEN, V1_TOKEN].iter().any(|name| received.header(name).is_some());
        if in_header {
            let detail = "the security token is sent as a header; a presigned URL holds it itself";
            self.number(Cause::TokenOnlyInHeader, "0002-00000005", detail.to_owned());
        } else if claim.access_key_id.starts_with("STS.") {
            let detail = format!(
                "the id {} is a temporary one, and the URL has no token",
                shown(&claim.access_key_id)
            );
            self.note(Cause::TokenMissing, detail);
        }
    }

    pub(super) fn place(&mut self) {
        let location = &self.reading.location;
        // Version 4 has compared its own region already.
        let given = self.context.region.filter(|_| self.reading.claim.version == Version::V1);
        if let Some((own, given)) = location.region().zip(given).filter(|(own, given)| own != given)
        {
            let detail = format!("the host is that of region {}, not {given}", shown(own));
            self.note(Cause::EndpointWrong, detail);
        }
        match (&location.bucket, self.context.bucket) {
            (None, _) if location.domain == Domain::Custom => {
                let detail = format!(
                    "nothing says which bucket {} belongs to",
                    shown(self.reading.received.host)
                );
                self.note(Cause::HostUnknown, detail);
            }
            (Some(own), Some(given)) if own != given => {
                let detail = format!("the URL is for bucket {}, not {}", shown(own), shown(given));
                self.note(Cause::BucketWrong, detail);
            }
            _ => {}
        }
    }

    pub(super) fn restrictions(&mut self) {
        let source = self.context.source_ip;
        if source.is_some() && !self.reading.names_sender(source) {
            self.found.push(address_not_allowed(self.reading.claim.version, source));
        }
        let Some(mask) = self.reading.subnet_mask() else { return };
        if !mask.parse().is_ok_and(|bits: u32| (1..=128).contains(&bits)) {
            let detail = format!("x-oss-ac-subnet-mask is '{}', no number of bits", shown(mask));
            self.number(Cause::RestrictionMalformed, "0002-00000601", detail);
        }
    }

    pub(super) fn headers(&mut self) {
        let claim = &self.reading.claim;
        if self.context.knows_headers && claim.version == Version::V4 {
            for name in claim.additional.iter().filter(|name| *name != "host") {
                if claim.header(&name.to_lowercase()).is_none() {
                    let detail = format!(
                        "the URL says that the header {} is signed; it was not sent",
                        shown(name)
                    );
                    self.found.push(Finding::new(Cause::HeaderMissing, detail));
                }
            }
        }
        if claim.place == Place::Header {
            return;
        }
        for (name, value) in claim.headers.iter().filter(|(name, _)| name.starts_with("x-oss-")) {
            if claim.parameter(name).is_some_and(|other| other != value) {
                let detail = format!(
                    "the header {} differs from the parameter of the same name",
                    shown(name)
                );
                self.found.push(Finding::new(Cause::HeaderContradictsQuery, detail));
            }
        }
    }
}
