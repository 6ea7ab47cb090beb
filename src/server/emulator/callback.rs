//! Telling an application of an upload, as OSS does it: a signed POST, whose answer the uploader gets
//! (<https://help.aliyun.com/zh/oss/developer-reference/callback>).

use super::app::Emulator;
use super::call::Call;
use super::kept;
use super::record::Object;
use super::refusal::Refusal;
use crate::callback::{self, Callback, PrivateKey};
use axum::body::Body;
use axum::http::header::{AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use axum::http::{HeaderMap, Request, Response, Uri};
use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use md5::{Digest, Md5};
use std::collections::BTreeMap;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// The largest answer that OSS passes on.
const MOST: usize = 1 << 20;
/// Where OSS's key is found. The emulator signs with another one, the test key of this package.
const KEY_URL: &str = "http://gosspublic.alicdn.com/callback_pub_key_v1.pem";

/// The callback that an upload asks for, in its headers or in its query.
///
/// # Errors
/// Both at once, and what OSS refuses.
pub(super) fn asked(call: &Call) -> Result<Option<Callback>, Refusal> {
    let header = call.header("x-oss-callback");
    match (header, call.parameter("callback")) {
        (Some(_), Some(_)) => {
            let message = "The callback is given in the header and in the query: give it once.";
            Err(Refusal::argument(message).detail("ArgumentName", "callback"))
        }
        (None, None) => Ok(None),
        (Some(value), None) => read(value, call.header("x-oss-callback-var")).map(Some),
        (None, Some(value)) => read(value, call.parameter("callback-var")).map(Some),
    }
}

/// Reads the two values of a callback.
///
/// # Errors
/// What OSS refuses.
pub(super) fn read(value: &str, vars: Option<&str>) -> Result<Callback, Refusal> {
    Callback::parse(value, vars).map_err(|error| {
        let message = format!("The callback configuration is not correct: {error}");
        Refusal::argument(message).detail("ArgumentName", "callback")
    })
}

/// What an upload tells its application of itself.
pub(super) struct Told<'t> {
    pub(super) object: &'t Object,
    pub(super) operation: &'static str,
    /// Variables that came as fields of a form.
    pub(super) fields: &'t BTreeMap<String, String>,
}

/// Tells the application; its answer becomes that of the upload. The object stays stored whatever
/// becomes of this.
///
/// # Errors
/// 203 CallbackFailed, which is no success though it looks like one.
pub(super) async fn tell(
    emulator: &Emulator,
    call: &Call,
    callback: &Callback,
    told: Told<'_>,
) -> Result<Response<Body>, Refusal> {
    let image = image_of(emulator, told.object);
    let body = callback.fill_body(|name| value_of(name, call, &told, image.as_ref()));
    let (mut asked, mut why) = ("", "it names no URL".to_owned());
    for url in &callback.urls {
        let sent = timeout(emulator.settings.callback_timeout, send(call, callback, url, &body));
        match sent.await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => why = error,
            Err(_) => why = "Callback address timeout.".to_owned(),
        }
        asked = url;
    }
    let explanation = format!("the object is stored; the callback failed: {asked}: {why}");
    let refusal = Refusal::new(203, "CallbackFailed", why);
    Err(Refusal { explanation: Some(explanation), ..refusal })
}

fn value_of(name: &str, call: &Call, told: &Told<'_>, image: Option<&Image>) -> Option<String> {
    let object = told.object;
    Some(match name {
        "bucket" => object.bucket.clone(),
        "object" => object.key.clone(),
        "etag" => object.etag.clone(),
        "size" => object.size.to_string(),
        "mimeType" => object.headers.get("content-type").cloned().unwrap_or_default(),
        "imageInfo.height" => image?.height.to_string(),
        "imageInfo.width" => image?.width.to_string(),
        "imageInfo.format" => image?.format.to_owned(),
        "crc64" => object.crc64.to_string(),
        "contentMd5" => object.content_md5.clone()?,
        "clientIp" => call.peer.clone()?,
        "reqId" => call.id.clone(),
        "operation" => told.operation.to_owned(),
        own => return told.fields.get(own).cloned(),
    })
}

/// Posts to one URL.
async fn send(
    call: &Call,
    callback: &Callback,
    url: &str,
    body: &str,
) -> Result<Response<Body>, String> {
    let uri: Uri = url.parse().map_err(|_| "this is no URL".to_owned())?;
    if uri.scheme_str() == Some("https") {
        return Err("the emulator posts to http only".to_owned());
    }
    let authority = uri.authority().ok_or("this is no URL")?;
    let address = (authority.host(), authority.port_u16().unwrap_or(80));
    let stream = TcpStream::connect(address).await.map_err(|error| error.to_string())?;
    let shake = http1::handshake(TokioIo::new(stream));
    let (mut sender, connection) = shake.await.map_err(|error| error.to_string())?;
    let request = request(call, callback, &uri, body)?;
    let exchange = async {
        let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
        passed_on(answer).await
    };
    // The connection moves the bytes of the exchange; it may end first.
    tokio::select! {
        biased;
        answer = exchange => answer,
        Err(error) = connection => Err(error.to_string()),
    }
}

/// The request, signed with the test key.
fn request(
    call: &Call,
    callback: &Callback,
    uri: &Uri,
    body: &str,
) -> Result<Request<Full<Bytes>>, String> {
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    let signed = callback::string_to_sign(uri.path(), &query, body.as_bytes());
    let key =
        PrivateKey::from_pem(callback::TEST_PRIVATE_KEY).map_err(|error| error.to_string())?;
    let signature = key.sign(&signed).map_err(|error| error.to_string())?;
    let host = uri.authority().map(ToString::to_string).unwrap_or_default();
    let md5 = STANDARD.encode(Md5::digest(body.as_bytes()));
    Request::post(format!("{}{query}", uri.path()))
        .header(HOST, callback.host.as_ref().unwrap_or(&host))
        .header(USER_AGENT, "aliyun-oss-callback")
        .header(CONTENT_TYPE, callback.body_type.as_str())
        .header(AUTHORIZATION, signature)
        .header("content-md5", md5)
        .header("x-oss-pub-key-url", STANDARD.encode(KEY_URL))
        .header("x-oss-bucket", &call.bucket)
        .header("x-oss-request-id", &call.id)
        .header("x-oss-requester", "emulator")
        .header("x-oss-signature-version", "1.0")
        .header("x-oss-tag", "CALLBACK")
        .body(Full::from(body.to_owned()))
        .map_err(|error| error.to_string())
}

/// The application's answer as the uploader gets it, if it is one that OSS takes.
async fn passed_on(answer: Response<hyper::body::Incoming>) -> Result<Response<Body>, String> {
    let status = answer.status();
    if status != 200 {
        return Err(format!("Error status : {}.", status.as_u16()));
    }
    if !answer.headers().contains_key(CONTENT_LENGTH) {
        return Err("Response has no Content-Length.".to_owned());
    }
    let kind = answer.headers().get(CONTENT_TYPE).cloned();
    let read = Limited::new(answer.into_body(), MOST).collect().await;
    let body = read.map_err(|_| "Response body is larger than 1 MB.".to_owned())?.to_bytes();
    let is_xml = kind.as_ref().is_some_and(|kind| kind.as_bytes().ends_with(b"/xml"));
    if !is_xml && serde_json::from_slice::<serde_json::Value>(&body).is_err() {
        return Err("Response body is not valid json format.".to_owned());
    }
    let mut response = Response::new(Body::from(body));
    let mut headers = HeaderMap::new();
    kept::set(
        &mut headers,
        "content-type",
        if is_xml { "application/xml" } else { "application/json" },
    );
    *response.headers_mut() = headers;
    Ok(response)
}

/// What OSS tells of pictures.
struct Image {
    width: usize,
    height: usize,
    format: &'static str,
}

fn image_of(emulator: &Emulator, object: &Object) -> Option<Image> {
    use imagesize::ImageType::{Bmp, Gif, Jpeg, Png, Tiff, Webp};
    use std::io::Read;
    let path = emulator.store.blob_path(&object.blob);
    let mut head = Vec::new();
    std::fs::File::open(&path).ok()?.take(64).read_to_end(&mut head).ok()?;
    let format = match imagesize::image_type(&head).ok()? {
        Jpeg => "jpg",
        Png => "png",
        Gif => "gif",
        Webp => "webp",
        Bmp => "bmp",
        Tiff => "tiff",
        _ => return None,
    };
    let size = imagesize::size(path).ok()?;
    Some(Image { width: size.width, height: size.height, format })
}
