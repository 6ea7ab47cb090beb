//! The body of a callback: which variables there are, and what becomes of them.

use super::{BodyType, Callback};
use crate::encode;
use crate::error::{Error, Result};
use serde_json::Value;

/// What a variable of OSS stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Quoted in JSON.
    Text,
    /// Never quoted.
    Number,
}

/// The variables that OSS itself fills in.
pub const VARIABLES: [&str; 14] = [
    "bucket",
    "object",
    "etag",
    "size",
    "mimeType",
    "imageInfo.height",
    "imageInfo.width",
    "imageInfo.format",
    "crc64",
    "contentMd5",
    "vpcId",
    "clientIp",
    "reqId",
    "operation",
];

fn kind_of(variable: &str) -> Kind {
    match variable {
        "size" | "imageInfo.height" | "imageInfo.width" => Kind::Number,
        _ => Kind::Text,
    }
}

impl Callback {
    /// The body that OSS sends. `value_of` knows OSS's [`VARIABLES`]; those of one's own that
    /// [`Callback::vars`] does not have are asked of it as well, which is how a form gives them.
    ///
    /// What nobody knows is empty: `""` as a text in JSON, and nothing at all as a number, so that
    /// the size of what is no image leaves a gap.
    pub fn fill_body(&self, value_of: impl Fn(&str) -> Option<String>) -> String {
        let mut out = String::with_capacity(self.body.len() + 64);
        for piece in pieces(&self.body) {
            match piece {
                Piece::Plain(text) => out.push_str(text),
                Piece::Variable(name) => {
                    let own = self.vars.iter().find(|(other, _)| other == name);
                    let value = own.map(|(_, value)| value.clone()).or_else(|| value_of(name));
                    self.push_value(&mut out, name, &value.unwrap_or_default());
                }
            }
        }
        out
    }

    /// The body of some upload.
    pub(super) fn sample_body(&self) -> String {
        self.fill_body(|name| (kind_of(name) == Kind::Number).then(|| "1".to_owned()))
    }

    fn push_value(&self, out: &mut String, name: &str, value: &str) {
        match (self.body_type, kind_of(name)) {
            (BodyType::Form, _) => encode::push_query(out, value),
            (BodyType::Json, Kind::Number) => out.push_str(value),
            (BodyType::Json, Kind::Text) => out.push_str(&Value::from(value).to_string()),
        }
    }

    /// Refuses a body with a variable that OSS does not know, or that is to be JSON and is none.
    pub(super) fn check_body(&self) -> Result<()> {
        for piece in pieces(&self.body) {
            if let Piece::Variable(name) = piece
                && !name.starts_with("x:")
                && !VARIABLES.contains(&name)
            {
                let rule = "is neither a variable of OSS nor one of your own, which begin with x:";
                return Err(Error::invalid("body", &format!("${{{name}}}"), rule));
            }
        }
        let is_json = || serde_json::from_str::<Value>(&self.sample_body()).is_ok();
        if self.body_type == BodyType::Json && !is_json() {
            let rule =
                "must be JSON once it is filled in; texts such as ${object} bring their quotes";
            return Err(Error::invalid("body", &self.body, rule));
        }
        Ok(())
    }
}

enum Piece<'a> {
    Plain(&'a str),
    Variable(&'a str),
}

/// A body cut at its variables.
fn pieces(body: &str) -> impl Iterator<Item = Piece<'_>> {
    let mut rest = body;
    std::iter::from_fn(move || {
        let variable = |text: &'_ str| text.find('}').filter(|_| text.starts_with("${"));
        if let Some(end) = variable(rest) {
            let name = &rest[2..end];
            rest = &rest[end + 1..];
            return Some(Piece::Variable(name));
        }
        // From the next dollar sign that begins a variable on, if there is one.
        let next = rest.match_indices("${").find(|(at, _)| *at > 0 && rest[*at..].contains('}'));
        let (plain, after) = rest.split_at(next.map_or(rest.len(), |(at, _)| at));
        rest = after;
        (!plain.is_empty()).then_some(Piece::Plain(plain))
    })
}
