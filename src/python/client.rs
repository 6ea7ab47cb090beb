//! `Client`: a config, and what is derived from it once.

use super::asked::Asked;
use super::batch::{self, Options, PresignedUrls, SignedBatches};
use super::config::Settings;
use super::credentials::{reduced, restore_dict};
use super::disposition;
use super::form::{PresignedPost, Wanted};
use super::given::Given;
use super::made_of::{self, MadeOf};
use super::ready::Ready;
use super::result::PresignResult;
use super::state::State;
use super::twin::Twin;
use crate::presign::Version;
use crate::session::SessionCache;
use pyo3::exceptions::PyRuntimeError;
use pyo3::gc::{PyTraverseError, PyVisit};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use std::sync::OnceLock;
use std::sync::atomic::AtomicI64;

/// Presigns URLs for one region or endpoint, with one provider of credentials.
///
/// Safe to share between threads. The provider is asked at every call, so that rotated credentials
/// are seen; what is derived from its answer is kept while the answer stays the same.
///
/// Args:
///     config: A `Config`, of this package or of the official SDK.
///     **options: The options of the SDK's client that concern signing: `region`, `product`,
///         `endpoint`, `credentials_provider`, `address_style`, `signer`, `additional_headers`,
///         `default_request_headers`, and `bucket_name_resolver`; and ossign's `clock_offset`,
///         `backdate` and `on_short_credentials`. They override the config.
///
/// Raises:
///     ParamInvalidError: The endpoint names no host.
///     TypeError: A setting of the wrong type, or an unknown option.
///
/// Example:
///     >>> import ossign as oss
///     >>> client = oss.Client(oss.Config(
///     ...     region="cn-hangzhou",
///     ...     credentials_provider=oss.credentials.StaticCredentialsProvider("id", "secret")))
///     >>> client.presign(oss.GetObjectRequest(bucket="bucket", key="photo.jpg")).url[:58]
///     'https://bucket.oss-cn-hangzhou.aliyuncs.com/photo.jpg?x-os'
#[pyclass(module = "ossign", subclass, frozen, weakref, dict)]
pub(super) struct Client {
    state: OnceLock<State>,
    ready: Ready,
}

/// Who is asked for credentials, by which method, and whether once more if need be.
type Questioned = (Py<PyAny>, Option<&'static str>, bool);

#[pymethods]
impl Client {
    /// Takes anything, so that subclasses may have constructors of their own.
    #[new]
    #[pyo3(signature = (*_args, **_kwargs))]
    fn new(_args: &Bound<'_, PyTuple>, _kwargs: Option<&Bound<'_, PyDict>>) -> Self {
        Self { state: OnceLock::new(), ready: Ready::new() }
    }

    #[pyo3(signature = (config, **options))]
    fn __init__(
        &self,
        config: &Bound<'_, PyAny>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<()> {
        self.configure(config, options, false)
    }

    /// Presigns a request.
    ///
    /// Args:
    ///     request: One of the seven request classes, an `OperationInput` for any other operation,
    ///         or a request object of the official SDK.
    ///     expires: For how long the URL is valid: a `datetime.timedelta` of at least one second,
    ///         and with signature version 4 at most seven days. 15 minutes if not given.
    ///     expiration: When the URL ends, a `datetime.datetime`; a naive one is local time. Wins
    ///         over `expires`.
    ///     download_as: Of a GetObject: the name under which a browser saves the object.
    ///     inline: Of a GetObject: a browser shows the object, if it can.
    ///     endpoint: Another host than the client's, with or without a scheme; region and signature
    ///         stay those of the client.
    ///     cname: Whether that host is a domain bound to the bucket; or such a domain itself.
    ///     scheme: "https" or "http", in place of the client's.
    ///     traffic_limit: The most bits a second, from 819,200 to 838,860,800, as a parameter of the
    ///         URL. In the request it is a header, which links cannot have.
    ///     source_ip: The address that the URL may be used from, or a network: "192.0.2.0/24", or one
    ///         of `ipaddress`. It is signed and does not stand in the URL.
    ///     subnet_mask: How many bits of `source_ip` count: 1 to 32, for IPv6 to 128.
    ///     vpc_id: The VPC that the URL may be used from.
    ///     forward_allow: Let OSS take the address from `X-Forwarded-For`, which anybody can send.
    ///     backdate: A `datetime.timedelta`, by how much the URL is signed before now, for servers
    ///         whose clock is behind (version 4). The client's if not given.
    ///
    /// Returns:
    ///     A `PresignResult` with `method`, `url`, `expiration`, `signed_headers`,
    ///     `request_headers` and `effective_expiration`.
    ///
    /// Raises:
    ///     PresignExpirationError: More than seven days (version 4), with `backdate`, or less than one
    ///         second.
    ///     ParamRequiredError: A field is missing.
    ///     ParamInvalidError: `request` cannot be presigned; or a keyword's value is none that OSS
    ///         takes, or contradicts the request.
    ///     SerializationError: A field's value has no text.
    ///     OperationError: Everything else that is wrong with bucket, key, headers, endpoint,
    ///         region or credentials; `unwrap()` gives the reason.
    ///     TypeError: `expires` is no timedelta, or a keyword is unknown.
    ///
    /// Example:
    ///     >>> import datetime
    ///     >>> import ossign as oss
    ///     >>> client = oss.Client(oss.Config(
    ///     ...     region="cn-hangzhou", credentials_provider=oss.Credentials("id", "secret")))
    ///     >>> request = oss.PutObjectRequest(bucket="bucket", key="a.txt", content_type="text/plain")
    ///     >>> result = client.presign(request, expires=datetime.timedelta(hours=1))
    ///     >>> result.method, result.url[:50]
    ///     ('PUT', 'https://bucket.oss-cn-hangzhou.aliyuncs.com/a.txt?')
    ///     >>> result.request_headers["Content-Type"]
    ///     'text/plain'
    // Named one by one: PyO3 lets Python make a tuple and a dict of the arguments of a function that
    // takes any keyword.
    #[pyo3(
        signature = (
            request, *, expires=None, expiration=None, download_as=None, inline=None, endpoint=None,
            cname=None, scheme=None, traffic_limit=None, source_ip=None, subnet_mask=None,
            vpc_id=None, forward_allow=None, backdate=None
        ),
        text_signature = "($self, request, *, expires=None, expiration=None, download_as=None, inline=False, endpoint=None, cname=None, scheme=None, traffic_limit=None, source_ip=None, subnet_mask=None, vpc_id=None, forward_allow=None, backdate=None)"
    )]
    #[allow(clippy::too_many_arguments)] // They are the keywords of the call.
    fn presign<'py>(
        &self,
        py: Python<'py>,
        request: &Bound<'py, PyAny>,
        expires: Option<&Bound<'py, PyAny>>,
        expiration: Option<&Bound<'py, PyAny>>,
        download_as: Option<&Bound<'py, PyAny>>,
        inline: Option<&Bound<'py, PyAny>>,
        endpoint: Option<Bound<'py, PyAny>>,
        cname: Option<Bound<'py, PyAny>>,
        scheme: Option<Bound<'py, PyAny>>,
        traffic_limit: Option<Bound<'py, PyAny>>,
        source_ip: Option<Bound<'py, PyAny>>,
        subnet_mask: Option<Bound<'py, PyAny>>,
        vpc_id: Option<Bound<'py, PyAny>>,
        forward_allow: Option<Bound<'py, PyAny>>,
        backdate: Option<Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PresignResult>> {
        let state = self.state()?;
        let asked = Asked {
            endpoint,
            cname,
            scheme,
            traffic_limit,
            source_ip,
            subnet_mask,
            vpc_id,
            forward_allow,
            backdate,
        };
        let special = asked.read(py, &state.settings)?;
        let given = Given::of(request)?;
        let shown_as = match (download_as, inline) {
            (None, None) => None,
            _ => disposition::asked(py, download_as, inline)?,
        };
        state
            .presign(py, &given, (expires, expiration), shown_as, special.as_deref())
            .map_err(|failure| failure.into_exception(py, given.operation_name()))
    }

    /// Presigns a request, after it has waited for the credentials of an asynchronous provider: one
    /// whose function or `get_credentials()` is `async def` or returns an awaitable, or one that has
    /// `get_credentials_async()`.
    ///
    /// Signing itself waits for nothing: with any other provider this is `presign`.
    ///
    /// Args:
    ///     request: As in `presign`.
    ///     **keywords: As in `presign`.
    ///
    /// Returns:
    ///     A coroutine that gives a `PresignResult`.
    ///
    /// Raises:
    ///     BaseError: As `presign`, when it is awaited.
    ///
    /// Example:
    ///     >>> import asyncio
    ///     >>> import ossign as oss
    ///     >>> async def from_our_vault():
    ///     ...     return oss.Credentials("id", "secret")
    ///     >>> client = oss.Client(oss.Config(
    ///     ...     region="cn-hangzhou", credentials_provider=from_our_vault))
    ///     >>> result = asyncio.run(client.presign_async(oss.GetObjectRequest(bucket="bucket", key="k")))
    ///     >>> result.url[:50]
    ///     'https://bucket.oss-cn-hangzhou.aliyuncs.com/k?x-os'
    #[pyo3(
        signature = (request, **keywords),
        text_signature = "($self, request, *, expires=None, expiration=None, download_as=None, inline=False, endpoint=None, cname=None, scheme=None, traffic_limit=None, source_ip=None, subnet_mask=None, vpc_id=None, forward_allow=None, backdate=None)"
    )]
    fn presign_async<'py>(
        slf: &Bound<'py, Self>,
        request: &Bound<'py, PyAny>,
        keywords: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let presign = slf.py().import("ossign._awaited")?.getattr("presign")?;
        presign.call((slf, request), keywords)
    }

    /// For `presign_async`: who is asked, by which method, and whether once more if need be; None
    /// where nobody is.
    #[pyo3(name = "_asked")]
    fn asked(&self, py: Python<'_>) -> PyResult<Option<Questioned>> {
        let state = self.state()?;
        let may_ask_again = state.may_ask_again(state.now(py)?);
        let asked = state.settings.provider.asked();
        Ok(asked.map(|(object, name)| (object.clone_ref(py), name, may_ask_again)))
    }

    /// Notes that the provider was asked once more, and that its credentials were too short again.
    #[pyo3(name = "_asked_in_vain")]
    fn asked_in_vain(&self, py: Python<'_>) -> PyResult<()> {
        let state = self.state()?;
        state.note_in_vain(state.now(py)?);
        Ok(())
    }

    /// A client like this one, with this provider; the same one as long as the provider is the same.
    #[pyo3(name = "_with_provider")]
    fn with_provider<'py>(
        slf: &Bound<'py, Self>,
        provider: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let state = slf.get().state()?;
        if let Some(twin) = state.twin.of(provider) {
            return Ok(twin);
        }
        let made_of = state.made_of.with_option("credentials_provider", provider)?;
        let twin = made_of::copied(slf, Some(&made_of), None)?;
        state.twin.set(provider, &twin);
        Ok(twin)
    }

    /// Presigns a form upload (PostObject): a browser posts it, and OSS holds it to what you say here.
    ///
    /// The only presigned upload whose size can be bounded. What the form says beside these fields is
    /// up to whoever sends it.
    ///
    /// Args:
    ///     bucket: Its name.
    ///     key: The object's key. `${filename}` in it becomes the name of the file; what stands before
    ///         it is then the prefix that the key must have.
    ///     conditions: What else must hold: `Condition` objects, or lists as OSS writes them. One that
    ///         names a field takes the place of the rule that the field keeps its value.
    ///     content_length_range: The least and the most bytes of the file; at most 5 GB.
    ///     content_type: The form's Content-Type.
    ///     success_action_status: 200, 201 or 204: what OSS answers. 204 if not given.
    ///     success_action_redirect: The URL that OSS sends the browser to afterwards.
    ///     callback: A `Callback`, or its Base64.
    ///     metadata: User metadata, without `x-oss-meta-`.
    ///     fields: Any other fields of the form, such as `{"Cache-Control": "no-cache"}`.
    ///     expires: For how long the form is good; 15 minutes if not given, with version 4 at most
    ///         seven days.
    ///     expiration: When it ends; wins over `expires`.
    ///     endpoint: As in `presign`.
    ///     cname: As in `presign`.
    ///     scheme: As in `presign`.
    ///     backdate: As in `presign`.
    ///
    /// Returns:
    ///     A `PresignedPost` with `url`, `fields`, `policy` and `expiration`.
    ///
    /// Raises:
    ///     ParamInvalidError: A field or a condition that OSS would refuse, or that contradicts another.
    ///     PresignExpirationError: More than seven days (version 4), or less than one second.
    ///     OperationError: Everything that is wrong with bucket, key, endpoint, region or credentials;
    ///         `unwrap()` gives the reason.
    ///     TypeError: A value of another type.
    ///
    /// Example:
    ///     >>> import ossign as oss
    ///     >>> client = oss.Client(oss.Config(
    ///     ...     region="cn-hangzhou", credentials_provider=oss.Credentials("id", "secret")))
    ///     >>> post = client.presign_post(
    ///     ...     "bucket", "photos/${filename}", content_length_range=(1, 10 * 1024 * 1024),
    ///     ...     conditions=[oss.Condition.starts_with("content-type", "image/")])
    ///     >>> post.url
    ///     'https://bucket.oss-cn-hangzhou.aliyuncs.com/'
    #[pyo3(signature = (
        bucket, key, *, conditions=None, content_length_range=None, content_type=None,
        success_action_status=None, success_action_redirect=None, callback=None, metadata=None,
        fields=None, expires=None, expiration=None, endpoint=None, cname=None, scheme=None,
        backdate=None
    ))]
    #[allow(clippy::too_many_arguments)] // Each is a keyword of its own.
    fn presign_post(
        &self,
        py: Python<'_>,
        bucket: &Bound<'_, PyAny>,
        key: &Bound<'_, PyAny>,
        conditions: Option<&Bound<'_, PyAny>>,
        content_length_range: Option<&Bound<'_, PyAny>>,
        content_type: Option<&Bound<'_, PyAny>>,
        success_action_status: Option<&Bound<'_, PyAny>>,
        success_action_redirect: Option<&Bound<'_, PyAny>>,
        callback: Option<&Bound<'_, PyAny>>,
        metadata: Option<&Bound<'_, PyAny>>,
        fields: Option<&Bound<'_, PyAny>>,
        expires: Option<&Bound<'_, PyAny>>,
        expiration: Option<&Bound<'_, PyAny>>,
        endpoint: Option<Bound<'_, PyAny>>,
        cname: Option<Bound<'_, PyAny>>,
        scheme: Option<Bound<'_, PyAny>>,
        backdate: Option<Bound<'_, PyAny>>,
    ) -> PyResult<PresignedPost> {
        let state = self.state()?;
        let asked = Asked { endpoint, cname, scheme, backdate, ..Asked::default() };
        let special = asked.read(py, &state.settings)?;
        let wanted = Wanted {
            conditions,
            content_length_range,
            content_type,
            success_action_status,
            success_action_redirect,
            callback,
            metadata,
            fields,
        };
        let draft = wanted.draft(bucket, key)?;
        state
            .presign_post(py, draft, (expires, expiration), special.as_deref())
            .map_err(|failure| failure.into_exception(py, "PostObject"))
    }

    /// Plans the upload of a file in parts, and presigns the request that begins it.
    ///
    /// Args:
    ///     request: An InitiateMultipartUploadRequest, of this package or of the official SDK.
    ///     size: The bytes of the file: up to 48.8 TB (10,000 parts of 5 GB). An empty file is one part.
    ///     part_size: The bytes of each part but the last: 100 KB to 5 GB, and so many that there are
    ///         at most 10,000 parts. If not given, 8 MB, and more for files of 40 GB and more.
    ///     expires: For how long the URLs are valid, as in `presign`.
    ///     expiration: When they end, as in `presign`.
    ///     endpoint: As in `presign`, for all URLs of the plan, those of its parts too.
    ///     cname: As in `presign`.
    ///     scheme: As in `presign`.
    ///     traffic_limit: As in `presign`, for the URLs of the parts.
    ///     source_ip: As in `presign`, for all URLs.
    ///     subnet_mask: As in `presign`.
    ///     vpc_id: As in `presign`.
    ///     forward_allow: As in `presign`.
    ///     backdate: As in `presign`.
    ///
    /// Returns:
    ///     A `MultipartPlan`: `initiate`, the ranges of the parts, and `parts`, which presigns them.
    ///
    /// Raises:
    ///     ParamInvalidError: `size` or `part_size` is beyond what OSS takes, or the request is another.
    ///     TypeError: `size` or `part_size` is no int, or a keyword is unknown.
    ///     BaseError: As `presign`.
    ///
    /// Example:
    ///     >>> import ossign as oss
    ///     >>> client = oss.Client(oss.Config(
    ///     ...     region="cn-hangzhou", credentials_provider=oss.Credentials("id", "secret")))
    ///     >>> request = oss.InitiateMultipartUploadRequest(bucket="bucket", key="video.mp4")
    ///     >>> plan = client.plan_multipart(request, size=20_000_000)
    ///     >>> plan.part_count, plan.part_size, plan.initiate.method
    ///     (3, 8388608, 'POST')
    #[pyo3(
        signature = (request, size, part_size=None, *, expires=None, expiration=None, **more),
        text_signature = "($self, request, size, part_size=None, *, expires=None, expiration=None, endpoint=None, cname=None, scheme=None, traffic_limit=None, source_ip=None, subnet_mask=None, vpc_id=None, forward_allow=None, backdate=None)"
    )]
    fn plan_multipart<'py>(
        slf: &Bound<'py, Self>,
        request: &Bound<'py, PyAny>,
        size: &Bound<'py, PyAny>,
        part_size: Option<&Bound<'py, PyAny>>,
        expires: Option<&Bound<'py, PyAny>>,
        expiration: Option<&Bound<'py, PyAny>>,
        more: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let state = slf.get().state()?;
        // What is wrong with them is said now, not when there is an upload.
        let special = Asked::only(py, more, (&state.settings, "plan_multipart"))?;
        let target = state.target();
        let signs_length = target.version == Version::V4
            && target.additional_headers.iter().any(|name| name == "content-length");
        let keywords = more.map_or_else(|| Ok(PyDict::new(py)), |more| more.copy())?;
        keywords.set_item("expires", expires)?;
        keywords.set_item("expiration", expiration)?;
        keywords.set_item("bind_lengths", signs_length)?;
        if let Some(limit) = special.and_then(|special| special.restrictions.traffic_limit) {
            keywords.set_item("traffic_limit", limit)?;
        }
        let class = py.import("ossign.multipart")?.getattr("MultipartPlan")?;
        class.call((slf, request, size, part_size), Some(&keywords))
    }

    /// Presigns one URL per row of the columns, all at the same time and with the same credentials.
    ///
    /// Args:
    ///     template: What `presign` takes; it has the fields that all rows share.
    ///     columns: A mapping from names of fields to columns: for a field whose name is a keyword
    ///         here (`expires` of PutObjectRequest).
    ///     expires: As in `presign`.
    ///     expiration: As in `presign`.
    ///     errors: What is done about a row that cannot be presigned: "raise", or "null", which
    ///         gives None there and notes the reason in `errors` of the answer.
    ///     threads: How many threads sign. None: as many as this process may use, and only one for
    ///         a few thousand rows.
    ///     traffic_limit: An int is as in `presign`, for all rows. Anything else is the column of the
    ///         field of this name, a header.
    ///     endpoint: As in `presign`, for all rows.
    ///     cname: As in `presign`.
    ///     scheme: As in `presign`.
    ///     source_ip: As in `presign`.
    ///     subnet_mask: As in `presign`.
    ///     vpc_id: As in `presign`.
    ///     forward_allow: As in `presign`.
    ///     backdate: As in `presign`.
    ///     **field_columns: Columns by the names of their fields: lists, tuples, iterators, arrays
    ///         and Series of NumPy, pandas, Polars and pyarrow, relations of DuckDB, anything with
    ///         `__arrow_c_array__` or `__arrow_c_stream__`. A null in a required field (`key`)
    ///         gives a null; in any other, a URL without that field.
    ///
    /// Returns:
    ///     `PresignedUrls`, a sequence of str and an Arrow array.
    ///
    /// Raises:
    ///     TypeError: No column, no field of that name, or something that is no column.
    ///     ValueError: Columns of different lengths; `errors` or `threads` of no known value.
    ///     BaseError: As `presign`; with a `row` where it is about one.
    ///
    /// Example:
    ///     >>> import ossign as oss
    ///     >>> client = oss.Client(oss.Config(
    ///     ...     region="cn-hangzhou",
    ///     ...     credentials_provider=oss.credentials.StaticCredentialsProvider("id", "secret")))
    ///     >>> urls = client.presign_many(oss.GetObjectRequest(bucket="bucket"), key=["a", "b"])
    ///     >>> [url[:50] for url in urls]
    ///     ['https://bucket.oss-cn-hangzhou.aliyuncs.com/a?x-os', 'https://bucket.oss-cn-hangzhou.aliyuncs.com/b?x-os']
    #[pyo3(
        signature = (
            template, *, columns=None, expires=None, expiration=None, errors="raise", threads=None,
            **more
        ),
        text_signature = "($self, template, *, columns=None, expires=None, expiration=None, errors='raise', threads=None, endpoint=None, cname=None, scheme=None, traffic_limit=None, source_ip=None, subnet_mask=None, vpc_id=None, forward_allow=None, backdate=None, **field_columns)"
    )]
    #[allow(clippy::too_many_arguments)] // They are the keywords of the call.
    fn presign_many(
        &self,
        template: &Bound<'_, PyAny>,
        columns: Option<&Bound<'_, PyAny>>,
        expires: Option<Bound<'_, PyAny>>,
        expiration: Option<Bound<'_, PyAny>>,
        errors: &str,
        threads: Option<&Bound<'_, PyAny>>,
        more: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<PresignedUrls> {
        let (py, state) = (template.py(), self.state()?);
        let (asked, field_columns) = Asked::of_rows(more)?;
        let field_columns = field_columns.as_ref();
        let options = Options::read(expires, expiration, errors, threads, field_columns)?;
        let options = options.with(asked.read(py, &state.settings)?);
        batch::presign_many(state, template, columns, field_columns, &options)
    }

    /// Presigns a stream of tables, batch by batch, as somebody reads it.
    ///
    /// Each batch is signed when it is read, at that time and with the credentials of that time. So
    /// a long stream holds one batch in memory, and its last URLs are as fresh as its first.
    ///
    /// Args:
    ///     template: What `presign` takes; it has the fields that all rows share.
    ///     reader: Anything with `__arrow_c_stream__` whose batches have columns: a
    ///         RecordBatchReader or Table of pyarrow, a DataFrame, a relation of DuckDB.
    ///     columns: A mapping from names of fields to names of columns.
    ///     expires: As in `presign`.
    ///     expiration: As in `presign`.
    ///     errors: "raise" ends the stream at a row that cannot be presigned; "null" gives a null.
    ///     threads: As in `presign_many`, for each batch.
    ///     url: The name of the column of URLs, which comes last.
    ///     traffic_limit: An int is as in `presign`, for all rows; a str names a column.
    ///     endpoint: As in `presign`, for all rows.
    ///     cname: As in `presign`.
    ///     scheme: As in `presign`.
    ///     source_ip: As in `presign`.
    ///     subnet_mask: As in `presign`.
    ///     vpc_id: As in `presign`.
    ///     forward_allow: As in `presign`.
    ///     backdate: As in `presign`.
    ///     **field_columns: The names of columns by the names of their fields. `key="key"` if none
    ///         is given.
    ///
    /// Returns:
    ///     `SignedBatches`, an Arrow stream with all columns of `reader`, and the URLs.
    ///
    /// Raises:
    ///     TypeError: `reader` is no Arrow stream, a name is no field, a column has no text.
    ///     ValueError: There is no column of that name, or already one that is named as `url` says.
    ///     BaseError: As `presign`.
    #[pyo3(
        signature = (
            template, reader, *, columns=None, expires=None, expiration=None, errors="raise",
            threads=None, url="url", **more
        ),
        text_signature = "($self, template, reader, *, columns=None, expires=None, expiration=None, errors='raise', threads=None, url='url', endpoint=None, cname=None, scheme=None, traffic_limit=None, source_ip=None, subnet_mask=None, vpc_id=None, forward_allow=None, backdate=None, **field_columns)"
    )]
    #[allow(clippy::too_many_arguments)] // They are the keywords of the call.
    fn presign_batches(
        slf: &Bound<'_, Self>,
        template: &Bound<'_, PyAny>,
        reader: &Bound<'_, PyAny>,
        columns: Option<&Bound<'_, PyAny>>,
        expires: Option<Bound<'_, PyAny>>,
        expiration: Option<Bound<'_, PyAny>>,
        errors: &str,
        threads: Option<&Bound<'_, PyAny>>,
        url: &str,
        more: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<SignedBatches> {
        let (py, state) = (slf.py(), slf.get().state()?);
        let (asked, field_columns) = Asked::of_rows(more)?;
        let field_columns = field_columns.as_ref();
        let options = Options::read(expires, expiration, errors, threads, field_columns)?;
        let options = options.with(asked.read(py, &state.settings)?);
        let names = (columns, field_columns);
        batch::presign_batches(slf, template, reader, names, url, options)
    }

    fn __repr__(&self) -> &'static str {
        "<OssClient>"
    }

    /// A client like this one, which pickle takes although it holds a secret.
    ///
    /// Whoever reads the pickle has the secret: keep it out of files, logs and job plans. Copies in
    /// this process (`copy.copy`, `copy.deepcopy`) need no such permission.
    ///
    /// Returns:
    ///     Another client of the same class. What is unpickled may be pickled again.
    ///
    /// Example:
    ///     >>> import pickle
    ///     >>> import ossign as oss
    ///     >>> client = oss.Client(oss.Config(
    ///     ...     region="cn-hangzhou", credentials_provider=oss.Credentials("id", "secret")))
    ///     >>> pickle.loads(pickle.dumps(client.picklable_with_secret()))
    ///     <OssClient>
    fn picklable_with_secret<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let made_of = slf.get().state()?.made_of.with_secret(slf.py());
        made_of::copied(slf, Some(&made_of), None)
    }

    fn __reduce__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyTuple>> {
        let py = slf.py();
        let made_of = slf.get().state.get().map(|state| &state.made_of);
        made_of.map_or(Ok(()), |made_of| made_of.check_pickled(py))?;
        let parts = made_of.map(|made_of| made_of.parts(py)).transpose()?;
        reduced(slf, parts.into_pyobject(py)?)
    }

    fn __copy__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        made_of::copied(slf, slf.get().state.get().map(|state| &state.made_of), None)
    }

    fn __deepcopy__<'py>(
        slf: &Bound<'py, Self>,
        memo: &Bound<'py, PyDict>,
    ) -> PyResult<Bound<'py, PyAny>> {
        made_of::copied(slf, slf.get().state.get().map(|state| &state.made_of), Some(memo))
    }

    fn __setstate__(slf: &Bound<'_, Self>, state: &Bound<'_, PyTuple>) -> PyResult<()> {
        type Parts<'py> = (Bound<'py, PyAny>, Option<Bound<'py, PyDict>>, bool);
        let parts: Option<Parts<'_>> = state.get_item(0)?.extract()?;
        if let Some((config, options, secret_travels)) = parts {
            slf.get().configure(&config, options.as_ref(), secret_travels)?;
        }
        restore_dict(slf, state)
    }

    fn __traverse__(&self, visit: PyVisit<'_>) -> Result<(), PyTraverseError> {
        if !self.ready.is_set() {
            return Ok(());
        }
        let Some(state) = self.state.get() else { return Ok(()) };
        state.made_of.traverse(&visit)?;
        state.twin.traverse(&visit)?;
        visit.call(&state.settings.bucket_name_resolver)?;
        state.settings.provider.traverse(visit)
    }
}

impl Client {
    fn configure(
        &self,
        config: &Bound<'_, PyAny>,
        options: Option<&Bound<'_, PyDict>>,
        secret_travels: bool,
    ) -> PyResult<()> {
        let state = State {
            settings: Settings::read(config, options)?,
            sessions: SessionCache::default(),
            made_of: MadeOf::new(config, options, secret_travels)?,
            in_vain: AtomicI64::new(i64::MIN),
            twin: Twin::default(),
        };
        self.state
            .set(state)
            .map_err(|_| PyRuntimeError::new_err("this client is configured already"))
    }

    /// The settings, and the sessions kept; none before `__init__`.
    pub(super) fn parts(&self) -> Option<(&Settings, &SessionCache)> {
        self.state.get().map(|state| (&state.settings, &state.sessions))
    }

    pub(super) fn state(&self) -> PyResult<&State> {
        let state = self.state.get();
        state.ok_or_else(|| PyRuntimeError::new_err("Client.__init__ was not called"))
    }
}
