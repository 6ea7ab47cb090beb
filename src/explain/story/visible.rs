//! The judgement of who lacks the secret: what can be seen, and what OSS says that it saw.

use super::{Story, number_of};
use crate::encode;
use crate::explain::answer::Answer;
use crate::explain::cause::Cause;
use crate::explain::claim::{Claim, Place};
use crate::explain::diff::{self, Shape};
use crate::explain::host::Domain;
use crate::explain::read::Reading;
use crate::explain::see::{Finding, shown};
use crate::explain::verify;
use crate::presign::Version;

impl Story<'_> {
    /// What a server does not object to, or never gets to see.
    pub(super) fn hints(&self, reading: &Reading<'_>) -> Vec<Finding> {
        let mut all = Vec::new();
        let claim = &reading.claim;
        if reading.location.is_refused_path_style() {
            let detail = format!("the bucket stands in the path of {}", shown(&claim.host));
            all.push(Finding::new(Cause::PathStyleOnPublicEndpoint, detail));
        }
        let path = reading.received.path();
        if path.split('/').any(|part| matches!(encode::decode(part).as_str(), "." | "..")) {
            let detail = format!("clients shorten the path '/{}' before they send it", shown(path));
            all.push(Finding::new(Cause::KeyDotSegments, detail));
        }
        if claim.key.starts_with('/') {
            let detail = format!(
                "the key '{}' begins with a slash, which no object's name does",
                shown(&claim.key)
            );
            all.push(Finding::new(Cause::KeyLeadingSlash, detail));
        }
        if claim.version == Version::V1 && claim.place == Place::Query {
            for name in reading.own_parameters() {
                let times = reading.parameters.iter().filter(|own| own.name == *name).count();
                if times > 1 {
                    let detail =
                        format!("{name} stands in the URL {times} times; OSS takes the first");
                    all.push(Finding::new(Cause::ParameterRepeated, detail));
                }
            }
        }
        all
    }

    pub(super) fn judge_without(
        &mut self,
        reading: &Reading<'_>,
        shape: &Option<Shape>,
        found: &mut Vec<Finding>,
    ) {
        let claim = &reading.claim;
        found.retain(|finding| finding.cause != Cause::HostUnknown);
        if claim.bucket.is_none() && reading.location.domain == Domain::Custom {
            let words =
                format!("which bucket {} belongs to: give it (bucket=)", shown(&claim.host));
            self.report.unchecked.push(words);
        }
        found.extend(random_boundary(claim));
        let Some(seen) = shape else {
            if self.is_mismatch() && found.is_empty() {
                found.push(self.mismatch(claim));
            }
            return;
        };
        // What the caller meant to send is what was signed, as far as anybody knows.
        let mut meant = claim.clone();
        if self.question.headers.is_none() {
            meant.headers.clear();
        }
        self.compare(&meant, seen);
        found.extend(self.differences_found(claim.version));
        if self.is_mismatch() && found.iter().all(|finding| !is_of_signature(finding.cause)) {
            found.push(self.mismatch(claim));
        }
    }

    /// Fills the differences between what was signed and what OSS saw.
    pub(super) fn compare(&mut self, signed: &Claim, seen: &Shape) {
        let only_lines = seen.get("scope").is_some();
        let mut texts = signed.texts();
        if only_lines {
            texts.canonical_request = None;
        }
        self.report.differences = diff::differences(&Shape::of_texts(signed.version, &texts), seen);
    }

    pub(super) fn differences_found(&self, version: Version) -> Vec<Finding> {
        let all = self.report.differences.iter();
        let all = all
            .filter(|one| !matches!(one.part.as_str(), "canonical request" | "additional headers"));
        all.map(|one| {
            let cause = one.cause();
            Finding { cause, ec: number_of(cause, version), detail: one.words() }
        })
        .collect()
    }

    fn mismatch(&self, claim: &Claim) -> Finding {
        let mut finding = verify::mismatch(claim.version);
        let sent: Vec<_> = claim.covered_headers().map(|(name, _)| name).collect();
        finding.detail = if sent.is_empty() {
            "nothing that can be seen without the secret explains it; OSS signed what is \
 computed here"
                .to_owned()
        } else {
            format!(
                "the secret differs, or the URL was not signed with these headers, \
 which OSS got: {}",
                sent.join(", ")
            )
        };
        finding
    }

    pub(super) fn is_mismatch(&self) -> bool {
        self.answer.as_ref().is_some_and(Answer::is_mismatch)
    }
}

fn is_of_signature(cause: Cause) -> bool {
    cause >= Cause::HostChanged
}

/// A form's boundary is drawn when it is sent: no URL was ever signed with it.
fn random_boundary(claim: &Claim) -> Option<Finding> {
    let sent = claim.header("content-type")?;
    let form = sent.to_ascii_lowercase().contains("multipart/form-data; boundary=");
    let detail = "the client sent a form (multipart/form-data with a boundary of its own), \
 which no presigned URL was signed with: send the file itself as the body";
    form.then(|| Finding::new(Cause::ContentTypeAdded, detail))
}
