//! What a client has once it is configured, and how it signs with that.

use super::asked::Special;
use super::config::Settings;
use super::credentials::Answer;
use super::disposition;
use super::error::{Failure, exception, translate};
use super::form::{self, PresignedPost};
use super::given::Given;
use super::instant::{self, Moment};
use super::made_of::MadeOf;
use super::provider::Provider;
use super::read::Reading;
use super::result::{Covered, Ending, Ends, PresignResult};
use super::twin::Twin;
use crate::clock::SECOND;
use crate::form::Draft;
use crate::lifetime::{Lifetime, OnShort};
use crate::presign::{DEFAULT_SECONDS, Target, Version, Window};
use crate::request::Request;
use crate::restriction;
use crate::session::{Session, SessionCache};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyDelta, PyString};
use std::borrow::Cow;
use std::sync::atomic::AtomicI64;

/// All that a client has once it is configured.
pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) sessions: SessionCache,
    pub(super) made_of: MadeOf,
    /// When credentials were asked for once more, and were too short again; microseconds since 1970.
    pub(super) in_vain: AtomicI64,
    /// The client that signs with the credentials that were last waited for.
    pub(super) twin: Twin,
}

impl State {
    pub(super) fn presign_post(
        &self,
        py: Python<'_>,
        draft: Draft,
        (expires, expiration): (Option<&Bound<'_, PyAny>>, Option<&Bound<'_, PyAny>>),
        special: Option<&Special>,
    ) -> Result<PresignedPost, Failure> {
        let now = self.now(py)?;
        let target = self.target_of(special);
        let end = match expiration {
            Some(expiration) => Some(Moment::At(instant::named(expiration, "expiration")?)),
            None => end_of(now, expires, None)?,
        };
        let window = window(py, now, end.as_ref())?;
        let backdate = self.backdate_of(special);
        let signed = self.with_credentials(
            py,
            || Some(window),
            |answer| {
                // Twelve hours are the most that URLs may claim: no page of OSS says so of forms.
                let held = Lifetime { end: answer.end, temporary: false };
                let window = match self.fitted(py, window, backdate, held) {
                    Ok(window) => window,
                    Err(failure) => return Ok(Err(failure)),
                };
                let form = draft.sign(target, answer.pair, window);
                let form = form.map_err(|error| form::failure(py, &error));
                Ok(form.map(|form| PresignedPost::new(form, window.expiration, answer.end)))
            },
        );
        signed.map_err(Failure::Wrapped)?
    }

    pub(super) fn presign<'py>(
        &self,
        py: Python<'py>,
        given: &Given<'py>,
        (expires, expiration): (Option<&Bound<'py, PyAny>>, Option<&Bound<'py, PyAny>>),
        shown_as: Option<String>,
        special: Option<&Special>,
    ) -> Result<Bound<'py, PresignResult>, Failure> {
        let target = self.target_of(special);
        let mut reading = Reading::new(target);
        given.read(py, &mut reading)?;
        if let Some(value) = shown_as {
            let whose = (given.operation_name(), &self.settings.provider);
            disposition::ask_for(py, whose, &mut reading.request, value)?;
        }
        if let Some(special) = special {
            special.add_to(py, &mut reading)?;
        }
        let now = self.now(py)?;
        let end = end_of(now, expires, expiration)?;
        self.check_account()?;
        self.verify(py, &mut reading).map_err(Failure::Wrapped)?;
        let name = self.resolved(py, given, &reading.request).map_err(Failure::Wrapped)?;
        reading.request.signed_bucket = name.map(Cow::Owned);
        let backdate = self.backdate_of(special);
        let call = Call { request: &reading.request, target, now, end, backdate };
        // Before the URL, and in place: to move what was only just written is to wait for it.
        let (method, covered) = (given.method(&reading.request), Covered::by(target));
        let (mut url, mut ends) = (String::with_capacity(ROOM), Ends::default());
        match &self.settings.provider {
            Provider::Anonymous => ends = self.unsigned(py, &call, &mut url)?,
            provider if self.sign_again(py, &call, provider, (&mut url, &mut ends))? => {}
            _ => {
                let sign = |answer: Answer<'_>| Ok(self.sign(py, &call, &answer, &mut url));
                let signed = self.with_credentials(py, || call.window(py).ok(), sign);
                ends = signed.map_err(Failure::Wrapped)??;
            }
        }
        if special.is_some_and(Special::hides_address) {
            restriction::conceal(&mut url);
        }
        // Here, and not by PyO3 after it was returned: to move it three times takes 15 ns.
        Ok(Bound::new(py, PresignResult::new(method, url, ends, reading.request.headers, covered))?)
    }

    pub(super) fn target(&self) -> &Target {
        &self.settings.target
    }

    /// The target of a call that may have one of its own.
    pub(super) fn target_of<'s>(&'s self, special: Option<&'s Special>) -> &'s Target {
        special.and_then(|special| special.target.as_ref()).unwrap_or(&self.settings.target)
    }

    /// By how much its URLs are signed before now.
    pub(super) fn backdate_of(&self, special: Option<&Special>) -> i64 {
        special.and_then(|special| special.backdate).unwrap_or(self.settings.backdate)
    }

    /// The time, as far as is known by the server's clock.
    pub(super) fn now(&self, py: Python<'_>) -> PyResult<i64> {
        Ok(instant::now(py)?.saturating_add(self.settings.clock_offset))
    }

    /// Refuses to sign for what is no account.
    pub(super) fn check_account(&self) -> PyResult<()> {
        let words = self.settings.account_error.clone();
        words.map_or(Ok(()), |words| Err(PyValueError::new_err(words)))
    }

    /// Prepares and checks what was read.
    pub(super) fn verify(&self, py: Python<'_>, reading: &mut Reading<'_>) -> PyResult<()> {
        reading.target.prepare(&mut reading.request).map_err(|error| translate(py, &error))?;
        if let Some(error) = reading.failure() {
            return Err(error);
        }
        if let Some(date) = reading.request.headers.get("x-oss-date") {
            // The SDK reads it as an e-mail date and refuses what is none.
            py.import("ossign.serde")?.call_method1("deserialize_httptime", (date.value(),))?;
        }
        Ok(())
    }

    /// The bucket's name that is signed, where a resolver knows another one.
    pub(super) fn resolved(
        &self,
        py: Python<'_>,
        given: &Given<'_>,
        request: &Request<'_>,
    ) -> PyResult<Option<String>> {
        let Some(resolver) = &self.settings.bucket_name_resolver else { return Ok(None) };
        let input = given.operation_input(py, request)?;
        let name = resolver.call_method1(py, "build_bucket_name", (input,))?.into_bound(py);
        if name.is_none() {
            return Ok(None);
        }
        Ok(Some(name.cast::<PyString>()?.to_str()?.to_owned()))
    }

    /// Signs with the session of the last call, where the credentials are known not to have changed.
    /// Returns whether it did.
    fn sign_again(
        &self,
        py: Python<'_>,
        call: &Call<'_, '_, '_>,
        provider: &Provider,
        (url, ends): (&mut String, &mut Ends),
    ) -> Result<bool, Failure> {
        let Provider::Fixed(credentials) = provider else { return Ok(false) };
        if self.settings.on_short != OnShort::Keep {
            return Ok(false);
        }
        let Some((version, end)) = credentials.get().known() else { return Ok(false) };
        let window = self.check(py, call, Lifetime { end, temporary: false })?;
        *ends = Ends::new(window.expiration, end);
        let sign = |session: &Session| call.target.sign_into(session, window, call.request, url);
        match self.sessions.again(version, window.now, sign) {
            None => Ok(false),
            Some(Ok(())) => Ok(true),
            Some(Err(error)) => Err(Failure::Wrapped(translate(py, &error))),
        }
    }

    fn sign(
        &self,
        py: Python<'_>,
        call: &Call<'_, '_, '_>,
        answer: &Answer<'_>,
        url: &mut String,
    ) -> Result<Ends, Failure> {
        let window = self.check(py, call, answer.lifetime())?;
        let sign = |session: &Session| call.target.sign_into(session, window, call.request, url);
        let who = (answer.pair, answer.version);
        let signed = self.sessions.with(call.target, who, window.now, sign).and_then(|done| done);
        signed.map_err(|error| Failure::Wrapped(translate(py, &error)))?;
        Ok(Ends::new(window.expiration, answer.end))
    }

    /// Checks all that only a signed URL has, and how long the credentials allow it to be valid.
    pub(super) fn check(
        &self,
        py: Python<'_>,
        call: &Call<'_, '_, '_>,
        held: Lifetime,
    ) -> Result<Window, Failure> {
        let window = call.window(py).map_err(Failure::Wrapped)?;
        let checked = call.target.check_signed(call.request);
        checked.map_err(|error| Failure::Wrapped(translate(py, &error)))?;
        self.fitted(py, window, call.backdate, held)
    }

    /// Quirk: without credentials nothing ends, but the expiration comes back as it was given, and
    /// more than seven days are refused all the same.
    pub(super) fn unsigned(
        &self,
        py: Python<'_>,
        call: &Call<'_, '_, '_>,
        url: &mut String,
    ) -> Result<Ends, Failure> {
        let unsigned = call.target.unsigned_url(call.request);
        *url = unsigned.map_err(|error| Failure::Wrapped(translate(py, &error)))?;
        let Some(end) = &call.end else { return Ok(Ends::default()) };
        let end = end.object(py)?;
        if call.target.version == Version::V4 {
            let left = end.bind(py).sub(instant::datetime(py, call.now)?)?;
            if left.gt(PyDelta::new(py, 7, 0, 0, false)?)? {
                return Err(exception(py, "PresignExpirationError", |_| Ok(())).into());
            }
        }
        Ok(Ends {
            expiration: Ending::Object(end.clone_ref(py)),
            effective_expiration: Ending::Object(end),
        })
    }
}

/// Room for most URLs, and for what is signed in their place before.
const ROOM: usize = 1000;

/// One call of presign, once its request has been read.
pub(super) struct Call<'r, 'a, 'py> {
    pub(super) request: &'r Request<'a>,
    pub(super) target: &'r Target,
    pub(super) now: i64,
    pub(super) end: Option<Moment<'py>>,
    /// Microseconds.
    pub(super) backdate: i64,
}

impl Call<'_, '_, '_> {
    /// From now to when the URL is to end.
    pub(super) fn window(&self, py: Python<'_>) -> PyResult<Window> {
        window(py, self.now, self.end.as_ref())
    }
}

/// From now to `end`, or for as long as a URL is valid where nobody says.
fn window(py: Python<'_>, now: i64, end: Option<&Moment<'_>>) -> PyResult<Window> {
    let expiration = match end {
        Some(end) => end.resolve(py)?,
        None => now + DEFAULT_SECONDS * SECOND,
    };
    Ok(Window { now, expiration })
}

/// When a URL ends, as the keywords of a call say.
pub(super) fn end_of<'py>(
    now: i64,
    expires: Option<&Bound<'py, PyAny>>,
    expiration: Option<&Bound<'py, PyAny>>,
) -> PyResult<Option<Moment<'py>>> {
    Ok(match (expiration, expires) {
        (Some(expiration), _) => Some(Moment::Object(expiration.clone())),
        (None, Some(expires)) => Some(instant::after(now, expires)?),
        (None, None) => None,
    })
}
