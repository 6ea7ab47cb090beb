//! What each route does: reads the request, names objects, signs, and answers.

use super::answer::{Answer, Failure};
use super::keys::Key;
use super::naming::{self, Making, RANDOM_BYTES};
use super::order::{FILES, File, Order, Rules};
use super::parts::{Begin, Resume};
use super::problem::{Cause, Problem};
use super::settings::Settings;
use super::upload::{self, Signing};
use super::world::{NewObject, Signer, Trouble, World};
use super::{Api, Body, Call};
use crate::error::Result;
use crate::presign::Target;
use std::result::Result as Outcome;

/// Where a request goes.
#[derive(Clone, Copy)]
pub(super) enum Route {
    One,
    Batch,
    Form,
    Multipart,
    Parts,
}

/// Who asks, and whom they ask.
pub(super) struct Asker<'a, W> {
    pub(super) name: &'a str,
    pub(super) key: Option<&'a Key>,
    pub(super) world: &'a W,
}

impl Route {
    /// The route of a path below the API's, if it is there and switched on.
    pub(super) fn of(path: &str, settings: &Settings) -> Option<Self> {
        match path {
            "/presign-put" => Some(Self::One),
            "/presign-put/batch" => Some(Self::Batch),
            "/presign-post" if settings.form_upload => Some(Self::Form),
            "/presign-multipart" if settings.multipart => Some(Self::Multipart),
            "/presign-multipart/parts" if settings.multipart => Some(Self::Parts),
            _ => None,
        }
    }
}

impl<W> Asker<'_, W> {
    fn prefix(&self) -> &str {
        self.key.map_or("", |key| &key.prefix)
    }
}

impl Api {
    /// Answers a request of a caller who may ask.
    pub(super) fn serve(
        &self,
        route: Route,
        call: &Call<'_>,
        asker: &Asker<'_, impl World>,
    ) -> Answer {
        self.answer(route, call, asker).unwrap_or_else(Answer::from)
    }

    fn answer(
        &self,
        route: Route,
        call: &Call<'_>,
        asker: &Asker<'_, impl World>,
    ) -> Outcome<Answer, Failure> {
        let (body, now) = (self.body(call)?, call.now);
        match route {
            Route::One => {
                let order = Order::one(body, &self.rules(true))?;
                let made = self.make(&order, now, asker, |s, file, key| s.upload(file, key))?;
                Ok(Answer::good(1, &only(made)?))
            }
            Route::Batch => {
                let order = Order::batch(body, &self.rules(true))?;
                let made = self.make(&order, now, asker, |s, file, key| s.upload(file, key))?;
                Ok(Answer::batch(&made))
            }
            Route::Form => {
                let order = Order::one(body, &self.rules(false))?;
                let made = self.make(&order, now, asker, |s, file, key| s.form(file, key))?;
                Ok(Answer::good(1, &only(made)?))
            }
            Route::Multipart => {
                let Begin { order, cut } = Begin::read(body, &self.rules(true))?;
                let made = self.make(&order, now, asker, |s, file, key| s.begin(file, key, cut))?;
                Ok(Answer::good(0, &only(made)?))
            }
            Route::Parts => self.resume(body, now, asker),
        }
    }

    fn body<'b>(&self, call: &Call<'b>) -> Outcome<&'b [u8], Problem> {
        let most = self.settings.max_body_bytes;
        match call.body {
            Body::Whole(body) if body.len() <= most => Ok(body),
            Body::Late => Err(Problem::new(Cause::Slow, "the body took too long to arrive")),
            _ => Err(Problem::new(Cause::Body, format!("the body is larger than {most} bytes"))),
        }
    }

    fn rules(&self, must_be_sized: bool) -> Rules<'_> {
        let Settings { content_length, max_bytes, .. } = &self.settings;
        Rules { content_length: *content_length, max_bytes, must_be_sized }
    }

    /// Names and signs all files at once: randomness and the signer are asked for once.
    fn make<T>(
        &self,
        order: &Order<'_>,
        now: i64,
        asker: &Asker<'_, impl World>,
        sign: impl Fn(&Signing<'_>, &File<'_>, String) -> Result<T>,
    ) -> Outcome<Vec<Outcome<T, Failure>>, Trouble> {
        let mut random = [[0; RANDOM_BYTES]; *FILES.end()];
        asker.world.random(random[..order.files.len()].as_flattened_mut())?;
        let second = crate::clock::second_of(now);
        let named = order.files.iter().zip(random).map(|(file, random)| match file {
            Ok(file) => Ok((file, self.name(file, random, second, asker)?)),
            Err(problem) => Err(Failure::from(problem.clone())),
        });
        let named: Vec<Outcome<_, Failure>> = named.collect();
        if named.iter().all(Outcome::is_err) {
            return Ok(named.into_iter().filter_map(Outcome::err).map(Err).collect());
        }
        asker.world.sign(now, |signer| {
            let signing = self.signing(signer, now, order.expire_seconds)?;
            let one = |named: Outcome<(&File<'_>, String), Failure>| {
                let (file, key) = named?;
                sign(&signing, file, key).map_err(|error| upload::trouble(&error).into())
            };
            Ok(named.into_iter().map(one).collect())
        })?
    }

    fn name(
        &self,
        file: &File<'_>,
        random: [u8; RANDOM_BYTES],
        second: i64,
        asker: &Asker<'_, impl World>,
    ) -> Outcome<String, Trouble> {
        let (media, extension, caller) = (file.media, file.extension, asker.name);
        let object = NewObject { filename: &file.filename, media, extension, caller };
        let prefix = asker.prefix();
        let name = asker.world.name(&object).unwrap_or_else(|| {
            Ok(self.template.name(&Making { second, random, media, extension, caller, prefix }))
        })?;
        if naming::has_dots(&name) {
            let words =
                "the object's name has a segment '.' or '..', which clients take out of URLs";
            return Err(Trouble::Failed(words.to_owned()));
        }
        Ok(name)
    }

    /// Signs parts of an upload that has begun.
    fn resume(
        &self,
        body: &[u8],
        now: i64,
        asker: &Asker<'_, impl World>,
    ) -> Outcome<Answer, Failure> {
        let resume = Resume::read(body, &self.rules(true), |key| self.most(key, asker))?;
        let signed = asker.world.sign(now, |signer| {
            let signing = self.signing(signer, now, resume.expire_seconds)?;
            signing.resume(&resume).map_err(|error| upload::trouble(&error))
        });
        let resumed = signed.and_then(|resumed| resumed)?;
        Ok(Answer::good(resumed.parts.len(), &resumed))
    }

    /// The most bytes that an object may have, unless it cannot be this caller's. Of names that a
    /// function makes, only the extension is known.
    fn most(&self, key: &str, asker: &Asker<'_, impl World>) -> Outcome<Option<u64>, Problem> {
        let caps = &self.settings.max_bytes;
        let media = match asker.world.names() {
            true => naming::kind_of(key).map(|(media, _)| media),
            false => self.template.kind(key, asker.name, asker.prefix()),
        };
        let words = "must be one that this service has answered";
        let media = media.ok_or_else(|| Problem::of("object_key", Cause::OutOfRange, words))?;
        Ok(caps.get(&media.category).copied())
    }

    fn signing<'s>(
        &'s self,
        signer: &'s Signer<'s>,
        now: i64,
        expire_seconds: i64,
    ) -> Outcome<Signing<'s>, Trouble> {
        // A face may have a signer of another target for each request.
        self.check_target(signer.target).map_err(|e| Trouble::NotConfigured(e.to_string()))?;
        let access = i64::from(self.settings.access_expire_seconds);
        Ok(Signing {
            signer,
            sized_target: self.is_sized().then(|| sized(signer.target)),
            bucket: &self.settings.bucket,
            access: &self.access,
            carried: &self.carried,
            max_bytes: &self.settings.max_bytes,
            upload: upload::window(now, expire_seconds, signer)?,
            download: upload::window(now, access, signer)?,
        })
    }
}

/// What was made of a request for one file.
fn only<T>(made: Vec<Outcome<T, Failure>>) -> Outcome<T, Failure> {
    let lost = || Problem::new(Cause::Internal, "something went wrong");
    made.into_iter().next().unwrap_or_else(|| Err(lost().into()))
}

/// The target, signing Content-Length as well.
fn sized(target: &Target) -> Target {
    let mut names = target.additional_headers.to_vec();
    names.push("content-length".to_owned());
    names.sort();
    names.dedup();
    Target { additional_headers: names.into(), ..target.clone() }
}
