//! The whole story of one presigned URL, and what is kept from one to the next.

use crate::clock;
use crate::credentials::Credentials;
use crate::endpoint;
use crate::error::Result;
use crate::presign::{Target, Version, Window};
use crate::request::Request;
use crate::{v1, v4};
use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

impl Target {
    /// The presigned URL of a prepared and checked request.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`](crate::error::Error::ParamInvalid) without an endpoint.
    pub fn sign(&self, session: &Session, window: Window, request: &Request<'_>) -> Result<String> {
        // Room for the canonical request as well, which grows behind the URL.
        let mut url = String::with_capacity(1000);
        self.sign_into(session, window, request, &mut url).map(|()| url)
    }

    /// As [`Target::sign`], in a buffer whose content is replaced.
    ///
    /// # Errors
    /// As [`Target::sign`].
    pub fn sign_into(
        &self,
        session: &Session,
        window: Window,
        request: &Request<'_>,
        url: &mut String,
    ) -> Result<()> {
        match session {
            Session::V1(session) => {
                let (endpoint, expires) =
                    (self.endpoint()?, clock::unix_seconds(window.expiration));
                v1::sign_url(session, request, expires, url, |url| {
                    endpoint.push_base(url, self.style, request.bucket.as_deref());
                });
                Ok(())
            }
            Session::V4(session) => self.sign_v4(session, window.seconds(), request, url),
        }
    }

    fn sign_v4(
        &self,
        session: &v4::Session,
        expires: i64,
        request: &Request<'_>,
        url: &mut String,
    ) -> Result<()> {
        let (endpoint, additional) = (self.endpoint()?, &self.additional_headers);
        if additional.is_empty()
            && let Some(texts) = session.plain_texts(request, expires)
        {
            v4::write_plain_url(session, texts, request, url, |url| {
                endpoint.push_base(url, self.style, request.bucket.as_deref());
            });
            return Ok(());
        }
        url.clear();
        let key_start = self.push_location(request, url)?;
        let host = self.signed_host(request)?;
        let subject = v4::Subject { request, key_start, additional, host: &host };
        v4::sign_any_url(session, &subject, expires, url);
        Ok(())
    }
}

/// What is derived from an AccessKey, to sign with.
#[allow(clippy::large_enum_variant)] // There is one of them per client.
pub enum Session {
    /// For signature version 1.
    V1(v1::Session),
    /// For signature version 4, and one second.
    V4(v4::Session),
}

/// The session used last, kept by its content: a rotated key is seen at once.
pub struct SessionCache {
    id: u64,
    shared: RwLock<Option<Kept>>,
}

/// A session, and the version of the credentials that it is of, where that is known.
#[derive(Clone)]
struct Kept {
    session: Arc<Session>,
    version: Option<u64>,
}

thread_local! {
    /// What this thread signed with last, and whose cache it is of. To take a lock for each URL costs
    /// a fortieth of the time, and more where several threads do. It stays until the thread signs
    /// with another one, ends, or drops its cache.
    static LAST: RefCell<Option<(u64, Kept)>> = const { RefCell::new(None) };
}

impl Default for SessionCache {
    fn default() -> Self {
        static NEXT: AtomicU64 = AtomicU64::new(0);
        Self { id: NEXT.fetch_add(1, Ordering::Relaxed), shared: RwLock::default() }
    }
}

impl Drop for SessionCache {
    fn drop(&mut self) {
        // Who drops a client last has mostly signed with it, too.
        let gone =
            LAST.try_with(|last| last.try_borrow_mut().ok()?.take_if(|(id, _)| *id == self.id));
        drop(gone);
    }
}

impl SessionCache {
    /// Signs with the session of `who` at `now`, in microseconds since 1970, and remembers it as the
    /// one of this `version` of the credentials.
    ///
    /// # Errors
    /// As [`Session::new`].
    pub fn with<T>(
        &self,
        target: &Target,
        (who, version): (Credentials<'_>, Option<u64>),
        now: i64,
        sign: impl FnOnce(&Session) -> T,
    ) -> Result<T> {
        let second = clock::second_of(now);
        let of_who = self.kept().filter(|kept| kept.session.is_of(who));
        let session = match of_who.map(|kept| kept.session) {
            Some(session) if session.signs_in(second) => return Ok(sign(&session)),
            Some(session) => session.at(target, second),
            None => Session::new(target, who, second)?,
        };
        let kept = Kept { session: session.into(), version };
        let signed = sign(&kept.session);
        *self.shared.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(signed)
    }

    /// Signs with the session kept last, if it is that of this version of the credentials and of
    /// this second. Who knows the version need not look at the credentials.
    pub fn again<T>(&self, version: u64, now: i64, sign: impl FnOnce(&Session) -> T) -> Option<T> {
        let second = clock::second_of(now);
        let is_it = |kept: &Kept| kept.version == Some(version) && kept.session.signs_in(second);
        let mut sign = Some(sign);
        let own = LAST.try_with(|last| {
            let last = last.try_borrow().ok()?;
            let (_, kept) = last.as_ref().filter(|(id, kept)| *id == self.id && is_it(kept))?;
            sign.take().map(|sign| sign(&kept.session))
        });
        if let Ok(Some(signed)) = own {
            return Some(signed);
        }
        let kept = self.kept().filter(is_it)?;
        let signed = sign.take().map(|sign| sign(&kept.session));
        // A thread that ends has no place for it any more.
        let gone = LAST.try_with(|last| last.try_borrow_mut().ok()?.replace((self.id, kept)));
        drop(gone);
        signed
    }

    fn kept(&self) -> Option<Kept> {
        self.shared.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Session {
    /// Prepares to sign at `second`, counted from 1970.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for a region that V4 cannot sign.
    pub fn new(target: &Target, who: Credentials<'_>, second: i64) -> Result<Self> {
        Ok(match target.version {
            Version::V1 => Self::V1(v1::Session::new(who)),
            Version::V4 => {
                endpoint::check_region(&target.region)?;
                Self::V4(v4::Session::new(who, &target.region, &target.product, second))
            }
        })
    }

    fn signs_in(&self, second: i64) -> bool {
        match self {
            Self::V1(_) => true,
            Self::V4(session) => session.second() == second,
        }
    }

    /// The session of the same credentials in another second.
    fn at(&self, target: &Target, second: i64) -> Self {
        match self {
            Self::V1(session) => Self::V1(session.clone()),
            Self::V4(session) => Self::V4(session.at(&target.region, &target.product, second)),
        }
    }

    fn is_of(&self, who: Credentials<'_>) -> bool {
        match self {
            Self::V1(session) => session.is_of(who),
            Self::V4(session) => session.is_of(who),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SECOND;

    #[test]
    fn a_session_is_kept_within_its_second_and_for_its_credentials() {
        let target = Target { region: "cn-hangzhou".into(), ..Target::default() };
        let cache = SessionCache::default();
        let second_of = |(who, version), now| {
            let at = |session: &Session| match session {
                Session::V4(session) => (session.second(), std::ptr::from_ref(session)),
                Session::V1(_) => unreachable!(),
            };
            cache.with(&target, (who, Some(version)), now, at).unwrap()
        };
        let (who, other) = (
            (Credentials::new("id", "secret", None), 7),
            (Credentials::new("id", "other", None), 8),
        );
        second_of(who, 5 * SECOND);
        let kept = second_of(who, 5 * SECOND);
        assert_eq!(second_of(who, 6 * SECOND - 1), kept);
        assert_eq!(second_of(who, 6 * SECOND).0, 6);
        second_of(other, 6 * SECOND);
        let is_of = |session: &Session| session.is_of(other.0);
        let again = |version, now| cache.again(version, now, is_of);
        // The second time it is the thread's own.
        for _ in 0..2 {
            assert_eq!(again(8, 6 * SECOND), Some(true));
            assert_eq!([again(7, 6 * SECOND), again(8, 7 * SECOND)], [None; 2]);
        }
        assert_eq!(SessionCache::default().again(8, 6 * SECOND, is_of), None);
        let in_a_new_thread = || again(8, 6 * SECOND);
        assert_eq!(std::thread::scope(|s| s.spawn(in_a_new_thread).join().unwrap()), Some(true));
        second_of(who, 7 * SECOND);
        assert_eq!(again(7, 7 * SECOND), Some(false));
        assert_eq!(again(8, 7 * SECOND), None);
        let session = Arc::downgrade(&cache.kept().unwrap().session);
        drop(cache);
        assert!(session.upgrade().is_none());
    }
}
