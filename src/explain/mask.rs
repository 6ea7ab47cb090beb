//! Tokens, secrets and signatures taken out of texts that people and logs see.

/// From this length on, a secret is taken out wherever it stands, not only where it belongs.
const LONG: usize = 12;
/// Parameters and headers whose values nobody may see.
const NAMES: [&str; 7] = [
    "x-oss-security-token",
    "security-token",
    "x-oss-signature",
    "Signature",
    "x-oss-server-side-encryption-customer-key",
    "x-oss-copy-source-server-side-encryption-customer-key",
    "authorization",
];

/// What must not be seen.
#[derive(Clone, Default)]
pub struct Mask {
    /// Each secret text, and what is shown in its place.
    hidden: Vec<(String, String)>,
}

/// The first four characters of a long text, so that it can be told from another; none of a short
/// one.
pub fn short(secret: &str) -> String {
    let shown = if secret.chars().count() < LONG { 0 } else { 4 };
    secret.chars().take(shown).collect::<String>() + if shown == 0 { "***" } else { "..." }
}

impl Mask {
    /// Hides a text, and how it is written in a URL; its first characters stay.
    pub fn hide(&mut self, secret: &str) {
        self.add(secret, short(secret));
    }

    /// Hides a text without showing any of it.
    pub fn hide_wholly(&mut self, secret: &str) {
        self.add(secret, "***".to_owned());
    }

    fn add(&mut self, secret: &str, shown: String) {
        for text in [secret.to_owned(), crate::encode::query(secret), secret.replace(' ', "+")] {
            if text.len() >= LONG && !self.hidden.iter().any(|(own, _)| *own == text) {
                self.hidden.push((text, shown.clone()));
            }
        }
        // What is part of another must not spoil it first.
        self.hidden.sort_by_key(|(text, _)| std::cmp::Reverse(text.len()));
    }

    /// The text without what must not be seen, and without what a terminal would obey.
    pub fn over(&self, text: &str) -> String {
        let hidden = self.hidden.iter();
        let text = hidden.fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        let lines = text.split('\n').map(|line| NAMES.iter().fold(line.to_owned(), over_name));
        let text = lines.collect::<Vec<_>>().join("\n");
        let control =
            |c: char| (c.is_control() && c != '\n') || "\u{202e}\u{2066}\u{2067}".contains(c);
        let escaped =
            |c: char| if control(c) { c.escape_default().to_string() } else { c.to_string() };
        text.chars().map(escaped).collect()
    }
}

/// Masks what follows `name=` up to the next `&`, and what follows `name:` at the beginning of a
/// line.
fn over_name(line: String, name: &&str) -> String {
    let header = line.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
    if let Some(value) =
        line.get(name.len()..).and_then(|rest| rest.strip_prefix(':')).filter(|_| header)
    {
        return format!("{name}:{}", masked(value.trim()));
    }
    let mut out = String::with_capacity(line.len());
    let mut rest = line.as_str();
    let start = format!("{name}=");
    while let Some(at) = rest.find(&start) {
        let (before, found) = rest.split_at(at);
        out.push_str(before);
        let found = &found[start.len()..];
        let end = found.find('&').unwrap_or(found.len());
        out.push_str(&start);
        out.push_str(&masked(&found[..end]));
        rest = &found[end..];
    }
    out + rest
}

/// A value, unless it is masked or empty already.
fn masked(value: &str) -> String {
    let done = value.is_empty() || value.ends_with("...") || value == "***";
    if done { value.to_owned() } else { short(value) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_hidden_by_its_name_and_by_itself() {
        let mut mask = Mask::default();
        mask.hide("CAIS+abcdefghijkl");
        mask.hide_wholly("the-secret-itself");
        let text = mask.over(
            "a=1&x-oss-security-token=CAIS%2Babcdefghijkl&b=CAIS+abcdefghijkl\nthe-secret-itself",
        );
        assert_eq!(text, "a=1&x-oss-security-token=CAIS...&b=CAIS...\n***");
        let plain = Mask::default();
        assert_eq!(
            plain.over("security-token=tok&Signature=abc"),
            "security-token=***&Signature=***"
        );
        assert_eq!(
            plain.over("x-oss-security-token:0123456789abc\nx"),
            "x-oss-security-token:0123...\nx"
        );
        assert_eq!(plain.over("/b/k?security-token="), "/b/k?security-token=");
    }

    #[test]
    fn a_terminal_is_told_nothing() {
        assert_eq!(Mask::default().over("a\u{1b}[2Jb\r\n"), "a\\u{1b}[2Jb\\r\n");
    }
}
