//! What happens to a URL that would outlive the credentials that sign it.
//!
//! OSS refuses a URL once its token has ended, and documents that one of temporary credentials may
//! claim twelve hours at most (`x-oss-expires`):
//! <https://help.aliyun.com/en/oss/developer-reference/add-signatures-to-urls>

use crate::clock::{SECOND, second_of};
use crate::presign::{LONGEST_TEMPORARY_SECONDS, Version, Window};

/// What is done about credentials that end before the URL would.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum OnShort {
    /// Nothing, as in the SDK: the URL says more than it holds.
    #[default]
    Keep,
    /// The URL ends with the credentials, and claims no more than OSS allows them.
    Clamp,
    /// Whoever gives credentials is asked for others, once; then as [`OnShort::Keep`].
    Refresh,
    /// There is no URL.
    Error,
}

impl OnShort {
    /// The one of this name.
    pub fn named(name: &str) -> Option<Self> {
        Some(match name {
            "keep" => Self::Keep,
            "clamp" => Self::Clamp,
            "refresh" => Self::Refresh,
            "error" => Self::Error,
            _ => return None,
        })
    }
}

/// For how long credentials are good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Lifetime {
    /// When they end, in microseconds since 1970, where that is known.
    pub end: Option<i64>,
    /// Whether OSS allows their URLs twelve hours only: those that have a token.
    pub temporary: bool,
}

/// Why credentials are too short for a URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortage {
    /// They end at this instant, before the URL.
    EndBefore(i64),
    /// They end at this instant, in less than a second.
    EndNow(i64),
    /// The URL claims more than twelve hours.
    TwelveHours,
}

impl Lifetime {
    /// Whether they end before a URL of this window does.
    pub fn is_short_of(self, window: Window) -> bool {
        self.end.is_some_and(|end| end < window.expiration)
    }

    /// The window that a URL of these credentials has; it may begin before `now`. One that is
    /// shortened begins and ends with a second, so that the URL ends exactly when its window says.
    ///
    /// # Errors
    /// [`Shortage`] with [`OnShort::Error`], and where [`OnShort::Clamp`] leaves less than a second.
    pub fn fit(
        self,
        window: Window,
        now: i64,
        version: Version,
        on: OnShort,
    ) -> Result<Window, Shortage> {
        let most = window.now + LONGEST_TEMPORARY_SECONDS * SECOND;
        let most = if self.temporary && version == Version::V4 { most } else { i64::MAX };
        match on {
            OnShort::Keep | OnShort::Refresh => Ok(window),
            OnShort::Error => match self.end {
                Some(end) if end < window.expiration => Err(Shortage::EndBefore(end)),
                _ if window.expiration > most => Err(Shortage::TwelveHours),
                _ => Ok(window),
            },
            OnShort::Clamp => match self.end.unwrap_or(i64::MAX).min(most) {
                last if last >= window.expiration => Ok(window),
                last if last - now < SECOND && self.end == Some(last) => {
                    Err(Shortage::EndNow(last))
                }
                last if last - now < SECOND => Err(Shortage::TwelveHours),
                last => Ok(Window { now: cut(window.now), expiration: cut(last) }),
            },
        }
    }
}

fn cut(instant: i64) -> i64 {
    second_of(instant) * SECOND
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: i64 = 3600 * SECOND;

    fn fit(end: i64, on: OnShort) -> Result<Window, Shortage> {
        let window = Window { now: SECOND / 2, expiration: HOUR };
        Lifetime { end: Some(end), temporary: true }.fit(window, window.now, Version::V4, on)
    }

    #[test]
    fn each_policy_does_what_its_name_says() {
        let asked = Window { now: SECOND / 2, expiration: HOUR };
        for on in [OnShort::Keep, OnShort::Refresh] {
            assert_eq!(fit(5 * SECOND, on), Ok(asked));
        }
        assert_eq!(fit(HOUR, OnShort::Error), Ok(asked));
        assert_eq!(fit(HOUR - 1, OnShort::Error), Err(Shortage::EndBefore(HOUR - 1)));
        assert_eq!(fit(HOUR, OnShort::Clamp), Ok(asked));
        let shortened = Window { now: 0, expiration: HOUR - SECOND };
        assert_eq!(fit(HOUR - 1, OnShort::Clamp), Ok(shortened));
        assert_eq!(fit(SECOND * 3 / 2, OnShort::Clamp), Ok(Window { now: 0, expiration: SECOND }));
        let under_a_second = SECOND * 3 / 2 - 1;
        assert_eq!(fit(under_a_second, OnShort::Clamp), Err(Shortage::EndNow(under_a_second)));
    }

    #[test]
    fn temporary_credentials_have_twelve_hours_with_version_4() {
        let fit = |seconds, temporary, version, on| {
            let window = Window { now: 7, expiration: 7 + seconds * SECOND };
            Lifetime { end: None, temporary }
                .fit(window, window.now, version, on)
                .map(|w| w.seconds())
        };
        for on in [OnShort::Clamp, OnShort::Error] {
            assert_eq!(fit(43_200, true, Version::V4, on), Ok(43_200));
            assert_eq!(fit(43_201, false, Version::V4, on), Ok(43_201));
            assert_eq!(fit(43_201, true, Version::V1, on), Ok(43_201));
        }
        assert_eq!(fit(43_201, true, Version::V4, OnShort::Clamp), Ok(43_200));
        let refused = fit(43_201, true, Version::V4, OnShort::Error);
        assert_eq!(refused, Err(Shortage::TwelveHours));
        assert_eq!(fit(43_201, true, Version::V4, OnShort::Keep), Ok(43_201));
    }

    #[test]
    fn a_url_backdated_by_more_than_twelve_hours_breaks_their_rule_and_no_end() {
        let now = 13 * HOUR;
        let window = Window { now: 0, expiration: now + HOUR };
        let fit =
            |end| Lifetime { end, temporary: true }.fit(window, now, Version::V4, OnShort::Clamp);
        assert_eq!(fit(None), Err(Shortage::TwelveHours));
        assert_eq!(fit(Some(now + HOUR / 2)), Err(Shortage::TwelveHours));
        assert_eq!(fit(Some(HOUR)), Err(Shortage::EndNow(HOUR)));
    }

    proptest! {
        #[test]
        fn a_shortened_url_never_outlives_its_credentials(
            now in 0..10 * SECOND,
            asked in SECOND..100_000 * SECOND,
            left in 1..100_000 * SECOND,
            temporary: bool,
        ) {
            let window = Window { now, expiration: now + asked };
            let of = Lifetime { end: Some(now + left), temporary };
            match of.fit(window, now, Version::V4, OnShort::Clamp) {
                Err(shortage) => {
                    prop_assert!(left < SECOND && left < asked);
                    prop_assert_eq!(shortage, Shortage::EndNow(now + left));
                }
                Ok(fitted) => {
                    let claimed = second_of(fitted.now) + fitted.seconds();
                    prop_assert!(claimed * SECOND <= now + left && fitted.seconds() >= 1);
                    prop_assert!(!temporary || fitted.seconds() <= LONGEST_TEMPORARY_SECONDS);
                    prop_assert!(fitted.expiration <= window.expiration);
                }
            }
        }
    }
}
