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
use crate::explain::report::{Question, Report, explain};
use crate::explain::see::{Context, Finding};
use crate::explain::verify::{self, Facts, verify};
use axum::http::{HeaderValue, Method};
use std::borrow::Cow;
use tokio::task::block_in_place;

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
    let headers: Vec<_> = call.headers.iter().map(|(name, value)| (name, text_of(value))).collect();
    let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), &**value)).collect();
    let host = [call.host.as_str()];
    let layout = match call.is_path_style {
        true => Layout { bucket: None, endpoints: &host },
        false => Layout { bucket: Some(&call.bucket), endpoints: &[] },
    };
    let region = emulator.settings.region.as_deref();
    let source_ip = call.peer.as_deref().and_then(|peer| peer.parse().ok());
    let now = call.now * SECOND;
    let context = Context { now, region, bucket: None, knows_headers: true, source_ip };
    let own = emulator.settings.credentials.as_ref();
    let sent = Sent { call, headers: &headers, layout, context };
    match sent.verify(own) {
        Ok(_) => Ok(Who::Owner),
        Err(refusal) if refusal.finding.cause == Cause::NotPresigned => anybody(emulator, call),
        Err(refusal) => {
            let explain = || sent.explanation(&refusal.finding, own);
            let explanation = Some(block_in_place(explain));
            Err(Refusal { explanation, ..refused(call, &refusal) })
        }
    }
}

/// A request as those see it who judge it.
struct Sent<'s> {
    call: &'s Call,
    headers: &'s [(&'s str, &'s str)],
    layout: Layout<'s>,
    context: Context<'s>,
}

impl Sent<'_> {
    fn verify(&self, own: Credentials<'_>) -> Result<Facts, Box<verify::Refusal>> {
        let received = Received {
            method: self.call.method.as_str(),
            host: &self.call.host,
            target: &self.call.target,
            headers: self.headers,
        };
        verify(received, self.layout, self.context, &|id: &str| (id == own.id).then_some(own))
    }

    /// What is wrong and what to do about it, in a line. What made another signature is searched
    /// for.
    fn explanation(&self, found: &Finding, own: Credentials<'_>) -> String {
        let question = Question {
            url: &format!("http://{}{}", self.call.host, self.call.target),
            method: Some(self.call.method.as_str()),
            headers: Some(self.headers),
            layout: self.layout,
            context: self.context,
            who: Some(own),
            server_error: None,
        };
        let searched = (found.cause.answer().1 == MISMATCH).then(|| explain(&question));
        let found = searched.as_ref().map_or(found, Report::finding);
        let words = format!("{}: {}. {}", found.cause, found.detail, found.cause.fix());
        match found.cause {
            Cause::AccessKeyUnknown => {
                format!("{words} The emulator's own AccessKey is {}.", own.id)
            }
            _ => words,
        }
    }
}

/// As OSS reads it: bytes that are no UTF-8 cannot be signed.
fn text_of(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
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

fn refused(call: &Call, refused: &verify::Refusal) -> Refusal {
    let finding = &refused.finding;
    let (status, code) = finding.cause.answer();
    let mut refusal = Refusal::new(status, code, words(finding.cause, code, &finding.detail));
    refusal.ec =
        finding.ec.or_else(|| finding.cause.ecs().first().copied().filter(|_| code == MISMATCH));
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
