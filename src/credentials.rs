//! Who signs: an access key, and the token that belongs to it where it is a temporary one.

use std::fmt;
use zeroize::Zeroizing;

/// An AccessKey pair, with the security token of temporary (STS) credentials.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Credentials<'a> {
    /// The AccessKey id; it stands in the URL.
    pub id: &'a str,
    /// The AccessKey secret.
    pub secret: &'a str,
    /// The security token; it stands in the URL.
    pub token: Option<&'a str>,
}

impl<'a> Credentials<'a> {
    /// A pair with its token. An empty token counts as none.
    pub fn new(id: &'a str, secret: &'a str, token: Option<&'a str>) -> Self {
        Self { id, secret, token: token.filter(|token| !token.is_empty()) }
    }
}

/// [`Credentials`] that are kept; secret and token are wiped from memory when they are dropped.
#[derive(Clone)]
pub struct OwnedCredentials {
    id: String,
    secret: Zeroizing<String>,
    token: Option<Zeroizing<String>>,
}

impl OwnedCredentials {
    /// The credentials to sign with.
    pub fn as_ref(&self) -> Credentials<'_> {
        let token = self.token.as_ref().map(|token| token.as_str());
        Credentials { id: &self.id, secret: &self.secret, token }
    }
}

impl From<Credentials<'_>> for OwnedCredentials {
    fn from(who: Credentials<'_>) -> Self {
        Self {
            id: who.id.to_owned(),
            secret: who.secret.to_owned().into(),
            token: who.token.map(|token| token.to_owned().into()),
        }
    }
}

impl fmt::Debug for Credentials<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("id", &self.id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_id_only() {
        let text = format!("{:?}", Credentials::new("id", "hidden", Some("hidden")));
        assert_eq!(text, r#"Credentials { id: "id", .. }"#);
    }

    #[test]
    fn an_empty_token_is_none() {
        assert_eq!(Credentials::new("id", "s", Some("")).token, None);
    }
}
