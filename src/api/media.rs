//! Which files may be uploaded: extensions, their content type, and what browsers call it.

use super::problem::{Cause, Problem};
use serde::Deserialize;

/// What kind of file it is; limits of size are set for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Category {
    /// A picture.
    Image,
    /// A film.
    Video,
    /// Sound.
    Audio,
    /// A document.
    Document,
}

impl Category {
    /// The name, in lower case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Image => "image",
            Self::Video => "video",
            Self::Audio => "audio",
            Self::Document => "document",
        }
    }
}

/// One row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Media {
    /// The kind of file.
    pub category: Category,
    /// Extensions in lower case, without the dot.
    pub extensions: &'static [&'static str],
    /// The content type that the upload must send.
    pub content_type: &'static str,
    /// Other names of the same type, as browsers and systems say them.
    pub aliases: &'static [&'static str],
}

const fn media(
    category: Category,
    extensions: &'static [&'static str],
    content_type: &'static str,
    aliases: &'static [&'static str],
) -> Media {
    Media { category, extensions, content_type, aliases }
}

/// The table. The aliases are registered names
/// (<https://www.iana.org/assignments/media-types/>), older unregistered ones that systems still
/// have in their tables, and misspellings.
pub const MEDIA: [Media; 15] = [
    media(Category::Image, &["jpg", "jpeg"], "image/jpeg", &["image/jpg", "image/pjpeg"]),
    media(Category::Image, &["png"], "image/png", &["image/x-png"]),
    media(Category::Image, &["gif"], "image/gif", &["image/x-gif"]),
    media(Category::Image, &["webp"], "image/webp", &["image/x-webp"]),
    media(
        Category::Image,
        &["bmp"],
        "image/bmp",
        &["image/x-bmp", "image/x-ms-bmp", "image/x-windows-bmp"],
    ),
    media(
        Category::Video,
        &["mp4"],
        "video/mp4",
        &["video/x-mp4", "video/mpeg4", "video/x-m4v", "application/mp4"],
    ),
    media(Category::Video, &["mov"], "video/quicktime", &["video/mov", "video/x-quicktime"]),
    media(
        Category::Video,
        &["avi"],
        "video/x-msvideo",
        &["video/avi", "video/vnd.avi", "video/msvideo", "application/x-troff-msvideo"],
    ),
    media(
        Category::Video,
        &["mkv"],
        "video/x-matroska",
        &["video/matroska", "video/mkv", "video/x-mkv"],
    ),
    media(Category::Video, &["webm"], "video/webm", &["video/x-webm"]),
    media(
        Category::Audio,
        &["mp3"],
        "audio/mpeg",
        &["audio/mp3", "audio/x-mp3", "audio/x-mpeg", "audio/mpeg3", "audio/x-mpeg-3", "audio/mpg"],
    ),
    media(
        Category::Audio,
        &["wav"],
        "audio/wav",
        &["audio/x-wav", "audio/wave", "audio/vnd.wave", "audio/x-pn-wav"],
    ),
    media(
        Category::Audio,
        &["aac"],
        "audio/aac",
        &["audio/x-aac", "audio/aacp", "audio/vnd.dlna.adts", "audio/x-hx-aac-adts"],
    ),
    media(
        Category::Audio,
        &["m4a"],
        "audio/mp4",
        &["audio/x-m4a", "audio/m4a", "audio/x-mp4", "audio/mp4a-latm"],
    ),
    media(Category::Document, &["pdf"], "application/pdf", &["application/x-pdf"]),
];

const EXTENSIONS: &str = "must end with one of .jpg .jpeg .png .gif .webp .bmp .mp4 .mov .avi .mkv \
                          .webm .mp3 .wav .aac .m4a .pdf";

/// The row of a file name, and its extension in lower case.
///
/// Only the last extension counts: `photo.jpg.exe` is an exe. Folders in front of the name are
/// ignored, since browsers send them. A name that is only dots and an extension has none.
///
/// # Errors
/// A [`Problem`] of `filename`.
pub(super) fn media_of(filename: &str) -> Result<(&'static Media, &'static str), Problem> {
    let refused = || Problem::of("filename", Cause::Extension, EXTENSIONS);
    let name = filename.rsplit(['/', '\\']).next().unwrap_or_default();
    let (stem, extension) = name.rsplit_once('.').ok_or_else(refused)?;
    if stem.trim_matches(['.', ' ']).is_empty() {
        return Err(refused());
    }
    of_extension(extension).ok_or_else(refused)
}

/// The row of an extension in any case, and the extension in lower case.
pub(super) fn of_extension(extension: &str) -> Option<(&'static Media, &'static str)> {
    MEDIA.iter().find_map(|media| {
        let same = |other: &&&str| other.eq_ignore_ascii_case(extension);
        media.extensions.iter().find(same).map(|extension| (media, *extension))
    })
}

impl Media {
    /// Whether a content type is this one, by its own name or by an alias, in any case.
    ///
    /// Parameters, such as the `codecs` that recorders in browsers add, do not matter.
    pub fn is_called(&self, content_type: &str) -> bool {
        let name = content_type.split(';').next().unwrap_or_default().trim_end_matches([' ', '\t']);
        let mut names = self.aliases.iter().chain([&self.content_type]);
        names.any(|other| other.eq_ignore_ascii_case(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_extension_counts_in_any_case() {
        for (name, content_type) in [
            ("photo.JPEG", "image/jpeg"),
            ("photo.exe.png", "image/png"),
            ("a/b\\..\\c.Pdf", "application/pdf"),
            ("..a.mkv", "video/x-matroska"),
            (".hidden.m4a", "audio/mp4"),
            ("照片.webp", "image/webp"),
        ] {
            assert_eq!(media_of(name).unwrap().0.content_type, content_type, "{name}");
        }
        for name in [
            "",
            ".",
            "..",
            ".jpg",
            "..jpg",
            " .jpg",
            "jpg",
            "photo",
            "photo.",
            "photo.jpg.exe",
            "photo.jpg.",
            "photo.jpg ",
            "a.jpg/b",
            "a.jpg/",
            "a.svg",
            "a.ｊｐｇ",
            "a.jpg::$DATA",
        ] {
            assert!(media_of(name).is_err(), "{name}");
        }
    }

    #[test]
    fn no_name_of_a_type_belongs_to_two_rows_and_all_are_in_lower_case() {
        let mut names: Vec<_> = MEDIA
            .iter()
            .flat_map(|media| media.aliases.iter().chain([&media.content_type]))
            .collect();
        assert!(names.iter().all(|name| name.to_ascii_lowercase() == **name));
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all);
    }

    #[test]
    fn a_type_is_known_by_its_aliases_and_without_its_parameters() {
        let (webm, _) = media_of("a.webm").unwrap();
        for name in ["video/webm", "VIDEO/WebM", "video/webm;codecs=vp9,opus", "video/webm ; a=b"] {
            assert!(webm.is_called(name), "{name}");
        }
        for name in ["", "video", "video/mp4", "audio/webm", " video/webm", "video/webmx"] {
            assert!(!webm.is_called(name), "{name}");
        }
    }

    #[test]
    fn the_words_of_the_refusal_name_every_extension() {
        let all = MEDIA.iter().flat_map(|media| media.extensions);
        let words: Vec<_> = EXTENSIONS.split(' ').filter_map(|w| w.strip_prefix('.')).collect();
        assert_eq!(words, all.copied().collect::<Vec<_>>());
    }
}
