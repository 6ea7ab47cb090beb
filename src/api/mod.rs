//! The HTTP presign API as bytes in, bytes out: check, name the object, sign, answer.
//!
//! Nothing here listens: [`Api::handle`] is what `ossign serve`, the ASGI app and the FastAPI
//! router have in common. `docs/service-backend.md` describes it for those who run it,
//! `docs/service-frontend.md` for those who call it, and `openapi.json` for machines.

mod answer;
mod callback;
mod json;
mod keys;
mod media;
mod multipart;
mod naming;
mod order;
mod parts;
mod problem;
mod rate;
mod route;
mod settings;
mod surrogate;
mod upload;
mod world;

pub use answer::Answer;
pub use callback::CallbackSettings;
pub use keys::ApiKey;
pub use media::{Category, MEDIA, Media};
pub use naming::RANDOM_BYTES;
pub use order::{DEFAULT_EXPIRE_SECONDS, EXPIRE_SECONDS, FILES, LARGEST_PUT, LONGEST_TEXT};
pub use parts::{LONGEST_UPLOAD_ID, PARTS};
pub use problem::{Cause, Problem};
pub use rate::Rate;
pub use settings::{Settings, blame};
pub use world::{NewObject, Signer, Trouble, World};

use crate::error::{Error, Result};
use crate::presign::{Target, Version};
use callback::Carried;
use keys::{Key, Keys};
use naming::Template;
use rate::Limit;
use route::{Asker, Route};
use settings::Access;
use std::result::Result as Outcome;

/// The OpenAPI document, which all faces serve, for an API whose routes begin with `path`.
pub fn openapi(path: &str) -> String {
    include_str!("openapi.json").replace("\"/api/oss/", &format!("\"{path}/"))
}

/// One request.
#[derive(Debug, Clone, Copy)]
pub struct Call<'c> {
    /// The HTTP method.
    pub method: &'c str,
    /// The path, without query, below whatever the API is mounted at.
    pub path: &'c str,
    /// Who asks.
    pub caller: Caller<'c>,
    /// The body.
    pub body: Body<'c>,
    /// The time, in microseconds since 1970.
    pub now: i64,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub enum Caller<'c> {
    /// Whoever has this API key: the value of the header `Apikey`.
    Key(Option<&'c [u8]>),
    /// One whom the owner of the API has let in by other means. The key of this name, if there is
    /// one, gives a prefix and a rate.
    Known(&'c str),
}

/// A body, as far as it was read.
#[derive(Debug, Clone, Copy)]
pub enum Body<'c> {
    /// All of it.
    Whole(&'c [u8]),
    /// It is larger than [`Settings::max_body_bytes`].
    TooLarge,
    /// It did not arrive in time.
    Late,
}

/// The API of one bucket.
pub struct Api {
    settings: Settings,
    keys: Keys,
    template: Template,
    access: Access,
    limit: Option<Limit>,
    carried: Carried,
}

impl Api {
    /// An API of these settings.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] with the name of the setting.
    pub fn new(mut settings: Settings) -> Result<Self> {
        settings.check()?;
        Ok(Self {
            keys: Keys::new(std::mem::take(&mut settings.api_keys))?,
            template: Template::read(&settings.object_key)?,
            access: Access::read(&settings.access_url)?,
            limit: settings.rate_limit.map(Limit::new),
            carried: callback::carried(settings.callback.as_ref())?,
            settings,
        })
    }

    /// The settings, without the keys.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    fn is_sized(&self) -> bool {
        self.settings.content_length || !self.settings.max_bytes.is_empty()
    }

    /// Refuses a target that cannot keep what the settings promise.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`]: signature version 1 cannot sign a content length.
    pub fn check_target(&self, target: &Target) -> Result<()> {
        if self.is_sized() && target.version == Version::V1 {
            let rule = "must be v4 where content_length or max_bytes is set: v1 signs no length";
            return Err(Error::invalid("signature_version", "v1", rule));
        }
        Ok(())
    }

    /// Answers a request.
    pub fn handle(&self, call: &Call<'_>, world: &impl World) -> Answer {
        let route = match self.route(call) {
            Ok(route) => route,
            Err(answer) => return answer,
        };
        let (caller, key) = match self.caller(call) {
            Ok(found) => found,
            Err(answer) => return answer,
        };
        let answer = match self.limit(caller, key, call.now) {
            Ok(()) => self.serve(route, call, &Asker { name: caller, key, world }),
            Err(answer) => answer,
        };
        answer.to(caller)
    }

    fn route(&self, call: &Call<'_>) -> Outcome<Route, Answer> {
        let rest = call.path.strip_prefix(&*self.settings.path);
        let Some(route) = rest.and_then(|rest| Route::of(rest, &self.settings)) else {
            return Err(Problem::new(Cause::Route, "there is nothing at this path").into());
        };
        if call.method != "POST" {
            let answer = Answer::from(Problem::new(Cause::Method, "the method must be POST"));
            return Err(answer.with("allow", "POST"));
        }
        Ok(route)
    }

    fn caller<'a>(&'a self, call: &Call<'a>) -> Outcome<(&'a str, Option<&'a Key>), Answer> {
        let refused = |cause, words| {
            Err(Answer::from(Problem::new(cause, words)).with("www-authenticate", "Apikey"))
        };
        match call.caller {
            Caller::Known(name) => Ok((name, self.keys.named(name))),
            Caller::Key(None | Some([])) => refused(Cause::NoKey, "the header Apikey is missing"),
            Caller::Key(Some(given)) => match self.keys.find(given) {
                Some(key) => Ok((&key.name, Some(key))),
                None => refused(Cause::WrongKey, "the API key is not known"),
            },
        }
    }

    fn limit(&self, caller: &str, key: Option<&Key>, now: i64) -> Outcome<(), Answer> {
        let limit = key.and_then(|key| key.limit.as_ref()).or(self.limit.as_ref());
        let Some(limit) = limit else { return Ok(()) };
        limit.ask(caller, now).map_err(|seconds| {
            let words = format!("too many requests: try again in {seconds} s");
            Answer::from(Problem::new(Cause::TooMany, words))
                .with("retry-after", &seconds.to_string())
        })
    }
}
