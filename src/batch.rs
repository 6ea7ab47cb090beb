//! One template, many rows: presigned URLs by the column, in the shape of an Arrow array.

mod buffer;
mod group;
mod piece;
mod plan;
mod row;
mod template;
mod threads;
mod urls;

pub use buffer::Buffer;
use piece::{Piece, PieceSigner};
use plan::Plan;
use threads::share;
pub use urls::Urls;

use crate::lanes::Isa;
use crate::operation::Field;
use crate::presign::{Target, Window};
use crate::request::Request;
use crate::session::Session;
use std::num::NonZeroUsize;
use std::ops::Range;

/// The text of each row. Any thread may ask for any row, a few times.
pub trait Column: Sync {
    /// How many rows there are.
    fn len(&self) -> usize;

    /// Whether there is none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of a row, or none for a null.
    fn get(&self, row: usize) -> Option<&str>;

    /// The texts of as many rows as there is room for, from `first` on. One call for many rows
    /// spares as many calls through a pointer; there is no need to write another one.
    fn read<'c>(&'c self, first: usize, texts: &mut [Option<&'c str>]) {
        for (row, text) in texts.iter_mut().enumerate() {
            *text = self.get(first + row);
        }
    }
}

/// A field that each row has a value of its own for.
#[derive(Clone, Copy)]
pub struct Varying<'a> {
    /// The field.
    pub field: &'static Field,
    /// For a field of many headers (`metadata`), the entry: what follows the prefix in the name.
    pub entry: Option<&'a str>,
    /// What a null means.
    pub null: Null,
    /// The values.
    pub column: &'a dyn Column,
}

/// What a null in a column means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Null {
    /// The row has no URL.
    NoUrl,
    /// The row has a URL without this field.
    LeftOut,
}

/// What is done about a row that no URL can be made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnError {
    /// It has no URL; the reason is noted, and the others are signed.
    Note,
    /// Signing ends; only the reason of the first such row is certain to be noted, as the first.
    Stop,
}

/// One template, and the columns that vary it.
pub struct Batch<'a> {
    /// Where the URLs point to.
    pub target: &'a Target,
    /// Whose signature they bear; without one, they are for anonymous access.
    pub session: Option<&'a Session>,
    /// When they are valid: all of them are signed at the same time.
    pub window: Window,
    /// The request that all rows have in common, neither prepared nor checked.
    ///
    /// A field that travels in the query and varies stands in it too, with any value: so it has its
    /// place among the parameters.
    pub template: &'a Request<'a>,
    /// The fields that vary, each once, in the order of the operation's table.
    pub columns: &'a [Varying<'a>],
}

/// How a batch is signed. Nothing of it changes a URL.
pub struct Run<'a> {
    /// How many threads sign, with the calling one.
    pub threads: NonZeroUsize,
    /// The instructions that hash.
    pub isa: Isa,
    /// What is done about bad rows.
    pub on_error: OnError,
    /// Asked by the calling thread every few milliseconds; where it says no, signing ends.
    pub go_on: &'a dyn Fn() -> bool,
}

/// [`Run::go_on`] has said no.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stopped;

impl Batch<'_> {
    /// Signs `rows` of the columns. `urls` is overwritten; its memory is used again.
    ///
    /// Row by row, URLs and errors are those of [`Target::prepare`], the fields' rules,
    /// [`Target::check_signed`] and [`Target::sign`], or of [`Target::unsigned_url`].
    ///
    /// # Errors
    /// [`Stopped`]; what `urls` holds then means nothing.
    pub fn sign(&self, rows: Range<usize>, run: &Run<'_>, urls: &mut Urls) -> Result<(), Stopped> {
        let plan = Plan::new(self, rows.len(), run);
        urls.offsets.clear();
        urls.offsets.resize(rows.len() + 1, 0);
        let mut pieces = Piece::cut(rows, &mut urls.offsets[1..]);
        share(&mut pieces, run, || |piece: &mut Piece<'_>| plan.measure(piece))?;
        Piece::give_room(&mut pieces, &mut urls.data);
        share(&mut pieces, run, || {
            let mut signer = PieceSigner::new(&plan);
            move |piece: &mut Piece<'_>| signer.sign(piece)
        })?;
        let done = pieces.into_iter().map(Piece::done).collect();
        urls.finish(done, run.on_error);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock::SECOND;
    use crate::credentials::Credentials;
    use crate::endpoint::{Endpoint, Network, Tls};
    use crate::operation::UPLOAD_PART;
    use template::Template;

    struct Texts(Vec<Option<&'static str>>);

    impl Column for Texts {
        fn len(&self) -> usize {
            self.0.len()
        }

        fn get(&self, row: usize) -> Option<&str> {
            self.0[row]
        }
    }

    const RUN: Run<'static> = Run {
        threads: NonZeroUsize::MIN,
        isa: Isa::Crate,
        on_error: OnError::Note,
        go_on: &|| true,
    };

    fn with_parts<T>(parts: &[Option<&'static str>], use_it: impl FnOnce(&Batch<'_>) -> T) -> T {
        let target = Target {
            endpoint: Some(Endpoint::of_region("cn-hangzhou", Network::Public, Tls::On)),
            region: "cn-hangzhou".into(),
            product: "oss".into(),
            ..Target::default()
        };
        let session = Session::new(&target, Credentials::new("id", "secret", None), 0).unwrap();
        let mut template = Request {
            method: "PUT".into(),
            bucket: Some("bucket".into()),
            key: Some("k".into()),
            ..Request::default()
        };
        template.query.set("partNumber", "");
        template.query.set("uploadId", "u");
        let field = UPLOAD_PART.fields.iter().find(|field| field.name == "part_number").unwrap();
        let column = Texts(parts.to_vec());
        let parts = Varying { field, entry: None, null: Null::NoUrl, column: &column };
        use_it(&Batch {
            target: &target,
            session: Some(&session),
            window: Window { now: 0, expiration: 3600 * SECOND },
            template: &template,
            columns: &[parts],
        })
    }

    #[test]
    fn a_null_has_no_url_and_a_bad_value_has_a_reason() {
        let parts = [Some("1"), None, Some("10001"), Some("2"), Some("0")];
        with_parts(&parts, |batch| {
            let mut urls = Urls::default();
            batch.sign(0..5, &RUN, &mut urls).unwrap();
            assert!(urls.get(0).unwrap().contains("/k?partNumber=1&uploadId=u&"));
            assert!(urls.get(3).unwrap().contains("/k?partNumber=2&uploadId=u&"));
            assert_eq!([1, 2, 4].map(|row| urls.get(row)), [None; 3]);
            assert_eq!(urls.validity, Some(vec![0b01001]));
            let bad: Vec<_> = urls.errors.iter().map(|(row, _)| *row).collect();
            assert_eq!(bad, [2, 4]);
            batch.sign(0..1, &RUN, &mut urls).unwrap();
            assert_eq!((urls.len(), &urls.validity, urls.errors.len()), (1, &None, 0));
        });
    }

    #[test]
    fn rows_have_a_template_unless_they_differ_in_more_than_values() {
        with_parts(&[], |batch| {
            assert!(Template::of(batch).is_some());
            let mut template = batch.template.clone();
            template.query.set("x-oss-date", "q7slot00");
            template.headers.set("x-oss-meta-a", "q7slot00");
            assert!(Template::of(&Batch { template: &template, ..*batch }).is_none());
            assert!(Template::of(&Batch { session: None, ..*batch }).is_none());
        });
    }

    #[test]
    fn signing_ends_when_it_is_told_to() {
        with_parts(&[Some("1")], |batch| {
            let run = Run { go_on: &|| false, ..RUN };
            assert_eq!(batch.sign(0..1, &run, &mut Urls::default()), Err(Stopped));
        });
    }
}
