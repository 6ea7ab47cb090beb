//! The whole story of one explanation: what arrived, what was found, and in which order it is told.

use super::answer::Answer;
use super::cause::Cause;
use super::claim::{Claim, Place, Texts};
use super::damage::{self, Mended};
use super::diff::{self, Difference, Shape};
use super::guess::{self, Clues, Outcome};
use super::host::{Domain, Layout};
use super::mask::Mask;
use super::parse::{self, Received};
use super::read::Reading;
use super::see::{self, Context, Finding, shown};
use super::verify::{self, Facts};
use crate::clock;
use crate::credentials::Credentials;
use crate::encode;
use crate::presign::Version;

/// What is asked.
#[derive(Clone, Copy)]
pub struct Question<'a> {
    /// The URL, as spoiled as it is.
    pub url: &'a str,
    /// The method that was sent, where it is known.
    pub method: Option<&'a str>,
    /// All headers that were sent, where they are known.
    pub headers: Option<&'a [(&'a str, &'a str)]>,
    /// How hosts name their bucket.
    pub layout: Layout<'a>,
    /// The time, and what is known of the bucket.
    pub context: Context<'a>,
    /// The credentials that the URL should have been signed with.
    pub who: Option<Credentials<'a>>,
    /// The XML that OSS answered with.
    pub server_error: Option<&'a str>,
}

/// The answer. No text in it holds a secret, a token or a whole signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// What is wrong: the first thing that OSS objects to, and what else is.
    pub findings: Vec<Finding>,
    /// What the URL says; None where it cannot be read.
    pub facts: Option<Facts>,
    /// What OSS computes from the request: the canonical request of version 4.
    pub canonical_request: Option<String>,
    /// What OSS computes from the request.
    pub string_to_sign: Option<String>,
    /// What OSS says that it computed.
    pub server: Option<Server>,
    /// Where what was signed and what arrived differ.
    pub differences: Vec<Difference>,
    /// Headers that were sent and are signed, were sent and are not signed, and were sent although
    /// the URL was signed without them.
    pub headers: [Vec<String>; 3],
    /// What could not be checked.
    pub unchecked: Vec<String>,
    /// What was tried and did not fit.
    pub ruled_out: Vec<&'static str>,
}

/// The answer of OSS, as far as it matters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Server {
    /// Its `Code`.
    pub code: Option<String>,
    /// Its `Message`.
    pub message: Option<String>,
    /// Its `EC`.
    pub ec: Option<String>,
    /// Its `RequestId`.
    pub request_id: Option<String>,
    /// Its `CanonicalRequest`.
    pub canonical_request: Option<String>,
    /// Its `StringToSign`.
    pub string_to_sign: Option<String>,
}

impl Report {
    /// What is wrong.
    pub fn finding(&self) -> &Finding {
        const NONE: &Finding = &Finding { cause: Cause::Ok, ec: None, detail: String::new() };
        self.findings.first().unwrap_or(NONE)
    }
}

/// Says why OSS refuses a request, or would.
pub fn explain(question: &Question<'_>) -> Report {
    let mended = damage::mend(question.url);
    let answer = question.server_error.map(Answer::read);
    let mut story =
        Story { question, mended: &mended, answer, report: Report::empty(), mask: Mask::default() };
    story.tell();
    story.report.mask(&story.mask);
    story.report
}

struct Story<'q> {
    question: &'q Question<'q>,
    mended: &'q Mended,
    answer: Option<Answer>,
    report: Report,
    mask: Mask,
}

impl Story<'_> {
    fn tell(&mut self) {
        self.report.findings.clone_from(&self.mended.found);
        if let Some(who) = self.question.who {
            self.mask.hide_wholly(who.secret);
            self.mask.hide(who.token.unwrap_or_default());
        }
        self.hear();
        let Some(parts) = parse::split(&self.mended.url) else {
            let detail = "the text does not begin with http:// or https:// and a host";
            self.report.findings.insert(0, Finding::new(Cause::UrlMalformed, detail));
            return;
        };
        let shape = self.server_shape();
        let (method, headers) = self.sent(&shape, parts.target);
        let headers: Vec<_> = headers.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
        let received =
            Received { method: &method, host: parts.host, target: parts.target, headers: &headers };
        match Reading::of(received, self.question.layout) {
            Ok(reading) => self.judge(&reading, &shape),
            Err(why) => {
                let mut finding = verify::unread(&why);
                if ["X-Amz-", "AWSAccessKeyId"].iter().any(|name| parts.target.contains(name)) {
                    finding.detail =
                        "the URL is signed as for S3 (X-Amz-...), not as for OSS".into();
                }
                self.report.findings.push(finding);
            }
        }
    }

    /// Takes OSS's own words into the report.
    fn hear(&mut self) {
        let Some(answer) = &self.answer else { return };
        let own = |name: &str| answer.get(name).map(ToOwned::to_owned);
        self.mask.hide(answer.get("SignatureProvided").unwrap_or_default());
        self.mask.hide(answer.get("Signature").unwrap_or_default());
        self.report.server = Some(Server {
            code: own("Code"),
            message: own("Message"),
            ec: own("EC"),
            request_id: own("RequestId"),
            canonical_request: answer.canonical_request(),
            string_to_sign: answer.string_to_sign(),
        });
        if answer.is_empty() {
            self.report.unchecked.push("the server's answer: it is no error of OSS".to_owned());
        } else if answer.is_spoiled {
            let words = "all of the server's answer: it is no well-formed XML";
            self.report.unchecked.push(words.to_owned());
        }
    }

    fn server_shape(&self) -> Option<Shape> {
        let answer = self.answer.as_ref()?;
        let canonical = answer.canonical_request();
        let text = answer.string_to_sign();
        let v4 = canonical.is_some()
            || text.as_deref().is_some_and(|text| text.starts_with(crate::v4::ALGORITHM));
        let version = if v4 { Version::V4 } else { Version::V1 };
        canonical.is_some().then_some(()).or(text.as_ref().map(|_| ()))?;
        Some(Shape::of(version, canonical.as_deref(), text.as_deref().unwrap_or_default()))
    }

    /// Method and headers as far as anybody knows them: given, seen by the server, or guessed.
    fn sent(&self, shape: &Option<Shape>, target: &str) -> (String, Vec<(String, String)>) {
        let own = |pairs: &[(&str, &str)]| {
            pairs.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect()
        };
        let seen = shape.as_ref();
        let method = self.question.method.map(str::to_ascii_uppercase);
        let method = method.or_else(|| seen.and_then(|s| s.get("method")).map(ToOwned::to_owned));
        let headers = self.question.headers.map(own);
        let headers = headers.or_else(|| {
            let seen = seen?.headers().collect::<Vec<_>>();
            Some(own(&seen))
        });
        let method = method.unwrap_or_else(|| likely_method(target).to_owned());
        (method, headers.unwrap_or_default())
    }

    fn judge(&mut self, reading: &Reading<'_>, shape: &Option<Shape>) {
        let claim = &reading.claim;
        self.mask.hide(&claim.signature);
        self.mask.hide(claim.token().unwrap_or_default());
        for own in reading.parameters.iter().filter(|own| is_nearly_secret(&own.name)) {
            self.mask.hide(&own.value);
            if own.value.is_empty() {
                self.mask.hide(&own.name);
            }
        }
        self.report.facts = Some(Facts::of(reading, self.question.context.now));
        let context = Context {
            knows_headers: self.question.headers.is_some(),
            bucket: self.question.layout.bucket,
            ..self.question.context
        };
        let mut found = see::findings(reading, context);
        found.extend(damage::truncation(&self.mended.url));
        found.extend(self.hints(reading));
        let Texts { canonical_request, string_to_sign } = claim.texts();
        (self.report.canonical_request, self.report.string_to_sign) =
            (canonical_request, Some(string_to_sign));
        self.headers(claim);
        match self.question.who {
            Some(who) => self.judge_with_secret(reading, shape, who, &mut found),
            None => self.judge_without(reading, shape, &mut found),
        }
        self.order(found, claim);
        self.leave_open(claim);
    }

    /// What a server does not object to, or never gets to see.
    fn hints(&self, reading: &Reading<'_>) -> Vec<Finding> {
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

    fn headers(&mut self, claim: &Claim) {
        let [signed, unsigned, _] = &mut self.report.headers;
        for (name, _) in &claim.headers {
            let list = if claim.covers(name) { &mut *signed } else { &mut *unsigned };
            list.push(name.clone());
        }
    }

    fn judge_without(
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
    fn compare(&mut self, signed: &Claim, seen: &Shape) {
        let only_lines = seen.get("scope").is_some();
        let mut texts = signed.texts();
        if only_lines {
            texts.canonical_request = None;
        }
        self.report.differences = diff::differences(&Shape::of_texts(signed.version, &texts), seen);
    }

    fn differences_found(&self, version: Version) -> Vec<Finding> {
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
            "nothing that can be seen without the secret explains it; OSS signed what is computed here"
                .to_owned()
        } else {
            format!(
                "the secret differs, or the URL was not signed with these headers, which OSS got: {}",
                sent.join(", ")
            )
        };
        finding
    }

    fn is_mismatch(&self) -> bool {
        self.answer.as_ref().is_some_and(Answer::is_mismatch)
    }

    fn judge_with_secret(
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
        self.settle(outcome, &arrived, who, found);
    }

    /// The signature is right for the request as given: what OSS saw instead is all that is wrong.
    fn told_apart(&mut self, claim: &Claim, seen: &Shape, found: &mut Vec<Finding>) {
        self.compare(claim, seen);
        let differences = self.differences_found(claim.version);
        if differences.is_empty() && self.is_mismatch() {
            let cause = Cause::SecretDiffersOrUrlAltered;
            let detail = "the secret given makes this signature, and OSS signed the same text: OSS has another secret for this AccessKey id";
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
        arrived: &Claim,
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
            if !is_piece {
                self.report.ruled_out = guess::RULED_OUT.to_vec();
                let cause = Cause::SecretDiffersOrUrlAltered;
                let detail = "neither this request nor one with a usual mistake undone has this signature under the secret given";
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
            facts.method.clone_from(&signed.method);
            facts.bucket.clone_from(&signed.bucket);
        }
        let was_unknown = arrived.bucket.is_none();
        for mut finding in guessed {
            let known = found
                .iter()
                .any(|own| own.cause == finding.cause && !finding.cause.is_repeatable());
            if !known && !(was_unknown && finding.cause == Cause::BucketWrong) {
                finding.ec = number_of(finding.cause, version);
                found.push(finding);
            }
        }
    }

    /// What OSS said comes first; then what it would meet first.
    fn order(&mut self, mut found: Vec<Finding>, claim: &Claim) {
        let mismatch = self.is_mismatch();
        // What OSS would have refused before it looked at the signature is not what it refused.
        let late = |cause: Cause| mismatch && matches!(cause, Cause::Expired | Cause::NotYetValid);
        for finding in &mut found {
            finding.ec = finding.ec.or(number_of(finding.cause, claim.version));
        }
        found.sort_by_key(|finding| (late(finding.cause), finding.cause));
        self.report.findings.extend(found);
        if let Some(said) = self.answer.as_ref().and_then(Answer::finding) {
            self.report
                .findings
                .retain(|own| own.cause != said.cause || said.cause == Cause::Expired);
            self.report.findings.insert(0, said);
        }
        self.report.findings.dedup();
    }

    /// Says what could not be checked, and that all else is well if it is.
    fn leave_open(&mut self, claim: &Claim) {
        let question = self.question;
        let sent: Vec<_> = claim.covered_headers().map(|(name, _)| name).collect();
        let mut open = Vec::new();
        if question.who.is_none() {
            open.push("the signature itself: that takes the credentials".to_owned());
            if question.headers.is_some() && !sent.is_empty() {
                open.push(format!(
                    "whether the URL was signed with {}, which OSS signs when it is sent",
                    sent.join(", ")
                ));
            }
            if question.method.is_none() && self.report.server.is_none() {
                open.push(format!("the method, which was not given: {} is assumed", claim.method));
            }
        }
        if question.headers.is_none() && self.report.server.is_none() {
            open.push("the headers, which were not given: any Content-Type, Content-MD5 or x-oss-* header must be the signed one".to_owned());
        }
        self.report.unchecked.extend(open);
        if self.report.findings.is_empty() {
            let detail = self.all_well();
            self.report.findings.push(Finding::new(Cause::Ok, detail));
        }
    }

    fn all_well(&self) -> String {
        let mut words = "nothing wrong is to be seen".to_owned();
        if let Some(facts) = &self.report.facts {
            let bucket = facts.bucket.as_deref().unwrap_or("?");
            words = format!("{words}: {} {bucket}/{}", facts.method, shown(&facts.key));
            if let (Some(end), Some(left)) = (facts.expiration, facts.seconds_left) {
                words =
                    format!("{words} until {}, for {}", clock::iso_extended(end), see::span(left));
            }
        }
        match self.report.unchecked.as_slice() {
            [] => words,
            open => format!("{words}; not checked: {}", open.join("; ")),
        }
    }
}

impl Report {
    fn empty() -> Self {
        Self {
            findings: vec![],
            facts: None,
            canonical_request: None,
            string_to_sign: None,
            server: None,
            differences: vec![],
            headers: Default::default(),
            unchecked: vec![],
            ruled_out: vec![],
        }
    }

    fn mask(&mut self, mask: &Mask) {
        let over = |text: &mut String| *text = mask.over(text);
        self.findings.iter_mut().for_each(|finding| over(&mut finding.detail));
        self.unchecked.iter_mut().for_each(over);
        self.headers.iter_mut().flatten().for_each(over);
        self.canonical_request.iter_mut().for_each(over);
        self.string_to_sign.iter_mut().for_each(over);
        if let Some(server) = &mut self.server {
            let Server { code, message, ec, request_id, canonical_request, string_to_sign } =
                server;
            let all = [code, message, ec, request_id, canonical_request, string_to_sign];
            all.into_iter().flatten().for_each(over);
        }
        for one in &mut self.differences {
            let name = one.part.rsplit(' ').next().unwrap_or_default().to_owned();
            for side in [&mut one.signed, &mut one.received].into_iter().flatten() {
                let masked = mask.over(&format!("{name}={side}"));
                *side = masked.strip_prefix(&format!("{name}=")).unwrap_or(&masked).to_owned();
            }
            over(&mut one.part);
        }
        if let Some(facts) = &mut self.facts {
            facts.parameters.iter_mut().for_each(|(_, value)| over(value));
            over(&mut facts.key);
        }
    }
}

/// Among the causes that OSS all answers alike, its number depends on the version.
fn number_of(cause: Cause, version: Version) -> Option<&'static str> {
    let own = if version == Version::V4 { "0002-00000201" } else { "0002-00000040" };
    cause.ecs().iter().find(|ec| **ec == own).copied()
}

fn is_of_signature(cause: Cause) -> bool {
    cause >= Cause::HostChanged
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

/// Whether a parameter's name is, or once was, that of a token or a signature.
fn is_nearly_secret(name: &str) -> bool {
    const WHOLE: [&str; 2] = ["x-oss-signature-version", "Signature"];
    let piece = ["secur", "token", "signa", "nature"].iter().any(|piece| name.contains(piece));
    piece && !WHOLE.contains(&name)
}

/// A form's boundary is drawn when it is sent: no URL was ever signed with it.
fn random_boundary(claim: &Claim) -> Option<Finding> {
    let sent = claim.header("content-type")?;
    let form = sent.to_ascii_lowercase().contains("multipart/form-data; boundary=");
    let detail = "the client sent a form (multipart/form-data with a boundary of its own), which no presigned URL was signed with: send the file itself as the body";
    form.then(|| Finding::new(Cause::ContentTypeAdded, detail))
}

/// The method that a URL is probably for, where nobody says.
fn likely_method(target: &str) -> &'static str {
    let query = target.split_once('?').map_or("", |(_, query)| query);
    let has = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    match () {
        () if has("partNumber") => "PUT",
        () if has("uploads") => "POST",
        () => "GET",
    }
}
