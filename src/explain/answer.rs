//! The error that OSS answered with: its XML, whole or spoiled, and what its code stands for.

use super::cause::Cause;
use super::see::Finding;
use base64::{Engine, engine::general_purpose::STANDARD};
use roxmltree::Document;

/// An error of OSS.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Answer {
    fields: Vec<(String, String)>,
    /// Whether the text was no well-formed XML.
    pub is_spoiled: bool,
}

/// The elements that are looked for in a text that is no XML.
const KNOWN: [&str; 14] = [
    "Code",
    "Message",
    "RequestId",
    "HostId",
    "EC",
    "OSSAccessKeyId",
    "SignatureProvided",
    "StringToSign",
    "StringToSignBytes",
    "CanonicalRequest",
    "Endpoint",
    "Bucket",
    "ServerTime",
    "Expires",
];

impl Answer {
    /// Reads an error's XML, or the Base64 of it that HEAD requests get in `x-oss-err`.
    ///
    /// A document type definition is refused by the parser, so that no entity can be defined; of
    /// such a text, as of any that is no well-formed XML, known elements are picked out.
    pub fn read(text: &str) -> Self {
        let text = text.trim_start_matches('\u{feff}').trim();
        let decoded = STANDARD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let text = decoded.as_deref().unwrap_or(text);
        match Document::parse(text) {
            Ok(document) => {
                let elements = document.root_element().descendants().filter(|n| n.is_element());
                let field = |node: roxmltree::Node<'_, '_>| {
                    let text = node.text().unwrap_or_default();
                    (node.tag_name().name().to_owned(), text.to_owned())
                };
                Self { fields: elements.map(field).collect(), is_spoiled: false }
            }
            Err(_) => Self { fields: picked(text), is_spoiled: true },
        }
    }

    /// The text of an element, unless it is empty.
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(own, value)| own == name && !value.trim().is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// Whether nothing of an error was found.
    pub fn is_empty(&self) -> bool {
        KNOWN.iter().all(|name| self.get(name).is_none())
    }

    /// What OSS signed: from the bytes, which no copying has spoiled, or from the text.
    pub fn string_to_sign(&self) -> Option<String> {
        let bytes = self.get("StringToSignBytes").and_then(unhex);
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        text.or_else(|| self.get("StringToSign").map(|text| text.replace("\r\n", "\n")))
    }

    /// The canonical request that OSS computed.
    pub fn canonical_request(&self) -> Option<String> {
        self.get("CanonicalRequest").map(|text| text.replace("\r\n", "\n"))
    }

    /// Whether it is about the signature itself.
    pub fn is_mismatch(&self) -> bool {
        self.get("Code") == Some("SignatureDoesNotMatch")
    }

    /// What the error stands for, unless it is about the signature itself.
    pub fn finding(&self) -> Option<Finding> {
        let code = self.get("Code")?;
        let message = self.get("Message").unwrap_or_default();
        let cause = cause_of_number(self.get("EC").unwrap_or_default())
            .or_else(|| cause_of_code(code, message, self.get("Endpoint").is_some()));
        let cause = match cause {
            None if self.is_mismatch() => return None,
            cause => cause.unwrap_or(Cause::OtherError),
        };
        let mut detail = format!("OSS answered {code}");
        if !message.is_empty() {
            detail = format!("{detail}: {message}");
        }
        if let Some(endpoint) = self.get("Endpoint").filter(|_| cause == Cause::EndpointWrong) {
            detail = format!("{detail} The bucket's endpoint is {endpoint}.");
        }
        let ec = cause.ecs().iter().find(|ec| Some(**ec) == self.get("EC")).copied();
        Some(Finding { cause, ec, detail })
    }
}

/// A number of one cause says more than the code.
fn cause_of_number(ec: &str) -> Option<Cause> {
    let mut with = Cause::ALL.iter().filter(|cause| cause.ecs().contains(&ec));
    let first = with.next()?;
    with.next().is_none().then_some(*first)
}

fn cause_of_code(code: &str, message: &str, has_endpoint: bool) -> Option<Cause> {
    let says = |words: &str| message.contains(words);
    Some(match code {
        "InvalidAccessKeyId" if says("disabled") => Cause::AccessKeyDisabled,
        "InvalidAccessKeyId" if says("non-acceptable") => Cause::AccessKeyIdMalformed,
        "InvalidAccessKeyId" => Cause::AccessKeyUnknown,
        "SecurityTokenExpired" => Cause::TokenExpired,
        "InvalidSecurityToken" if says("expired") => Cause::TokenExpired,
        "InvalidSecurityToken" | "AccessKeyIdAndSecurityTokenNotMatch" => Cause::TokenWrong,
        "SecurityTokenNotSupported" => Cause::TokenWrong,
        "RequestTimeTooSkewed" => Cause::ClockSkewed,
        "SecondLevelDomainForbidden" => Cause::PathStyleOnPublicEndpoint,
        "NonStandardHostForbidden" => Cause::HostUnknown,
        "InvalidArgument" if says("should be specified, not both") => Cause::HeaderAndQuerySigned,
        "AccessForbidden" if says("CORS") => Cause::CorsRefused,
        "AccessDenied" if says("Request has expired") => Cause::Expired,
        "AccessDenied" if says("authentication requires") => Cause::ParameterMissing,
        "AccessDenied" if says("Invalid date") => Cause::ExpiresMalformed,
        "AccessDenied" if has_endpoint => Cause::EndpointWrong,
        "AccessDenied" => Cause::NotAllowed,
        _ => return None,
    })
}

/// What stands between the tags of known elements.
fn picked(text: &str) -> Vec<(String, String)> {
    let pick = |name: &&str| {
        let start = text.find(&format!("<{name}>"))? + name.len() + 2;
        let rest = &text[start..];
        let end = rest.find(&format!("</{name}>")).or_else(|| rest.find('<'));
        Some((name.to_string(), unescaped(&rest[..end.unwrap_or(rest.len())])))
    };
    KNOWN.iter().filter_map(pick).collect()
}

fn unescaped(text: &str) -> String {
    let pairs = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&#34;", "\"")];
    let text = pairs.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&amp;", "&")
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    text.split_whitespace().map(|byte| u8::from_str_radix(byte, 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const XML: &str = "<?xml version=\"1.0\"?>\n<Error><Code>SignatureDoesNotMatch</Code>\
        <StringToSign>GET\n\n\n1\n/b/a&amp;b</StringToSign><StringToSignBytes>47 45 54 </StringToSignBytes>\
        <EC>0002-00000040</EC></Error>";

    #[test]
    fn whole_and_spoiled_answers_are_read() {
        let whole = Answer::read(XML);
        assert_eq!(whole.string_to_sign().as_deref(), Some("GET"));
        assert!(whole.is_mismatch() && !whole.is_spoiled && whole.finding().is_none());
        let spoiled = Answer::read(&XML.replace("</Error>", "").replace("47 45 54 ", ""));
        assert!(spoiled.is_spoiled);
        assert_eq!(spoiled.string_to_sign().as_deref(), Some("GET\n\n\n1\n/b/a&b"));
        assert_eq!(Answer::read(&STANDARD.encode(XML)).get("EC"), Some("0002-00000040"));
        assert!(Answer::read("").is_empty() && Answer::read("<html>502</html>").is_empty());
    }

    #[test]
    fn entities_do_not_explode() {
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><Error><Code>&b;</Code></Error>";
        let answer = Answer::read(bomb);
        assert!(answer.is_spoiled);
        assert_eq!(answer.get("Code"), Some("&b;"));
    }

    #[test]
    fn codes_and_numbers_have_causes() {
        let cause = |xml: &str| Answer::read(xml).finding().map(|finding| finding.cause);
        let error = |code: &str, rest: &str| format!("<Error><Code>{code}</Code>{rest}</Error>");
        assert_eq!(cause(&error("InvalidAccessKeyId", "")), Some(Cause::AccessKeyUnknown));
        let endpoint = "<Endpoint>oss-cn-beijing.aliyuncs.com</Endpoint>";
        assert_eq!(cause(&error("AccessDenied", endpoint)), Some(Cause::EndpointWrong));
        let bound = "<EC>0002-00000225</EC>";
        assert_eq!(cause(&error("SignatureDoesNotMatch", bound)), Some(Cause::AddressNotAllowed));
        assert_eq!(cause(&error("NoSuchKey", "")), Some(Cause::OtherError));
    }
}
