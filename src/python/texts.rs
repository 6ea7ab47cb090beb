//! The stages of signing for `ossign.signer`, which signs requests of any kind.

use crate::credentials::Credentials;
use crate::{crypto, encode, v1, v4};
use pyo3::prelude::*;

/// Canonical request, string to sign and hex signature of signature version 4.
///
/// Args:
///     query: Percent-encoded names and values in any order, without the signature.
///     headers: Lower-case names and values of the headers to be signed, in any order.
///     additional_headers: Lower-case names, sorted.
///     date: As in `20260101T000000Z`.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
#[allow(clippy::needless_pass_by_value)]
pub(super) fn v4_texts(
    method: &str,
    bucket: Option<&str>,
    key: Option<&str>,
    query: Vec<(String, String)>,
    headers: Vec<(String, String)>,
    additional_headers: Vec<String>,
    payload_hash: &str,
    secret: &str,
    date: &str,
    region: &str,
    product: &str,
) -> (String, String, String) {
    let mut query = query;
    query.sort();
    let pairs: Vec<_> = query
        .into_iter()
        .map(|(name, value)| if value.is_empty() { name } else { format!("{name}={value}") })
        .collect();
    let headers = signed(&headers);
    let additional: Vec<_> = additional_headers.iter().map(String::as_str).collect();
    let (mut canonical, mut encoded_key) = (format!("{method}\n"), String::new());
    encode::push_path(&mut encoded_key, key.unwrap_or_default());
    v4::push_resource_path(&mut canonical, bucket, &encoded_key);
    canonical.push('\n');
    v4::push_query(&mut canonical, pairs.iter().map(String::as_str));
    canonical.push('\n');
    v4::push_headers_and_payload(&mut canonical, headers, &additional, payload_hash);
    let text = v4::string_to_sign(date, region, product, &canonical);
    let day = date.get(..8).unwrap_or(date);
    let signing_key = v4::derive_key(secret, day, region, product);
    let signature = encode::Hex::of(&crypto::hmac_sha256(&signing_key, text.as_bytes()));
    (canonical, text, signature.as_str().to_owned())
}

/// String to sign and Base64 signature of signature version 1.
///
/// Args:
///     oss_headers: Lower-case names and values of the `x-oss-*` headers, in any order.
///     resource_path: `/bucket/key`, not encoded.
///     sub_resources: The parameters to be signed, decoded, in any order.
#[pyfunction]
#[allow(clippy::too_many_arguments)]
#[allow(clippy::needless_pass_by_value)]
pub(super) fn v1_texts(
    method: &str,
    content_md5: &str,
    content_type: &str,
    date_or_expires: &str,
    oss_headers: Vec<(String, String)>,
    resource_path: &str,
    sub_resources: Vec<(String, String)>,
    secret: &str,
) -> (String, String) {
    let headers = signed(&oss_headers);
    let mut sub_resources: Vec<_> =
        sub_resources.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let head = [method, content_md5, content_type, date_or_expires];
    let text = v1::string_to_sign(head, headers, resource_path, &mut sub_resources);
    let session = v1::Session::new(Credentials::new("", secret, None));
    let signature = session.sign(&text);
    (text, signature)
}

fn signed(headers: &[(String, String)]) -> v4::SignedHeaders<'_> {
    headers.iter().map(|(name, value)| (name.as_str(), value.trim_matches([' ', '\t']))).collect()
}

/// Whether signature version 1 signs a query parameter of this name.
#[pyfunction]
pub(super) fn is_v1_subresource(name: &str) -> bool {
    v1::is_sub_resource(name)
}
