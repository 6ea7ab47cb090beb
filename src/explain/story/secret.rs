//! The judgement of who has the secret: what was signed is searched for until it is found.

use super::{Story, number_of};
use crate::credentials::Credentials;
use crate::encode;
use crate::explain::cause::Cause;
use crate::explain::claim::Claim;
use crate::explain::diff::{self, Shape};
use crate::explain::guess::{self, Clues, Outcome};
use crate::explain::read::Reading;
use crate::explain::see::{Finding, shown};
use crate::explain::verify;
use crate::presign::Version;

impl Story<'_> {
    pub(super) fn judge_with_secret(
        &mut self,
        reading: &Reading<'_>,
        shape: &Option<Shape>,
        who: Credentials<'_>,
        found: &mut Vec<Finding>,
    ) {
        let mut arrived = reading.claim.clone();
        let is_spaced = arrived.version == Version::V1 && arrived.signature.contains(' ');
        if is_spaced {
            arrived.signature = arrived.signature.replace(' ', "+");
        }
        let as_meant = arrived.is_signed_by(who.secret);
        if let Some(seen) = shape {
            as_seen(&mut arrived, seen);
        }
        if who.id != arrived.access_key_id && !arrived.access_key_id.is_empty() {
            let detail = format!(
                "the URL was signed with {}, and the credentials are those of {}",
                shown(&arrived.access_key_id),
                shown(who.id)
            );
            found.push(Finding::new(Cause::AccessKeyIdWrong, detail));
        }
        found.extend(
            verify::token_finding(&arrived, who)
                .filter(|_| found.iter().all(|f| f.cause != Cause::TokenOnlyInHeader)),
        );
        if as_meant && let Some(seen) = shape {
            return self.told_apart(&reading.claim, seen, found);
        }
        let outcome = self.search(&arrived, reading, who);
        self.report.headers[2] = unexpected(&arrived, outcome.as_ref());
        self.settle(outcome, (&arrived, reading), who, found);
    }

    /// The signature is right for the request as given: what OSS saw instead is all that is wrong.
    fn told_apart(&mut self, claim: &Claim, seen: &Shape, found: &mut Vec<Finding>) {
        self.compare(claim, seen);
        let differences = self.differences_found(claim.version);
        if differences.is_empty() && self.is_mismatch() {
            let cause = Cause::SecretDiffersOrUrlAltered;
            let detail = "the secret given makes this signature, and OSS signed the same text: \
 OSS has another secret for this AccessKey id";
            found.push(Finding {
                cause,
                ec: number_of(cause, claim.version),
                detail: detail.to_owned(),
            });
        }
        found.extend(differences);
    }

    fn search(
        &self,
        arrived: &Claim,
        reading: &Reading<'_>,
        who: Credentials<'_>,
    ) -> Option<Outcome> {
        let knows_method = self.question.method.is_some() || self.is_mismatch();
        let regions: Vec<_> =
            reading.location.region().into_iter().chain(self.question.context.region).collect();
        let clues = Clues {
            secret: who.secret,
            token: who.token,
            bucket: self.question.layout.bucket,
            regions: &regions,
            headers: self.question.headers.unwrap_or_default(),
            knows_method,
            knows_headers: self.question.headers.is_some(),
        };
        let own = arrived.method.clone();
        let methods = ["GET", "PUT", "HEAD", "POST", "DELETE"].into_iter();
        let others = methods.filter(|method| !knows_method && *method != own);
        let methods = std::iter::once(own.as_str()).chain(others);
        let all = methods.map(|method| Claim { method: method.to_owned(), ..arrived.clone() });
        guess::search(&all.collect::<Vec<_>>(), clues)
    }

    /// Takes the search's outcome into the findings.
    fn settle(
        &mut self,
        outcome: Option<Outcome>,
        (arrived, reading): (&Claim, &Reading<'_>),
        who: Credentials<'_>,
        found: &mut Vec<Finding>,
    ) {
        let version = arrived.version;
        let Some(Outcome { found: guessed, signed }) = outcome else {
            // What only looked like it is not what happened.
            let is_piece = signed_prefix(arrived, who.secret);
            found.retain(|finding| match finding.cause {
                Cause::SignaturePlusBecameSpace => false,
                Cause::UrlTruncated => is_piece || !finding.detail.contains("its signature"),
                _ => true,
            });
            let source = self.question.context.source_ip;
            if !is_piece && source.is_some() && reading.is_bound() {
                found.push(verify::address_not_allowed(version, source));
            } else if !is_piece {
                self.report.ruled_out = guess::RULED_OUT.to_vec();
                let cause = Cause::SecretDiffersOrUrlAltered;
                let detail = "neither this request nor one with a usual mistake undone has this signature \
 under the secret given";
                found.push(Finding {
                    cause,
                    ec: number_of(cause, version),
                    detail: detail.to_owned(),
                });
            }
            return;
        };
        found.retain(|finding| {
            !matches!(
                finding.cause,
                Cause::HostUnknown | Cause::HeaderMissing | Cause::UrlTruncated
            )
        });
        let shape = |claim: &Claim| Shape::of_texts(version, &claim.texts());
        self.report.differences = diff::differences(&shape(&signed), &shape(arrived));
        if let Some(facts) = &mut self.report.facts {
            if self.question.method.is_none() {
                facts.method.clone_from(&signed.method);
            }
            facts.bucket = facts.bucket.take().or_else(|| signed.bucket.clone());
        }
        if guessed.is_empty() && self.is_mismatch() && found.is_empty() {
            let detail = "the signature is right for the request as it is given here: \
                          what arrived at OSS was another one, in its method or its headers";
            found.push(Finding { detail: detail.to_owned(), ..verify::mismatch(version) });
        }
        let was_unknown = arrived.bucket.is_none();
        for mut finding in guessed {
            let known = found
                .iter()
                .any(|own| own.cause == finding.cause && !finding.cause.is_repeatable());
            let guessed_bucket = was_unknown && finding.cause == Cause::BucketWrong;
            if !known && !guessed_bucket {
                finding.ec = number_of(finding.cause, version);
                found.push(finding);
            }
        }
    }
}

/// A request that OSS saw: its method, path and headers in place of those that were given.
fn as_seen(claim: &mut Claim, seen: &Shape) {
    if let Some(method) = seen.get("method") {
        method.clone_into(&mut claim.method);
        let covered: Vec<_> = claim.covered_headers().map(|(name, _)| name.to_owned()).collect();
        claim.headers.retain(|(name, _)| !covered.contains(name));
        claim.headers.extend(seen.headers().map(|(n, v)| (n.to_owned(), v.to_owned())));
    }
    let bucket = claim.bucket.as_deref().map_or("/".to_owned(), |bucket| format!("/{bucket}/"));
    let own = seen.get("path").and_then(|path| path.strip_prefix(&bucket));
    if let Some(key) = own {
        let decoded = encode::decode_strictly(key).filter(|_| claim.version == Version::V4);
        claim.key = decoded.unwrap_or_else(|| key.to_owned());
    }
}

/// Whether the URL holds the beginning of the right signature.
fn signed_prefix(claim: &Claim, secret: &str) -> bool {
    !claim.signature.is_empty() && claim.sign(secret).starts_with(&claim.signature)
}

/// Headers that arrived and were not signed.
fn unexpected(arrived: &Claim, outcome: Option<&Outcome>) -> Vec<String> {
    let Some(Outcome { signed, .. }) = outcome else { return vec![] };
    let new = arrived.covered_headers().filter(|(name, _)| signed.header(name).is_none());
    new.map(|(name, _)| name.to_owned()).collect()
}
