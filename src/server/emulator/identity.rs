//! Who asks? Signatures are verified as OSS does it, and refusals are worded as OSS words them.

use super::app::Emulator;
use super::call::Call;
use super::digest::upper_hex;
use super::kept;
use super::refusal::Refusal;
use crate::clock::{self, SECOND};
use crate::credentials::Credentials;
use crate::explain::cause::Cause;
use crate::explain::claim::{Claim, Texts};
use crate::explain::host::Layout;
use crate::explain::parse::Received;
use crate::explain::see::Context;
use crate::explain::verify::{self, verify};
use axum::http::Method;

/// Who asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Who {
    /// Whoever has the emulator's AccessKey.
    Owner,
    /// Anybody: the request carries no signature.
    Anybody,
}

/// # Errors
/// What OSS answers to a request whose signature is wrong, out of time, or needed and missing.
pub(super) fn identify(emulator: &Emulator, call: &Call) -> Result<Who, Refusal> {
    let headers: Vec<(&str, String)> = call
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), String::from_utf8_lossy(value.as_bytes()).into()))
        .collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let received = Received {
        method: call.method.as_str(),
        host: &call.host,
        target: &call.target,
        headers: &headers,
    };
    let host = [call.host.as_str()];
    let layout = match call.is_path_style {
        true => Layout { bucket: None, endpoints: &host },
        false => Layout { bucket: Some(&call.bucket), endpoints: &[] },
    };
    let settings = &emulator.settings;
    let context = Context {
        now: call.now * SECOND,
        region: settings.region.as_deref(),
        bucket: None,
        knows_headers: true,
    };
    let own = settings.credentials.as_ref();
    let find = |id: &str| (id == own.id).then_some(own);
    match verify(received, layout, context, &find) {
        Ok(_) => Ok(Who::Owner),
        Err(refusal) if refusal.finding.cause == Cause::NotPresigned => anybody(emulator, call),
        Err(refusal) => Err(refused(call, &refusal, own)),
    }
}

/// Who does not sign may read what is for everybody.
fn anybody(emulator: &Emulator, call: &Call) -> Result<Who, Refusal> {
    if matches!(call.method, Method::GET | Method::HEAD) {
        let object = emulator.store.object(&call.bucket, &call.key)?;
        if object.as_ref().is_some_and(kept::is_public) {
            return Ok(Who::Anybody);
        }
    }
    let message = "You have no right to access this object because of bucket acl.";
    let explanation = Some(format!("{}: {}", Cause::NotPresigned, Cause::NotPresigned.fix()));
    let refusal = Refusal::new(403, "AccessDenied", message).ec("0003-00000001");
    Err(Refusal { explanation, ..refusal })
}

fn refused(call: &Call, refused: &verify::Refusal, own: Credentials<'_>) -> Refusal {
    let finding = &refused.finding;
    let (status, code) = finding.cause.answer();
    let mut refusal = Refusal::new(status, code, words(finding.cause, code, &finding.detail));
    refusal.ec =
        finding.ec.or_else(|| finding.cause.ecs().first().copied().filter(|_| code == MISMATCH));
    let detail = &finding.detail;
    let mut explanation = format!("{}: {detail}. {}", finding.cause, finding.cause.fix());
    if finding.cause == Cause::AccessKeyUnknown {
        explanation.push_str(&format!(" The emulator's own AccessKey is {}.", own.id));
    }
    refusal.explanation = Some(explanation);
    match (&refused.claim, &refused.texts) {
        (Some(claim), Some(texts)) if code == MISMATCH => with_texts(refusal, claim, texts),
        (Some(claim), _) => with_facts(refusal, call, finding.cause, claim),
        _ => refusal,
    }
}

const MISMATCH: &str = "SignatureDoesNotMatch";

/// The sentence of OSS where it is known, and ours where it is not.
fn words(cause: Cause, code: &str, detail: &str) -> String {
    let known = match (cause, code) {
        (_, MISMATCH) => {
            "The request signature we calculated does not match the signature you provided. \
             Check your key and signing method."
        }
        (Cause::Expired, _) => "Request has expired.",
        (Cause::AccessKeyUnknown, _) => {
            "The OSS Access Key Id you provided does not exist in our records."
        }
        (Cause::HeaderAndQuerySigned, _) => {
            "Either the Signature query string parameter or the Authorization header should be \
             specified, not both."
        }
        (Cause::ClockSkewed, _) => {
            "The difference between the request time and the current time is too large."
        }
        (_, "InvalidSecurityToken") => "The security token you provided is invalid.",
        _ => detail,
    };
    known.to_owned()
}

/// What OSS tells of a signature that it computed otherwise.
fn with_texts(refusal: Refusal, claim: &Claim, texts: &Texts) -> Refusal {
    let bytes = |text: &str| text.bytes().map(|byte| upper_hex(&[byte]) + " ").collect::<String>();
    let refusal = refusal
        .detail("OSSAccessKeyId", &claim.access_key_id)
        .detail("SignatureProvided", &claim.signature)
        .detail("StringToSign", &texts.string_to_sign)
        .detail("StringToSignBytes", bytes(&texts.string_to_sign));
    match &texts.canonical_request {
        Some(canonical) => refusal
            .detail("CanonicalRequest", canonical)
            .detail("CanonicalRequestBytes", bytes(canonical)),
        None => refusal,
    }
}

/// What OSS tells of a request that comes at the wrong time, or of a wrong AccessKey.
fn with_facts(refusal: Refusal, call: &Call, cause: Cause, claim: &Claim) -> Refusal {
    let time = |second: i64| clock::iso_millis(second * SECOND);
    match cause {
        Cause::AccessKeyUnknown => refusal.detail("OSSAccessKeyId", &claim.access_key_id),
        Cause::Expired => {
            let end = match clock::parse_iso_basic(&claim.date) {
                Some(at) => claim
                    .parameter("x-oss-expires")
                    .and_then(|s| s.parse().ok())
                    .map(|s: i64| at + s),
                None => claim.date.parse().ok(),
            };
            refusal
                .detail("Expires", end.map(time).unwrap_or_default())
                .detail("ServerTime", time(call.now))
        }
        Cause::ClockSkewed => {
            let at =
                clock::parse_iso_basic(&claim.date).or_else(|| clock::parse_http_date(&claim.date));
            refusal
                .detail("MaxAllowedSkewMilliseconds", "900000")
                .detail("RequestTime", at.map(time).unwrap_or_default())
                .detail("ServerTime", time(call.now))
        }
        _ => refusal,
    }
}
