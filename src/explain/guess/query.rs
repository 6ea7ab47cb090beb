//! Guesses about the query: parameters added, removed, or written otherwise.

use super::{Clues, Guess};
use crate::encode;
use crate::explain::cause::Cause;
use crate::explain::claim::{Claim, Parameter};
use crate::explain::see::shown;
use crate::presign::Version;
use crate::v1;

/// Parameters that are often part of a signed URL, with the values that they can have.
const USUAL: [(&str, &[&str]); 9] = [
    ("uploads", &[""]),
    ("acl", &[""]),
    ("tagging", &[""]),
    ("append", &[""]),
    ("position", &["0"]),
    ("versionId", &["null"]),
    ("encoding-type", &["url"]),
    ("x-oss-request-payer", &["requester"]),
    ("response-content-disposition", &["attachment", "inline"]),
];

/// Ends, in seconds, that people choose.
const USUAL_SECONDS: [i64; 22] = [
    60, 120, 180, 300, 600, 900, 1200, 1800, 3600, 7200, 10_800, 14_400, 18_000, 21_600, 28_800,
    36_000, 43_200, 86_400, 172_800, 259_200, 432_000, 604_800,
];

/// All of them.
pub(super) fn guesses<'a>(claim: &Claim, clues: Clues<'a>) -> Vec<Guess<'a>> {
    let mut all = token(claim, clues);
    all.extend(without_any(claim));
    for own in &claim.query {
        if claim.version == Version::V4 || v1::is_sub_resource(&own.name) {
            all.extend(without(claim.version, own));
            all.extend(written(claim.version, own));
        }
    }
    all.extend(repeated(claim));
    all.extend(expires(claim));
    all.extend(missing(claim));
    all
}

fn about(name: &str) -> String {
    format!("parameter {name}")
}

fn token_name(version: Version) -> &'static str {
    if version == Version::V4 { "x-oss-security-token" } else { "security-token" }
}

/// The value of a parameter for people; never that of the token.
fn value_of(name: &str, value: &str) -> String {
    let hidden = name.contains("token") || name.contains("ignature");
    if hidden { "***".to_owned() } else { shown(value) }
}

/// The token of the credentials, where the URL has none or another one.
fn token<'a>(claim: &Claim, clues: Clues<'a>) -> Vec<Guess<'a>> {
    let name = token_name(claim.version);
    let Some(token) = clues.token.filter(|token| claim.token() != Some(token)) else {
        return vec![];
    };
    let (cause, detail) = match claim.token() {
        None => {
            (Cause::TokenMissing, format!("signed with a security token; the URL has no {name}"))
        }
        Some(_) => {
            (Cause::TokenWrong, format!("signed with the token given; the URL has another {name}"))
        }
    };
    vec![Guess::new(about(name), cause, detail, move |claim| {
        claim.query.retain(|own| own.name != name);
        claim.query.push(Parameter::new(name, token));
    })]
}

/// Parameters that a signer of version 4 cannot leave out.
const NEEDED: [&str; 4] =
    ["x-oss-signature-version", "x-oss-credential", "x-oss-date", "x-oss-expires"];

fn without<'a>(version: Version, own: &Parameter) -> Option<Guess<'a>> {
    if version == Version::V4 && NEEDED.contains(&own.name.as_str()) {
        return None;
    }
    let name = own.name.clone();
    let cause =
        if version == Version::V4 { Cause::ParameterAdded } else { Cause::SubResourceNotSigned };
    let detail = format!("signed without the parameter {}, which the URL has", shown(&name));
    Some(Guess::new(about(&name), cause, detail, move |claim| {
        claim.query.retain(|own| own.name != name);
        if name == "x-oss-additional-headers" {
            claim.additional.clear();
        }
    }))
}

/// Several at once: of version 1 all but the token, of version 4 all that are the caller's.
fn without_any<'a>(claim: &Claim) -> Option<Guess<'a>> {
    let version = claim.version;
    let kept = move |name: &str| match version {
        Version::V4 => NEEDED.contains(&name) || BESIDES.contains(&name),
        Version::V1 => name == "security-token" || !v1::is_sub_resource(name),
    };
    let gone: Vec<_> =
        claim.query.iter().filter(|own| !kept(&own.name)).map(|own| shown(&own.name)).collect();
    if gone.len() < 2 {
        return None;
    }
    let cause =
        if version == Version::V4 { Cause::ParameterAdded } else { Cause::SubResourceNotSigned };
    let detail = format!("signed without the parameters {}, which the URL has", gone.join(", "));
    Some(Guess::new("parameters", cause, detail, move |claim| {
        claim.query.retain(|own| kept(&own.name));
    }))
}

/// What is no parameter of the caller.
const BESIDES: [&str; 2] = ["x-oss-security-token", "x-oss-additional-headers"];

/// Only the first, or only the last, of parameters of one name.
fn repeated<'a>(claim: &Claim) -> Vec<Guess<'a>> {
    let mut names: Vec<_> = claim.query.iter().map(|own| own.name.clone()).collect();
    names.sort_unstable();
    let mut twice: Vec<_> =
        names.windows(2).filter(|two| two[0] == two[1]).map(|two| two[0].clone()).collect();
    twice.dedup();
    let keep = |name: String, last: bool| {
        let detail = format!("signed with one parameter {}; the URL has several", shown(&name));
        Guess::new(about(&name), Cause::ParameterRepeated, detail, move |claim: &mut Claim| {
            let mut places: Vec<_> =
                (0..claim.query.len()).filter(|at| claim.query[*at].name == name).collect();
            let kept =
                if last { places.pop() } else { (!places.is_empty()).then(|| places.remove(0)) };
            let mut at = 0;
            claim.query.retain(|own| {
                at += 1;
                own.name != name || Some(at - 1) == kept
            });
        })
    };
    twice.into_iter().flat_map(|name| [keep(name.clone(), false), keep(name, true)]).collect()
}

/// Other ways to write a value.
fn written<'a>(version: Version, own: &Parameter) -> Vec<Guess<'a>> {
    let (name, value) = (&own.name, &own.value);
    let mut all = Vec::new();
    let others = [
        (encode::decode(value), "decoded once more"),
        (encode::query(value), "encoded once more"),
        (value.replace(' ', "+"), "with '+' for each space"),
        (value.replace('+', " "), "with a space for each '+'"),
        (value.trim().to_owned(), "without spaces around it"),
        (String::new(), "without a value"),
        (value.to_lowercase(), "in lower case"),
    ];
    for (other, how) in others.into_iter().filter(|(other, _)| other != value) {
        let (name, sent) = (name.clone(), value_of(name, value));
        let detail =
            format!("the parameter {} was signed {how}; the URL has '{sent}'", shown(&name));
        all.push(Guess::new(about(&name), Cause::ParameterChanged, detail, move |claim| {
            change(claim, &name, |own| own.value.clone_from(&other));
        }));
    }
    let encoded = encode::query(name);
    let texts = match version {
        Version::V4 if value.is_empty() => vec![(format!("{encoded}="), "with '=' and no value")],
        Version::V4 => vec![
            (format!("{encoded}={value}"), "without any encoding"),
            (format!("{encoded}={}", encode::path(value)), "with '/' not encoded"),
            (
                format!("{encoded}={}", encode::query(value).replace("%20", "+")),
                "with '+' for each space",
            ),
        ],
        Version::V1 => vec![],
    };
    for (text, how) in
        texts.into_iter().filter(|(text, _)| *text != format!("{encoded}={}", encode::query(value)))
    {
        let name = name.clone();
        let detail = format!("the parameter {} was signed {how}", shown(&name));
        all.push(Guess::new(about(&name), Cause::ParameterChanged, detail, move |claim| {
            change(claim, &name, |own| own.text = Some(text.clone()));
        }));
    }
    all
}

fn change(claim: &mut Claim, name: &str, change: impl Fn(&mut Parameter)) {
    claim.query.iter_mut().filter(|own| own.name == name).for_each(change);
}

/// Another `x-oss-expires`: people try to make a URL last longer.
fn expires<'a>(claim: &Claim) -> Vec<Guess<'a>> {
    const NAME: &str = "x-oss-expires";
    let sent = claim.parameter(NAME).unwrap_or_default().to_owned();
    if claim.version == Version::V1 || sent.is_empty() {
        return vec![];
    }
    let near = sent.parse::<i64>().ok().into_iter().flat_map(|s| [s - 1, s.saturating_add(1)]);
    let others = USUAL_SECONDS.into_iter().chain(near).map(|s| s.to_string());
    let others = others.filter(|other| *other != sent);
    others
        .map(|other| {
            let detail = format!("signed with {NAME}={other}; the URL says {}", shown(&sent));
            Guess::new(about(NAME), Cause::ParameterChanged, detail, move |claim| {
                change(claim, NAME, |own| own.value.clone_from(&other));
            })
            .one_of_many()
        })
        .collect()
}

/// Parameters that were signed and are not in the URL.
fn missing<'a>(claim: &Claim) -> Vec<Guess<'a>> {
    let absent = |name: &str| claim.parameter(name).is_none();
    let usual = USUAL.into_iter().filter(|(name, _)| absent(name));
    let pairs = usual.flat_map(|(name, values)| values.iter().map(move |value| (name, *value)));
    let version = claim.version;
    let mut all: Vec<_> = pairs
        .filter(|(name, _)| version == Version::V4 || v1::is_sub_resource(name))
        .map(|(name, value)| {
            let end = if value.is_empty() { String::new() } else { format!("={value}") };
            let detail = format!("signed with the parameter {name}{end}, which the URL has not");
            Guess::new(about(name), Cause::ParameterRemoved, detail, move |claim: &mut Claim| {
                claim.query.push(Parameter::new(name, value));
            })
            .one_of_many()
        })
        .collect();
    if version == Version::V4 && claim.additional.is_empty() {
        const NAME: &str = "x-oss-additional-headers";
        let detail = format!("signed with the parameter {NAME}=host, which the URL has not");
        all.push(Guess::new(about(NAME), Cause::ParameterRemoved, detail, |claim: &mut Claim| {
            claim.query.push(Parameter::new(NAME, "host"));
            claim.additional = vec!["host".to_owned()];
        }));
    }
    all
}
