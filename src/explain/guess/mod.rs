//! Which single mistake, or which two, make the signature right: tried one by one, with the secret.

mod headers;
mod media;
mod names;
mod query;

use super::cause::Cause;
use super::claim::Claim;
use super::see::Finding;
use crate::crypto;
use std::borrow::Cow;

/// What may have been otherwise when the URL was signed.
pub struct Guess<'a> {
    /// What is wrong if this is how it was.
    cause: Cause,
    /// In words: how it was signed, and how it arrived.
    detail: String,
    /// Guesses about one thing exclude each other.
    about: Cow<'static, str>,
    /// One of many alike, such as a media type: not every pair with it is tried.
    is_one_of_many: bool,
    change: Change<'a>,
}

enum Change<'a> {
    /// To what is signed.
    Claim(Box<dyn Fn(&mut Claim) + 'a>),
    /// To the secret.
    Secret(String),
}

/// What the search has to go by.
#[derive(Clone, Copy)]
pub struct Clues<'a> {
    /// The secret.
    pub secret: &'a str,
    /// The security token of the credentials.
    pub token: Option<&'a str>,
    /// The bucket, where somebody has said it.
    pub bucket: Option<&'a str>,
    /// The region, where somebody has said it, or the host names it.
    pub regions: &'a [&'a str],
    /// The headers as they were given, with spaces and case.
    pub headers: &'a [(&'a str, &'a str)],
    /// Whether the method is known; otherwise every method is as good as the one assumed.
    pub knows_method: bool,
    /// Whether the headers are known.
    pub knows_headers: bool,
}

/// What came out.
pub struct Outcome {
    /// What was wrong: one finding or two. Empty where the signature is right as it is.
    pub found: Vec<Finding>,
    /// The claim as it was signed.
    pub signed: Claim,
}

impl<'a> Guess<'a> {
    fn new(
        about: impl Into<Cow<'static, str>>,
        cause: Cause,
        detail: String,
        change: impl Fn(&mut Claim) + 'a,
    ) -> Self {
        let change = Change::Claim(Box::new(change));
        Self { cause, detail, about: about.into(), is_one_of_many: false, change }
    }

    fn one_of_many(self) -> Self {
        Self { is_one_of_many: true, ..self }
    }

    fn apply<'s>(&'s self, claim: &mut Claim, secret: &mut &'s str) {
        match &self.change {
            Change::Claim(change) => change(claim),
            Change::Secret(other) => *secret = other,
        }
    }

    fn finding(&self) -> Finding {
        Finding::new(self.cause, self.detail.clone())
    }
}

/// Looks for what makes the signature right: nothing, one guess, or two.
///
/// `claims` are the same but for their methods, of which the first is the likeliest. A code of 160
/// or 256 bits is not met by chance: what is found is what happened, or what has the same effect.
/// None where nothing is found.
pub fn search(claims: &[Claim], clues: Clues<'_>) -> Option<Outcome> {
    let right = claims.iter().find(|claim| claim.is_signed_by(clues.secret));
    if let Some(claim) = right {
        return Some(Outcome { found: vec![], signed: claim.clone() });
    }
    let guesses: Vec<_> = claims.iter().map(|claim| guesses(claim, clues)).collect();
    let mut all = claims.iter().zip(&guesses);
    let mut pairs = claims.iter().zip(&guesses);
    all.find_map(|(claim, guesses)| one(claim, clues.secret, guesses))
        .or_else(|| pairs.find_map(|(claim, guesses)| two(claim, clues.secret, guesses)))
}

/// What [`search`] tries, for people.
pub const RULED_OUT: [&str; 8] = [
    "another HTTP method",
    "a Content-Type absent, present or written otherwise",
    "x-oss-* headers absent, present or written otherwise",
    "the key encoded or decoded once more, '+' for space, a leading slash",
    "a parameter absent, present or encoded otherwise; the token absent",
    "another region, bucket or product",
    "white space or quotes around the secret",
    "any two of these together",
];

fn one(claim: &Claim, secret: &str, guesses: &[Guess<'_>]) -> Option<Outcome> {
    guesses.iter().take(most_tries(claim)).find_map(|guess| {
        let (mut signed, mut secret) = (claim.clone(), secret);
        guess.apply(&mut signed, &mut secret);
        fits(&signed, secret).then(|| Outcome { found: vec![guess.finding()], signed })
    })
}

/// How many texts are signed at most: of the usual length as many as there are pairs, and of long
/// ones fewer, so that a request with thousands of parameters does not take minutes.
fn most_tries(claim: &Claim) -> usize {
    const MOST_BYTES: usize = 200_000_000;
    let texts = claim.texts();
    MOST_BYTES / (texts.canonical_request.unwrap_or(texts.string_to_sign).len() + 1000)
}

fn two(claim: &Claim, secret: &str, guesses: &[Guess<'_>]) -> Option<Outcome> {
    let mut left = most_tries(claim);
    for (at, first) in guesses.iter().enumerate() {
        let (mut base, mut base_secret) = (claim.clone(), secret);
        first.apply(&mut base, &mut base_secret);
        for second in &guesses[at + 1..] {
            if first.about == second.about || (first.is_one_of_many && second.is_one_of_many) {
                continue;
            }
            left = left.checked_sub(1)?;
            let (mut signed, mut secret) = (base.clone(), base_secret);
            second.apply(&mut signed, &mut secret);
            if fits(&signed, secret) {
                let found = vec![first.finding(), second.finding()];
                return Some(Outcome { found, signed });
            }
        }
    }
    None
}

fn fits(claim: &Claim, secret: &str) -> bool {
    crypto::same(claim.sign(secret).as_bytes(), claim.signature.as_bytes())
}

/// Every guess; the plain ones first, so that they are named where several have the same effect.
fn guesses<'a>(claim: &Claim, clues: Clues<'a>) -> Vec<Guess<'a>> {
    let mut all = secrets(clues);
    all.extend(methods(claim, clues));
    all.extend(headers::guesses(claim, clues));
    all.extend(query::guesses(claim, clues));
    all.extend(names::guesses(claim, clues));
    all.extend(headers::unknown(claim, clues));
    all.extend(media::guesses(claim, clues));
    all
}

fn methods<'a>(claim: &Claim, clues: Clues<'_>) -> Vec<Guess<'a>> {
    let own = claim.method.clone();
    let others = ["GET", "PUT", "POST", "HEAD", "DELETE", "OPTIONS"].into_iter();
    let others = others.filter(|method| *method != own && clues.knows_method);
    others
        .map(|method| {
            let detail = format!("signed for {method}; the client sent {own}");
            Guess::new("method", Cause::MethodWrong, detail, move |claim| {
                claim.method = method.to_owned();
            })
        })
        .collect()
}

fn secrets<'a>(clues: Clues<'_>) -> Vec<Guess<'a>> {
    let own = clues.secret;
    let is_around = |c: char| c.is_whitespace() || "\"'\u{feff}\u{200b}".contains(c);
    let stripped = own.trim_matches(is_around);
    let mut others = Vec::new();
    if stripped.len() < own.len() {
        others.push((
            stripped.to_owned(),
            "the secret given has white space or quotes around it, the one that signed has not",
        ));
    }
    let with = "signed with white space or quotes around the secret";
    for (before, after) in [
        ("", "\n"),
        ("", "\r\n"),
        ("", "\r"),
        ("", " "),
        ("", "\t"),
        (" ", ""),
        ("\t", ""),
        ("\n", ""),
        (" ", " "),
        ("\"", "\""),
        ("'", "'"),
        ("\u{feff}", ""),
        ("", "\u{200b}"),
        ("", "  "),
    ] {
        others.push((format!("{before}{stripped}{after}"), with));
    }
    others
        .into_iter()
        .filter(|(secret, _)| secret != own)
        .map(|(secret, detail)| Guess {
            cause: Cause::SecretWhitespace,
            detail: detail.to_owned(),
            about: "secret".into(),
            is_one_of_many: false,
            change: Change::Secret(secret),
        })
        .collect()
}
