//! Upload callbacks: what OSS is to tell a server once an upload is done, and the proof that it was
//! OSS who told it (<https://help.aliyun.com/zh/oss/developer-reference/callback>).

mod fill;
mod key;
mod request;

pub use fill::VARIABLES;
pub use key::{PUBLIC_KEY, PrivateKey, PublicKey, TEST_PRIVATE_KEY, TEST_PUBLIC_KEY};
pub use request::{Delivered, Rejection, check_key_url, nonce_of, string_to_sign, verify};

use crate::error::{Error, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Map, Value};

/// The most bytes of each of the two Base64 values (EC 0007-00000001, 0007-00000101).
pub const LONGEST: usize = 5 << 10;
/// The most URLs of a callback (EC 0007-00000005).
pub const MOST_URLS: usize = 5;

/// How the body of the callback's request is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BodyType {
    /// `application/x-www-form-urlencoded`: values are percent-encoded.
    #[default]
    Form,
    /// `application/json`: values of text bring their quotes.
    Json,
}

impl BodyType {
    /// The media type.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Form => "application/x-www-form-urlencoded",
            Self::Json => "application/json",
        }
    }

    /// The type of this name.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for any but the two.
    pub fn of(name: &str) -> Result<Self> {
        [Self::Form, Self::Json].into_iter().find(|kind| kind.as_str() == name).ok_or_else(|| {
            let rule = "must be 'application/x-www-form-urlencoded' or 'application/json'";
            Error::invalid("body_type", name, rule)
        })
    }
}

/// What OSS is to send, and where to.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Callback {
    /// One to five URLs; OSS asks them in order until one answers 200.
    pub urls: Vec<String>,
    /// The Host header of the request, where it is not that of the URL.
    pub host: Option<String>,
    /// The body, with `${variables}`.
    pub body: String,
    /// How the body is written.
    pub body_type: BodyType,
    /// Whether OSS names the host when it opens a TLS connection.
    pub sni: bool,
    /// Variables of one's own: names that begin with `x:`, and values.
    pub vars: Vec<(String, String)>,
}

/// The two values that an upload carries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// Of `x-oss-callback`.
    pub callback: String,
    /// Of `x-oss-callback-var`, where there are variables of one's own.
    pub callback_var: Option<String>,
}

impl Callback {
    /// Both values in Base64.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] with the field and the rule for whatever OSS refuses (EC 0007-...),
    /// and for a body that refers to no variable of OSS, or is no JSON where it should be.
    pub fn encode(&self) -> Result<Encoded> {
        self.check()?;
        self.check_body()?;
        let mut fields = Map::new();
        fields.insert("callbackUrl".to_owned(), self.urls.join(";").into());
        if let Some(host) = &self.host {
            fields.insert("callbackHost".to_owned(), host.as_str().into());
        }
        fields.insert("callbackBody".to_owned(), self.body.as_str().into());
        fields.insert("callbackBodyType".to_owned(), self.body_type.as_str().into());
        if self.sni {
            fields.insert("callbackSNI".to_owned(), true.into());
        }
        let vars: Map<_, _> =
            self.vars.iter().map(|(name, value)| (name.clone(), value.as_str().into())).collect();
        let callback = encoded("callback", fields)?;
        let callback_var = match vars.is_empty() {
            true => None,
            false => Some(encoded("vars", vars)?),
        };
        Ok(Encoded { callback, callback_var })
    }

    /// Reads the two values of a request back.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] where OSS answers 400 InvalidArgument (EC 0007-...).
    pub fn parse(callback: &str, callback_var: Option<&str>) -> Result<Self> {
        let fields = decoded("callback", callback)?;
        let text = |name: &str| match fields.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text.as_str())),
            Some(other) => Err(Error::invalid(name, &other.to_string(), "must be a text")),
        };
        let urls = text("callbackUrl")?.unwrap_or_default().split(';').map(str::to_owned);
        let vars = callback_var.map(|vars| decoded("callback_var", vars)).transpose()?;
        let vars = vars.unwrap_or_default().into_iter().map(|(name, value)| match value {
            Value::String(value) => Ok((name, value)),
            other => Err(Error::invalid(&name, &other.to_string(), "must be a text")),
        });
        let parsed = Self {
            urls: urls.filter(|url| !url.is_empty()).collect(),
            host: text("callbackHost")?.filter(|host| !host.is_empty()).map(str::to_owned),
            body: text("callbackBody")?.unwrap_or_default().to_owned(),
            body_type: match text("callbackBodyType")?.filter(|name| !name.is_empty()) {
                Some(name) => BodyType::of(name)?,
                None => BodyType::default(),
            },
            sni: fields.get("callbackSNI").is_some_and(|sni| *sni == Value::Bool(true)),
            vars: vars.collect::<Result<_>>()?,
        };
        parsed.check()?;
        Ok(parsed)
    }

    /// Adds the variable `x:nonce`, which nobody can guess and which the body must carry.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for a nonce of less than 16 characters, and for a body that, once
    /// filled in, does not have it as the value of its field `nonce`.
    pub fn add_nonce(&mut self, nonce: &str) -> Result<()> {
        if nonce.len() < 16 || !nonce.bytes().all(|byte| byte.is_ascii_graphic()) {
            // Not shown: it is a secret.
            let rule = "must be at least 16 visible ASCII characters";
            return Err(Error::invalid("nonce", "...", rule));
        }
        if self.vars.iter().any(|(name, _)| name == "x:nonce") {
            return Err(Error::invalid("vars", "x:nonce", "must not be given beside nonce"));
        }
        self.vars.push(("x:nonce".to_owned(), nonce.to_owned()));
        if nonce_of(self.sample_body().as_bytes(), self.body_type).as_deref() != Some(nonce) {
            let rule = match self.body_type {
                BodyType::Form => "must carry the nonce as a field: nonce=${x:nonce}",
                BodyType::Json => "must carry the nonce as a field: {\"nonce\":${x:nonce}, ...}",
            };
            return Err(Error::invalid("body", &self.body, rule));
        }
        Ok(())
    }

    /// What OSS refuses.
    fn check(&self) -> Result<()> {
        if self.urls.is_empty() || self.urls.len() > MOST_URLS {
            let count = self.urls.len().to_string();
            return Err(Error::invalid("url", &count, "is not the number of URLs: 1 to 5"));
        }
        self.urls.iter().try_for_each(|url| check_url(url))?;
        if let Some(host) = &self.host
            && (host.is_empty() || !host.bytes().all(is_of_host))
        {
            return Err(Error::invalid("host", host, "must be a host, with or without a port"));
        }
        if self.body.is_empty() {
            return Err(Error::invalid("body", "", "must not be empty"));
        }
        self.vars.iter().try_for_each(|(name, _)| check_name(name))
    }
}

fn encoded(field: &str, fields: Map<String, Value>) -> Result<String> {
    let encoded = STANDARD.encode(Value::Object(fields).to_string());
    check_length(field, &encoded)?;
    Ok(encoded)
}

fn decoded(field: &str, encoded: &str) -> Result<Map<String, Value>> {
    check_length(field, encoded)?;
    let bytes = STANDARD.decode(encoded).ok();
    match bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()) {
        Some(Value::Object(fields)) => Ok(fields),
        _ => Err(Error::invalid(field, encoded, "must be the Base64 of a JSON object")),
    }
}

fn check_length(field: &str, encoded: &str) -> Result<()> {
    if encoded.len() > LONGEST {
        let value = format!("{} bytes", encoded.len());
        return Err(Error::invalid(field, &value, "must not be longer than 5 KB in Base64"));
    }
    Ok(())
}

/// Refuses a URL that OSS refuses. One without a scheme is http, as in OSS's own samples.
fn check_url(url: &str) -> Result<()> {
    let wrong = |rule| Err(Error::invalid("url", url, rule));
    if !url.bytes().all(|byte| byte.is_ascii_graphic()) || url.contains(';') {
        return wrong("must be percent-encoded: no space, no ';', nothing beyond ASCII");
    }
    let rest = match url.split_once("://") {
        Some((scheme, rest))
            if matches!(scheme.to_ascii_lowercase().as_str(), "http" | "https") =>
        {
            rest
        }
        Some(_) => return wrong("must be http or https"),
        None => url,
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if host.contains(['[', ']']) {
        return wrong("must not name an IPv6 address: OSS does not call one");
    }
    let (name, port) = host.split_once(':').unwrap_or((host, "80"));
    if name.is_empty() || !name.bytes().all(is_of_host) || port.parse::<u16>().is_err() {
        return wrong("must name a host, and a port that is a number where it names one");
    }
    Ok(())
}

fn is_of_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b':')
}

/// The name of a variable of one's own.
fn check_name(name: &str) -> Result<()> {
    let valid =
        |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'-' | b'.');
    match name.strip_prefix("x:") {
        Some(rest) if !rest.is_empty() && rest.bytes().all(valid) => Ok(()),
        _ => Err(Error::invalid("vars", name, "must be 'x:' and a name in small letters")),
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests;
