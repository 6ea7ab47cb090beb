//! PostObject: a form of a browser, its file streamed to the disk
//! (<https://www.alibabacloud.com/help/en/oss/developer-reference/postobject>).

use super::address::check_key;
use super::app::Emulator;
use super::call::Call;
use super::callback::{self, Told};
use super::draft::Draft;
use super::objects::{Upload, describe_upload};
use super::refusal::{Answer, Refusal};
use super::store::Overwrite;
use super::xml::Xml;
use super::{body, kept};
use crate::clock::SECOND;
use crate::credentials::OwnedCredentials;
use crate::encode;
use crate::form::{self, FILENAME, Received};
use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, LOCATION};
use axum::http::{HeaderValue, StatusCode};
use axum::response::Response;
use http_body_util::BodyDataStream;
use multer::{Field, Multipart};
use std::collections::BTreeMap;
use tokio::task::block_in_place;

/// All names of fields together, and each value, in bytes.
const MOST_NAMES: usize = 8 << 10;
const MOST_VALUE: usize = 2 << 20;
/// How many fields are read; names of one byte would allow as many as OSS reads.
const MOST_FIELDS: usize = 8 << 10;

/// The fields before the file, as they came.
#[derive(Default)]
struct Fields {
    all: Vec<(String, String)>,
    names: usize,
}

/// The name and the type that a browser gives a file.
struct File {
    name: String,
    content_type: Option<String>,
}

/// Whether a request is a form.
pub(super) fn is_form(call: &Call) -> bool {
    let kind = call.header(CONTENT_TYPE).unwrap_or_default();
    kind.get(..19).is_some_and(|kind| kind.eq_ignore_ascii_case("multipart/form-data"))
}

/// Takes a form and stores its file.
pub(super) async fn post(emulator: &Emulator, call: &mut Call, body: &mut Body) -> Answer {
    let boundary = multer::parse_boundary(call.header(CONTENT_TYPE).unwrap_or_default());
    let boundary = boundary.map_err(|error| malformed(&error))?;
    let mut form = Multipart::new(BodyDataStream::new(body), boundary);
    let mut fields = Fields::default();
    let file = loop {
        let field = form.next_field().await.map_err(|error| malformed(&error))?;
        let Some(field) = field else { return Err(without_file()) };
        if field.name().is_some_and(|name| name.eq_ignore_ascii_case("file")) {
            break field;
        }
        fields.take(field).await?;
    };
    store(emulator, call, &fields, file).await
}

async fn store(emulator: &Emulator, call: &mut Call, fields: &Fields, file: Field<'_>) -> Answer {
    let told = File {
        name: file.file_name().unwrap_or_default().to_owned(),
        content_type: file.content_type().map(ToString::to_string),
    };
    // Before the file, so that what is refused anyway is not written.
    fields.check(emulator, call, None)?;
    call.key = fields.get("key").unwrap_or_default().replace(FILENAME, &told.name);
    check_key(&call.key)?;
    let upload = Upload {
        headers: fields.kept(&told)?,
        over: Overwrite::forbidden_if(fields.says_true("x-oss-forbid-overwrite")),
    };
    let callback = fields.get("callback").map(|value| callback::read(value, None)).transpose()?;
    let draft = receive(emulator, file).await?;
    fields.check(emulator, call, Some(draft.size()))?;
    let object = block_in_place(|| upload.store(emulator, call, draft))?;
    let own: BTreeMap<String, String> =
        fields.all.iter().filter(|(name, _)| name.starts_with("x:")).cloned().collect();
    let mut response = match callback {
        None => fields.success(call, &object.etag)?,
        Some(callback) => {
            let told = Told { object: &object, operation: "PostObject", fields: &own };
            callback::tell(emulator, call, &callback, told).await?
        }
    };
    describe_upload(&object, response.headers_mut());
    Ok(response)
}

async fn receive(emulator: &Emulator, mut file: Field<'_>) -> Result<Draft, Refusal> {
    let mut draft = emulator.store.draft()?;
    while let Some(chunk) = file.chunk().await.map_err(|error| body::broken(&error))? {
        block_in_place(|| draft.write(&chunk))?;
        body::check_size(draft.size())?;
    }
    Ok(draft)
}

impl Fields {
    async fn take(&mut self, mut field: Field<'_>) -> Result<(), Refusal> {
        let name = field.name().unwrap_or_default().to_owned();
        self.names += name.len();
        let mut value = Vec::new();
        while let Some(chunk) = field.chunk().await.map_err(|error| malformed(&error))? {
            value.extend_from_slice(&chunk);
            if value.len() > MOST_VALUE {
                return Err(too_large(&format!("The field {name} is larger than 2 MB.")));
            }
        }
        if self.names > MOST_NAMES || self.all.len() == MOST_FIELDS {
            return Err(too_large("The names of the fields are larger than 8 KB in all."));
        }
        let value = String::from_utf8(value)
            .map_err(|_| Refusal::argument(format!("The field {name} is no UTF-8.")))?;
        self.all.push((name, value));
        Ok(())
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.all.iter().find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    fn says_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// Signature and policy; with the file's size once it is known.
    fn check(&self, emulator: &Emulator, call: &Call, size: Option<u64>) -> Result<(), Refusal> {
        let signing =
            ["policy", "Signature", "OSSAccessKeyId", "x-oss-signature", "x-oss-credential"];
        if signing.iter().all(|name| self.get(name).is_none()) {
            let message = "You have no right to access this object because of bucket acl.";
            return Err(Refusal::new(403, "AccessDenied", message).ec("0003-00000001"));
        }
        let fields: Vec<_> = self.all.iter().map(|(name, value)| (&**name, &**value)).collect();
        let now = call.now * SECOND;
        let received = Received { fields: &fields, bucket: Some(&call.bucket), size, now };
        let own = &emulator.settings.credentials;
        let find = |id: &str| (id == own.as_ref().id).then(|| OwnedCredentials::clone(own));
        let facts = form::verify(&received, find).map_err(refused)?;
        let region = emulator.settings.region.as_deref().filter(|_| !facts.region.is_empty());
        if region.is_some_and(|region| region != facts.region) {
            let message = format!("The form is signed for the region {}.", facts.region);
            return Err(Refusal::argument(message).detail("ArgumentName", "x-oss-credential"));
        }
        Ok(())
    }

    /// What is kept with the object.
    fn kept(&self, file: &File) -> Result<super::record::Headers, Refusal> {
        let lower: Vec<_> = self
            .all
            .iter()
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim()))
            .collect();
        let mut headers = kept::pick(lower.iter().map(|(name, value)| (&**name, *value)))?;
        let own = self.get("x-oss-content-type").or(file.content_type.as_deref());
        if let Some(kind) = own.filter(|_| {
            self.get("x-oss-content-type").is_some() || !headers.contains_key("content-type")
        }) {
            headers.insert("content-type".to_owned(), kind.to_owned());
        }
        Ok(headers)
    }

    /// The answer that the form asks for: 204 unless it says otherwise.
    fn success(&self, call: &Call, etag: &str) -> Answer {
        let asked = self.get("success_action_redirect").filter(|url| !url.is_empty());
        let mut response = Response::new(Body::empty());
        *response.status_mut() = StatusCode::NO_CONTENT;
        if let Some(url) = asked {
            let join = if url.contains('?') { '&' } else { '?' };
            let (bucket, key) = (encode::query(&call.bucket), encode::query(&call.key));
            let url = format!("{url}{join}bucket={bucket}&key={key}&etag=%22{etag}%22");
            let location = HeaderValue::from_str(&url);
            let invalid = |_| Refusal::argument("success_action_redirect is no URL.");
            response.headers_mut().insert(LOCATION, location.map_err(invalid)?);
            *response.status_mut() = StatusCode::SEE_OTHER;
            return Ok(response);
        }
        match self.get("success_action_status") {
            Some("200") => *response.status_mut() = StatusCode::OK,
            Some("201") => {
                response = posted(call, etag).answer();
                *response.status_mut() = StatusCode::CREATED;
            }
            _ => {}
        }
        Ok(response)
    }
}

fn posted(call: &Call, etag: &str) -> Xml {
    let mut xml = Xml::new("PostResponse");
    let mut path = String::new();
    encode::push_path(&mut path, &call.key);
    let bucket = if call.is_path_style { format!("/{}", call.bucket) } else { String::new() };
    xml.text("Bucket", &call.bucket);
    xml.text("ETag", &format!("\"{etag}\"")).text("Key", &call.key);
    xml.text("Location", &format!("http://{}{bucket}/{path}", call.host));
    xml
}

fn refused(refused: form::Refusal) -> Refusal {
    let mut refusal = Refusal::new(refused.status, refused.code, &*refused.message);
    refusal.ec = refused.ec;
    let about = [("Field", refused.field), ("Condition", refused.condition)];
    let about = about.into_iter().filter_map(|(name, value)| Some((name, String::from(value?))));
    refusal.details = about.collect();
    refusal.explanation = Some(format!("{}: {}", refused.cause, refusal.message));
    refusal
}

fn without_file() -> Refusal {
    let message = "POST requires exactly one file upload per request.";
    Refusal::new(400, "IncorrectNumberOfFilesInPOSTRequest", message)
}

fn malformed(error: &multer::Error) -> Refusal {
    let message = "The body of your POST request is not well-formed multipart/form-data.";
    let refusal = Refusal::new(400, "MalformedPOSTRequest", message);
    Refusal { explanation: Some(error.to_string()), ..refusal }
}

fn too_large(message: &str) -> Refusal {
    Refusal::new(400, "EntityTooLarge", message)
}
