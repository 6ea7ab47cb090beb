//! The table: which operations can be presigned, and where each of their fields goes.
//!
//! Fields stand in the order of the official SDK's classes, because that is the order of the
//! parameters in the URL. A test compares the table with the SDK's own, row by row.

use crate::error::{Error, Result};

/// Where a field's value travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the host name, or in the path: the bucket.
    Bucket,
    /// In the path: the object's key.
    Key,
    /// In a header of this name.
    Header(&'static str),
    /// In one header per entry of a mapping: this prefix, then the entry's name.
    HeaderPrefix(&'static str),
    /// In a query parameter of this name.
    Query(&'static str),
    /// In the body, which a presigned URL does not carry. Named where the body is XML.
    Body(Option<&'static str>),
    /// Nowhere: accepted for compatibility.
    Ignored,
}

/// A rule that a value must keep, beyond being text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// None.
    Any,
    /// A number from 1 to 10,000: OSS answers 400 InvalidArgument to any other.
    PartNumber,
}

impl Rule {
    /// Refuses a value that breaks the rule.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] with field, value and rule.
    pub fn check(self, field: &str, value: &str) -> Result<()> {
        match self {
            Self::PartNumber if !value.parse().is_ok_and(|n: u32| (1..=10_000).contains(&n)) => {
                Err(Error::invalid(field, value, "must be a number from 1 to 10000"))
            }
            _ => Ok(()),
        }
    }
}

/// One field of an operation's request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field {
    /// The name that callers use.
    pub name: &'static str,
    /// Where the value travels.
    pub place: Place,
    /// Whether a request without it is refused.
    pub required: bool,
    /// The type that the SDK notes for it, where it notes one.
    pub type_note: Option<&'static str>,
    /// What the value must be.
    pub rule: Rule,
}

/// One operation of OSS.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// OSS's name for it.
    pub name: &'static str,
    /// The HTTP method.
    pub method: &'static str,
    /// Query parameters that every request of this operation has.
    pub fixed_query: &'static [(&'static str, &'static str)],
    /// Its fields.
    pub fields: &'static [Field],
    /// Other names of fields that a constructor takes; a value given so wins.
    pub aliases: &'static [(&'static str, &'static str)],
    /// What it does, in a sentence.
    pub summary: &'static str,
}

/// The seven operations that the official SDKs presign.
pub static OPERATIONS: [&Operation; 7] = [
    &GET_OBJECT,
    &PUT_OBJECT,
    &HEAD_OBJECT,
    &INITIATE_MULTIPART_UPLOAD,
    &UPLOAD_PART,
    &COMPLETE_MULTIPART_UPLOAD,
    &ABORT_MULTIPART_UPLOAD,
];

/// Downloads an object.
pub static GET_OBJECT: Operation = Operation {
    name: "GetObject",
    summary: "Downloads an object.",
    aliases: &[],
    method: "GET",
    fixed_query: &[],
    fields: &[
        BUCKET,
        KEY,
        header("if_match", "If-Match"),
        header("if_none_match", "If-None-Match"),
        header("if_modified_since", "If-Modified-Since"),
        header("if_unmodified_since", "If-Unmodified-Since"),
        header("range_header", "Range"),
        header("range_behavior", "x-oss-range-behavior"),
        query("response_cache_control", "response-cache-control"),
        query("response_content_disposition", "response-content-disposition"),
        query("response_content_encoding", "response-content-encoding"),
        query("response_content_language", "response-content-language"),
        query("response_content_type", "response-content-type"),
        query("response_expires", "response-expires"),
        query("version_id", "versionId"),
        TRAFFIC_LIMIT,
        query("process", "x-oss-process"),
        REQUEST_PAYER,
        header("accept_encoding", "Accept-Encoding").noted("str"),
        ignored("progress_fn"),
    ],
};

/// Uploads an object of up to 5 GB.
pub static PUT_OBJECT: Operation = Operation {
    name: "PutObject",
    summary: "Uploads an object of up to 5 GB.",
    aliases: &[("object_acl", "acl")],
    method: "PUT",
    fixed_query: &[],
    fields: &[
        BUCKET,
        KEY,
        header("acl", "x-oss-object-acl"),
        STORAGE_CLASS,
        METADATA,
        CACHE_CONTROL,
        CONTENT_DISPOSITION,
        CONTENT_ENCODING,
        CONTENT_LENGTH,
        CONTENT_MD5,
        CONTENT_TYPE,
        EXPIRES,
        ENCRYPTION,
        DATA_ENCRYPTION,
        ENCRYPTION_KEY_ID,
        TAGGING,
        header("callback", "x-oss-callback"),
        header("callback_var", "x-oss-callback-var"),
        FORBID_OVERWRITE,
        TRAFFIC_LIMIT,
        REQUEST_PAYER,
        WORM_RETAIN_UNTIL,
        WORM_MODE,
        WORM_LEGAL_HOLD,
        body("body", None),
        ignored("progress_fn"),
    ],
};

/// Reads an object's metadata.
pub static HEAD_OBJECT: Operation = Operation {
    name: "HeadObject",
    summary: "Reads an object's metadata.",
    aliases: &[],
    method: "HEAD",
    fixed_query: &[],
    fields: &[
        BUCKET,
        KEY,
        query("version_id", "versionId"),
        header("if_match", "If-Match"),
        header("if_none_match", "If-None-Match"),
        header("if_modified_since", "If-Modified-Since"),
        header("if_unmodified_since", "If-Unmodified-Since"),
        REQUEST_PAYER,
    ],
};

/// Begins a multipart upload; the answer holds its upload_id.
pub static INITIATE_MULTIPART_UPLOAD: Operation = Operation {
    name: "InitiateMultipartUpload",
    summary: "Begins a multipart upload; the answer holds its upload_id.",
    aliases: &[],
    method: "POST",
    fixed_query: &[("uploads", "")],
    fields: &[
        BUCKET,
        KEY,
        query("encoding_type", "encoding-type"),
        STORAGE_CLASS,
        METADATA,
        CACHE_CONTROL,
        CONTENT_DISPOSITION,
        CONTENT_ENCODING,
        CONTENT_LENGTH,
        CONTENT_MD5,
        CONTENT_TYPE,
        EXPIRES,
        ENCRYPTION,
        DATA_ENCRYPTION,
        ENCRYPTION_KEY_ID,
        TAGGING,
        FORBID_OVERWRITE,
        REQUEST_PAYER,
        WORM_RETAIN_UNTIL,
        WORM_MODE,
        WORM_LEGAL_HOLD,
        ignored("cse_data_size"),
        ignored("cse_part_size"),
        ignored("disable_auto_detect_mime_type"),
    ],
};

/// Uploads one part: number 1 to 10000, 100 KB (but for the last) to 5 GB.
pub static UPLOAD_PART: Operation = Operation {
    name: "UploadPart",
    summary: "Uploads one part: number 1 to 10000, 100 KB (but for the last) to 5 GB.",
    aliases: &[],
    method: "PUT",
    fixed_query: &[],
    fields: &[
        BUCKET,
        KEY,
        Field { rule: Rule::PartNumber, ..query("part_number", "partNumber").required() },
        UPLOAD_ID,
        CONTENT_MD5,
        CONTENT_LENGTH,
        TRAFFIC_LIMIT,
        body("body", None),
        REQUEST_PAYER,
        ignored("progress_fn"),
        ignored("cse_multipart_context"),
    ],
};

/// Makes an object of the uploaded parts.
pub static COMPLETE_MULTIPART_UPLOAD: Operation = Operation {
    name: "CompleteMultipartUpload",
    summary: "Makes an object of the uploaded parts.",
    aliases: &[("object_acl", "acl")],
    method: "POST",
    fixed_query: &[],
    fields: &[
        BUCKET,
        KEY,
        UPLOAD_ID,
        header("acl", "x-oss-object-acl"),
        body("complete_multipart_upload", Some("CompleteMultipartUpload")).noted("xml"),
        header("complete_all", "x-oss-complete-all"),
        header("callback", "x-oss-callback"),
        header("callback_var", "x-oss-callback-var"),
        FORBID_OVERWRITE,
        query("encoding_type", "encoding-type"),
        REQUEST_PAYER,
    ],
};

/// Gives a multipart upload up and deletes its parts.
pub static ABORT_MULTIPART_UPLOAD: Operation = Operation {
    name: "AbortMultipartUpload",
    summary: "Gives a multipart upload up and deletes its parts.",
    aliases: &[],
    method: "DELETE",
    fixed_query: &[],
    fields: &[BUCKET, KEY, UPLOAD_ID, REQUEST_PAYER],
};

const BUCKET: Field = field("bucket", Place::Bucket).required();
const KEY: Field = field("key", Place::Key).required();
const UPLOAD_ID: Field = query("upload_id", "uploadId").required();
const STORAGE_CLASS: Field = header("storage_class", "x-oss-storage-class");
const METADATA: Field =
    field("metadata", Place::HeaderPrefix("x-oss-meta-")).noted("dict,usermeta");
const CACHE_CONTROL: Field = header("cache_control", "Cache-Control");
const CONTENT_DISPOSITION: Field = header("content_disposition", "Content-Disposition");
const CONTENT_ENCODING: Field = header("content_encoding", "Content-Encoding");
const CONTENT_LENGTH: Field = header("content_length", "Content-Length").noted("int");
const CONTENT_MD5: Field = header("content_md5", "Content-MD5");
const CONTENT_TYPE: Field = header("content_type", "Content-Type");
const EXPIRES: Field = header("expires", "Expires");
const ENCRYPTION: Field = header("server_side_encryption", "x-oss-server-side-encryption");
const DATA_ENCRYPTION: Field =
    header("server_side_data_encryption", "x-oss-server-side-data-encryption");
const ENCRYPTION_KEY_ID: Field =
    header("server_side_encryption_key_id", "x-oss-server-side-encryption-key-id");
const TAGGING: Field = header("tagging", "x-oss-tagging");
const FORBID_OVERWRITE: Field = header("forbid_overwrite", "x-oss-forbid-overwrite").noted("bool");
const TRAFFIC_LIMIT: Field = header("traffic_limit", "x-oss-traffic-limit").noted("int");
const REQUEST_PAYER: Field = header("request_payer", "x-oss-request-payer");
const WORM_RETAIN_UNTIL: Field =
    header("object_worm_retain_until_date", "x-oss-object-worm-retain-until-date");
const WORM_MODE: Field = header("object_worm_mode", "x-oss-object-worm-mode");
const WORM_LEGAL_HOLD: Field = header("object_worm_legal_hold", "x-oss-object-worm-legal-hold");

impl Field {
    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn noted(mut self, type_note: &'static str) -> Self {
        self.type_note = Some(type_note);
        self
    }
}

const fn field(name: &'static str, place: Place) -> Field {
    Field { name, place, required: false, type_note: None, rule: Rule::Any }
}

const fn header(name: &'static str, header: &'static str) -> Field {
    field(name, Place::Header(header))
}

const fn query(name: &'static str, parameter: &'static str) -> Field {
    field(name, Place::Query(parameter))
}

const fn body(name: &'static str, root: Option<&'static str>) -> Field {
    field(name, Place::Body(root))
}

const fn ignored(name: &'static str) -> Field {
    field(name, Place::Ignored)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn required_fields_come_first_and_names_are_unique() {
        for operation in OPERATIONS {
            let required = operation.fields.iter().take_while(|field| field.required).count();
            assert!(operation.fields[required..].iter().all(|field| !field.required));
            let mut names: Vec<_> = operation.fields.iter().map(|field| field.name).collect();
            names.sort_unstable();
            names.dedup();
            assert_eq!(names.len(), operation.fields.len(), "{}", operation.name);
        }
    }
}
