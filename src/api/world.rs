//! What the API needs of whoever runs it: randomness, a signer, and a wish for other names.

use super::media::Media;
use crate::credentials::Credentials;
use crate::presign::Target;
use crate::session::Session;

/// The world around the API. The API itself reads no clock, and has neither randomness nor
/// credentials.
pub trait World {
    /// Fills `bytes` with randomness that nobody can guess.
    ///
    /// # Errors
    /// [`Trouble`] where there is none.
    fn random(&self, bytes: &mut [u8]) -> Result<(), Trouble>;

    /// Calls `with` with who signs at `now`, in microseconds since 1970.
    ///
    /// # Errors
    /// [`Trouble`] where nobody can.
    fn sign<T>(&self, now: i64, with: impl FnOnce(&Signer<'_>) -> T) -> Result<T, Trouble>;

    /// Whether [`World::name`] does so, for all objects.
    fn names(&self) -> bool {
        false
    }

    /// Names an object otherwise than the pattern of the settings does.
    fn name(&self, _object: &NewObject<'_>) -> Option<Result<String, Trouble>> {
        None
    }
}

/// Who signs, and where URLs point to.
pub struct Signer<'s> {
    /// Where the bucket is.
    pub target: &'s Target,
    /// What is derived from the credentials for this second.
    pub session: &'s Session,
    /// The credentials that the session is made of.
    pub who: Credentials<'s>,
    /// When the credentials end, in microseconds since 1970. No URL is valid for longer.
    pub end: Option<i64>,
}

/// A file that is about to have a name.
pub struct NewObject<'f> {
    /// The user's name for it. It may hold anything but control characters.
    pub filename: &'f str,
    /// Its kind.
    pub media: &'static Media,
    /// Its extension in lower case, without the dot.
    pub extension: &'static str,
    /// The name of the API key, or of whoever else asks.
    pub caller: &'f str,
}

/// Why the owner of the API cannot serve. The words are for the log: clients do not see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// Nobody told where the bucket is, or who signs.
    NotConfigured(String),
    /// Something that should work does not.
    Failed(String),
}
