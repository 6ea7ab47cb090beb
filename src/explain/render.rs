//! A report for people, in plain text.

use super::claim::Place;
use super::report::Report;
use super::see::{Finding, span};
use super::verify::Facts;
use crate::clock;
use crate::presign::Version;
use std::fmt;

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let first = self.finding();
        writeln!(f, "Cause: {}", named(first))?;
        writeln!(f, "  {}", first.detail)?;
        writeln!(f, "Fix: {}", first.cause.fix())?;
        for other in self.findings.iter().skip(1) {
            writeln!(f, "Also: {}\n  {}", named(other), other.detail)?;
        }
        if let Some(facts) = &self.facts {
            write_facts(f, facts)?;
        }
        self.write_headers(f)?;
        self.write_differences(f)?;
        self.write_texts(f)?;
        list(f, "Not checked", &self.unchecked)?;
        list(f, "Ruled out", &self.ruled_out)
    }
}

impl Report {
    fn write_headers(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = ["Headers sent and signed", "Headers sent, not signed", "Headers not expected"];
        for (name, headers) in names.iter().zip(&self.headers) {
            if !headers.is_empty() {
                writeln!(f, "{name}: {}", headers.join(", "))?;
            }
        }
        Ok(())
    }

    fn write_differences(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.differences.is_empty() {
            writeln!(f, "Differences:")?;
        }
        for one in &self.differences {
            let side = |text: &Option<String>| text.clone().unwrap_or_else(|| "(none)".to_owned());
            writeln!(f, "  {}", one.part)?;
            writeln!(f, "  - signed:   {}", side(&one.signed))?;
            writeln!(f, "  + received: {}", side(&one.received))?;
        }
        Ok(())
    }

    fn write_texts(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let server = self.server.as_ref();
        let theirs = server.and_then(|server| server.canonical_request.as_deref());
        write_text(f, "Canonical request", self.canonical_request.as_deref(), theirs)?;
        let theirs = server.and_then(|server| server.string_to_sign.as_deref());
        write_text(f, "String to sign", self.string_to_sign.as_deref(), theirs)
    }
}

fn named(finding: &Finding) -> String {
    match finding.ec {
        Some(ec) => format!("{} (EC {ec})", finding.cause),
        None => finding.cause.to_string(),
    }
}

fn write_facts(f: &mut fmt::Formatter<'_>, facts: &Facts) -> fmt::Result {
    let bucket = facts.bucket.as_deref().unwrap_or("(unknown bucket)");
    writeln!(f, "Request: {} {bucket}/{}", facts.method, facts.key)?;
    let version = if facts.version == Version::V4 { 4 } else { 1 };
    let place = if facts.place == Place::Query { "the URL" } else { "a header" };
    write!(f, "  signature version {version} in {place}, AccessKey {}", facts.access_key_id)?;
    write!(f, "{}", if facts.is_temporary { " with a token" } else { "" })?;
    if let Some(region) = &facts.region {
        write!(f, ", region {region}")?;
    }
    writeln!(f)?;
    if let Some(at) = facts.signed_at {
        writeln!(f, "  signed {}", clock::iso_extended(at))?;
    }
    if let (Some(end), Some(left)) = (facts.expiration, facts.seconds_left) {
        let words = if left < 0 { "ago" } else { "left" };
        writeln!(
            f,
            "  ends {}, {} {words}",
            clock::iso_extended(end),
            span(left.saturating_abs())
        )?;
    }
    Ok(())
}

/// A text line by line; where OSS's differs, `-` marks what is computed here and `+` what OSS has.
fn write_text(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    ours: Option<&str>,
    theirs: Option<&str>,
) -> fmt::Result {
    let Some(ours) = ours else { return Ok(()) };
    let Some(theirs) = theirs else {
        writeln!(f, "{name}:")?;
        return ours.split('\n').try_for_each(|line| writeln!(f, "    {line}"));
    };
    writeln!(f, "{name} (- computed here, + by OSS):")?;
    let (ours, theirs): (Vec<_>, Vec<_>) =
        (ours.split('\n').collect(), theirs.split('\n').collect());
    let same = ours.iter().zip(&theirs).take_while(|(one, other)| one == other).count();
    let (left, right) = (&ours[same..], &theirs[same..]);
    let tail = left.iter().rev().zip(right.iter().rev()).take_while(|(one, other)| one == other);
    let tail = tail.count();
    ours[..same].iter().try_for_each(|line| writeln!(f, "    {line}"))?;
    left[..left.len() - tail].iter().try_for_each(|line| writeln!(f, "  - {line}"))?;
    right[..right.len() - tail].iter().try_for_each(|line| writeln!(f, "  + {line}"))?;
    left[left.len() - tail..].iter().try_for_each(|line| writeln!(f, "    {line}"))
}

fn list(f: &mut fmt::Formatter<'_>, name: &str, items: &[impl fmt::Display]) -> fmt::Result {
    if !items.is_empty() {
        writeln!(f, "{name}:")?;
    }
    items.iter().try_for_each(|item| writeln!(f, "  {item}"))
}
