//! How an explanation comes about: what arrived is put together, judged, and told in order.

mod secret;
mod visible;

use crate::clock;
use crate::explain::answer::Answer;
use crate::explain::cause::Cause;
use crate::explain::claim::{Claim, Texts};
use crate::explain::damage::{self, Mended};
use crate::explain::diff::Shape;
use crate::explain::mask::Mask;
use crate::explain::parse::{self, Received};
use crate::explain::read::Reading;
use crate::explain::report::{Question, Report, Server};
use crate::explain::see::{self, Context, Finding, shown};
use crate::explain::verify::{self, Facts};
use crate::presign::Version;
use crate::restriction::{SUBNET_MASK, TRAFFIC_LIMIT, VPC_ID};

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
            Ok(reading) => {
                self.judge(&reading.from_address(self.question.context.source_ip), &shape);
            }
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
        let is_open = reading.hides_address() && context.source_ip.is_none();
        match self.question.who {
            Some(who) if !is_open => self.judge_with_secret(reading, shape, who, &mut found),
            _ => self.judge_without(reading, shape, &mut found),
        }
        if is_open {
            let words = "the signature itself: the URL is bound to addresses, and that takes the one it \
                         came from (`source_ip=`)";
            self.report.unchecked.push(words.to_owned());
        }
        self.order(found, claim);
        self.leave_open(claim);
    }

    fn headers(&mut self, claim: &Claim) {
        let [signed, unsigned, _] = &mut self.report.headers;
        for (name, _) in &claim.headers {
            let list = if claim.covers(name) { &mut *signed } else { &mut *unsigned };
            list.push(name.clone());
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
        if let Some(mut said) = self.answer.as_ref().and_then(Answer::finding) {
            said.detail.push_str(&violated(claim, said.cause).unwrap_or_default());
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
            open.push("the headers, which were not given: any Content-Type, Content-MD5 or x-oss-* header \
 must be the signed one".to_owned());
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

/// Among the causes that OSS all answers alike, its number depends on the version.
fn number_of(cause: Cause, version: Version) -> Option<&'static str> {
    let own = if version == Version::V4 { "0002-00000201" } else { "0002-00000040" };
    cause.ecs().iter().find(|ec| **ec == own).copied()
}

/// The restriction of the URL that OSS's answer is about.
fn violated(claim: &Claim, cause: Cause) -> Option<String> {
    let own = |name| claim.parameter(name).map(shown);
    match cause {
        Cause::AddressNotAllowed => {
            own(SUBNET_MASK).map(|mask| format!(" The URL is bound to {mask} bits of an address."))
        }
        Cause::VpcNotAllowed => own(VPC_ID).map(|id| format!(" The URL is bound to {id}.")),
        Cause::RestrictionMalformed => {
            let all = [SUBNET_MASK, TRAFFIC_LIMIT].iter().filter_map(|name| {
                let value = own(name).or_else(|| claim.header(name).map(shown))?;
                Some(format!("{name} is '{value}'"))
            });
            let all = all.collect::<Vec<_>>().join(", ");
            (!all.is_empty()).then(|| format!(" In the request {all}."))
        }
        _ => None,
    }
}

/// Whether a parameter's name is, or once was, that of a token or a signature.
fn is_nearly_secret(name: &str) -> bool {
    const WHOLE: [&str; 2] = ["x-oss-signature-version", "Signature"];
    let piece = ["secur", "token", "signa", "nature"].iter().any(|piece| name.contains(piece));
    piece && !WHOLE.contains(&name)
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
