//! The closed list of what can be wrong with a presigned request, with OSS's numbers and the cure.

use std::fmt;

/// Declares [`Cause`] with one row per cause: what it means, its name, the EC numbers OSS may answer
/// it with, the status and code of that answer, and what to do.
macro_rules! causes {
    ($($variant:ident $name:literal [$($ec:literal)*] ($status:literal $code:literal)
       $meaning:literal => $fix:literal)*) => {
        /// What is wrong with a presigned request.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Cause { $(#[doc = $meaning] $variant,)* }

        impl Cause {
            /// Every cause, those that OSS meets first before those that it meets later.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// All that is known about the cause.
            const fn row(self) -> Row {
                match self {
                    $(Self::$variant => Row {
                        name: $name, ecs: &[$($ec),*], answer: ($status, $code),
                        meaning: $meaning, fix: $fix,
                    },)*
                }
            }
        }
    };
}

struct Row {
    name: &'static str,
    ecs: &'static [&'static str],
    answer: (u16, &'static str),
    meaning: &'static str,
    fix: &'static str,
}

impl Cause {
    /// The name, as in `signature_mismatch`.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The EC numbers that OSS answers this with, as far as they are published; which one depends
    /// on the signature's version and the parameter.
    pub fn ecs(self) -> &'static [&'static str] {
        self.row().ecs
    }

    /// HTTP status and error code of OSS's answer. Where neither is published, 403 `AccessDenied`
    /// for what concerns time and place, and 400 `InvalidArgument` for what concerns form.
    pub fn answer(self) -> (u16, &'static str) {
        self.row().answer
    }

    /// Whether it can be wrong with more than one thing of a request: a header, a parameter.
    pub fn is_repeatable(self) -> bool {
        matches!(
            self,
            Self::HeaderAdded
                | Self::HeaderMissing
                | Self::HeaderChanged
                | Self::ParameterAdded
                | Self::ParameterRemoved
                | Self::ParameterChanged
                | Self::SubResourceNotSigned
        )
    }

    /// What it means, in a sentence.
    pub fn meaning(self) -> &'static str {
        self.row().meaning
    }

    /// What to do about it.
    pub fn fix(self) -> &'static str {
        self.row().fix
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

causes! {
    UrlHtmlEscaped "url_html_escaped" [] (403 "AccessDenied")
        "The `&` between parameters is written as HTML or JSON writes it."
        => "Unescape the URL before it is used: `&amp;` and `\\u0026` stand for `&`."
    UrlWhitespace "url_whitespace" [] (400 "InvalidArgument")
        "A space, a line end or a quotation mark stands in the URL."
        => "Copy the URL in one piece, without what surrounds it; encode it where it is built."
    UrlDoubleEncoded "url_double_encoded" [] (403 "AccessDenied")
        "The URL was percent-encoded as a whole, though it was encoded already."
        => "Use the URL as presign returned it: it must not be encoded again."
    UrlTruncated "url_truncated" [] (403 "AccessDenied")
        "The end of the URL is missing."
        => "Pass the whole URL on; quote it in a shell, and look for a column or a log that cuts it."
    UrlMalformed "url_malformed" [] (400 "InvalidArgument")
        "This is no http or https URL, or it holds bytes that are no UTF-8."
        => "Use the URL as presign returned it, from `http` to the last character."
    HeaderAndQuerySigned "header_and_query_signed" [] (400 "InvalidArgument")
        "The request has a signature in the URL and an Authorization header as well."
        => "Send a presigned URL without an Authorization header; switch the client's own \
            authentication off for it."
    NotPresigned "not_presigned" [] (403 "AccessDenied")
        "The URL carries no signature of OSS."
        => "Use the URL that presign returned, with its whole query."
    SignatureVersionInvalid "signature_version_invalid" ["0002-00000066"] (400 "InvalidArgument")
        "`x-oss-signature-version` is not `OSS4-HMAC-SHA256`."
        => "Presign the request again."
    ParameterMissing "parameter_missing"
        ["0002-00000067" "0002-00000071" "0002-00000074" "0002-00000215" "0002-00000217" "0002-00000219"]
        (403 "AccessDenied")
        "A parameter of the signature is missing."
        => "Keep the whole query of the URL: proxies, routers and links built by hand drop parameters."
    ParameterEmpty "parameter_empty"
        ["0002-00000068" "0002-00000072" "0002-00000075" "0002-00000076" "0002-00000216" "0002-00000218" "0002-00000220"]
        (403 "AccessDenied")
        "A parameter of the signature has no value."
        => "Keep the values of all parameters; presign the request again."
    ParameterRepeated "parameter_repeated" [] (400 "InvalidArgument")
        "A parameter of the signature stands in the URL more than once."
        => "Do not add parameters of the signature to a URL that is presigned already."
    CredentialMalformed "credential_malformed" ["0002-00000223" "0002-00000224"] (400 "InvalidArgument")
        "`x-oss-credential` is not id/day/region/product/aliyun_v4_request."
        => "Presign the request again; the slashes in it are written %2F."
    AccessKeyIdMalformed "access_key_id_malformed" ["0002-00000073"] (403 "InvalidAccessKeyId")
        "The AccessKey id has characters that no id has."
        => "Look at the id in the configuration: it consists of letters, digits and `.`, `_`, `=`."
    DateMalformed "date_malformed" ["0002-00000503"] (403 "AccessDenied")
        "The date of the signature is not of the form 20260101T000000Z."
        => "Presign the request again; it is `x-oss-date` in UTC."
    CredentialDateMismatch "credential_date_mismatch" [] (400 "InvalidArgument")
        "The day in `x-oss-credential` is not that of `x-oss-date`."
        => "Presign the request again; who signs by hand takes both from one clock, in UTC."
    ExpiresMalformed "expires_malformed" ["0002-00000070" "0002-00000216"] (403 "AccessDenied")
        "The end of the URL's life is no number."
        => "Presign the request again: version 4 has a number of seconds, version 1 a Unix time."
    ExpiresOutOfRange "expires_out_of_range" ["0002-00000232"] (400 "InvalidArgument")
        "`x-oss-expires` is not from 1 to 604800."
        => "Presign for at most seven days, 604800 seconds."
    ExpiresTooLongForSts "expires_too_long_for_sts" ["0002-00000232"] (400 "InvalidArgument")
        "`x-oss-expires` is more than 43200, and the credentials are temporary."
        => "Presign for at most twelve hours, 43200 seconds, with STS credentials."
    NotYetValid "not_yet_valid" ["0002-00000235"] (403 "AccessDenied")
        "The URL was signed more than 15 minutes in the future."
        => "Set the clock of the machine that presigns, or give its client a `clock_offset`."
    Expired "expired" ["0002-00000069" "0002-00000236"] (403 "AccessDenied")
        "The URL's time is over."
        => "Presign the request again, for longer or nearer to its use."
    ClockSkewed "clock_skewed" ["0002-00000504"] (403 "RequestTimeTooSkewed")
        "The clock of the signer is more than 15 minutes off."
        => "Set the clock of the machine that signs; for presigned URLs there is `clock_offset`."
    RegionMalformed "region_malformed" ["0002-00000226"] (403 "AccessDenied")
        "The region in `x-oss-credential` is no region id."
        => "Sign with the plain region id, such as cn-hangzhou, without `oss-`."
    RegionMismatch "region_mismatch" ["0002-00000226"] (403 "AccessDenied")
        "The signature is for another region than the bucket's."
        => "Sign with the region in which the bucket lies."
    ProductWrong "product_wrong" [] (403 "AccessDenied")
        "The signature is for another product."
        => "Sign with product `oss`, or `oss-cloudbox` for a cloud box."
    TokenOnlyInHeader "token_only_in_header" ["0002-00000005"] (403 "AccessDenied")
        "The security token is sent as a header, not in the URL."
        => "Presign with the token: it is part of the URL. Send no header for it."
    TokenMissing "token_missing" [] (403 "InvalidAccessKeyId")
        "The AccessKey is a temporary one, and its security token is not in the URL."
        => "Give the token, too, to the credentials that presign; keep it in the URL."
    TokenWrong "token_wrong" [] (403 "InvalidSecurityToken")
        "The security token in the URL is another one than that of the credentials."
        => "Presign with id, secret and token of one answer of STS."
    TokenExpired "token_expired" [] (403 "SecurityTokenExpired")
        "The security token has ended, before the URL did."
        => "Get new temporary credentials and presign again; a URL lives no longer than its token."
    AccessKeyUnknown "access_key_unknown" [] (403 "InvalidAccessKeyId")
        "OSS does not know the AccessKey id."
        => "Look at the id in the configuration; temporary ids also need their token."
    AccessKeyDisabled "access_key_disabled" ["0002-00000904"] (403 "InvalidAccessKeyId")
        "The AccessKey is disabled, or may only be used from certain addresses."
        => "Enable it, or presign with another AccessKey."
    AccessKeyIdWrong "access_key_id_wrong" [] (403 "InvalidAccessKeyId")
        "The URL was signed with another AccessKey than the one given."
        => "Give the credentials whose id stands in the URL, or presign with those that are given."
    PathStyleOnPublicEndpoint "path_style_on_public_endpoint" [] (403 "SecondLevelDomainForbidden")
        "The bucket stands in the path, which public OSS refuses."
        => "Use `https://bucket.endpoint/key`: presign with the address style `virtual`."
    HeaderContradictsQuery "header_contradicts_query" ["0004-00000501"] (400 "InvalidArgument")
        "A header has the name of a query parameter and another value, or is a second traffic limit."
        => "Put the option in the query or in a header, not in both."
    RestrictionMalformed "restriction_malformed" ["0002-00000601" "0004-00000502"] (400 "InvalidArgument")
        "A restriction in the URL has a value that OSS does not take."
        => "Presign with `source_ip=`, `subnet_mask=` and `traffic_limit=`, which check their values."
    HostUnknown "host_unknown" [] (403 "NonStandardHostForbidden")
        "The host does not say which bucket is meant."
        => "Bind the domain to the bucket, and give the bucket's name here (`bucket=`)."
    HostChanged "host_changed" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The host is signed, and the request went to another one."
        => "Send the request to the host that was signed; proxies must keep the Host header."
    EndpointWrong "endpoint_wrong" ["0003-00001403"] (403 "AccessDenied")
        "The bucket lies in another region than the endpoint."
        => "Use the endpoint that OSS's answer names."
    BucketWrong "bucket_wrong" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The signature is for another bucket."
        => "Sign with the name of the bucket to which the host belongs."
    MethodWrong "method_wrong" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The request was sent with another HTTP method than the signed one."
        => "Send the method for which the URL was presigned; HEAD is not GET."
    ContentTypeAdded "content_type_added" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The URL was signed without a Content-Type, and the client sent one."
        => "Presign with `content_type=`, or make the client send none: browsers and HTTP libraries \
            add one to a body by themselves."
    ContentTypeMissing "content_type_missing" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The URL was signed with a Content-Type, and the client sent none."
        => "Send the Content-Type with which the URL was presigned."
    ContentTypeChanged "content_type_changed" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The client sent another Content-Type than the signed one."
        => "Send the Content-Type with which the URL was presigned, to the letter."
    HeaderAdded "header_added" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The client sent a header that OSS signs and the URL was signed without."
        => "Presign with the header, or do not send it."
    HeaderMissing "header_missing" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The URL was signed with a header that the client did not send."
        => "Send every header of the result's `request_headers`."
    HeaderChanged "header_changed" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The client sent a signed header with another value."
        => "Send the headers of the result's `request_headers` to the letter."
    KeyEncodedTwice "key_encoded_twice" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The object's key in the URL is percent-encoded once more than the signed one."
        => "Do not encode the path of a presigned URL again."
    KeyDecoded "key_decoded" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The object's key was signed percent-encoded, and stands in the URL decoded."
        => "Presign with the plain key, not with an encoded one; do not decode the path of the URL."
    KeyPlusAndSpace "key_plus_and_space" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "A `+` in the object's key became a space, or a space a `+`."
        => "Write a space in a path as %20 and a plus as %2B."
    KeyLeadingSlash "key_leading_slash" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The signed key begins with a slash and the one in the URL does not, or the other way round."
        => "Presign with a key that does not begin with `/`."
    KeyDotSegments "key_dot_segments" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The path holds `.` or `..`, which clients remove before they send it."
        => "Do not use keys with `.` or `..` between slashes: no browser can ask for them."
    KeyNotEncoded "key_not_encoded" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The signer put the key into the canonical request with the wrong encoding."
        => "Encode all but `A-Z a-z 0-9 - _ . ~ /` in version 4, and nothing in version 1."
    ParameterAdded "parameter_added" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "A query parameter was added after signing."
        => "Presign with the parameter; a signed URL cannot be extended."
    ParameterRemoved "parameter_removed" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "A query parameter was signed and is not in the URL."
        => "Keep the whole query of the URL."
    ParameterChanged "parameter_changed" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "A query parameter has another value, or another encoding, than the signed one."
        => "Use the query as presign returned it; it must not be decoded or encoded on the way."
    SubResourceNotSigned "sub_resource_not_signed" ["0002-00000040"] (403 "SignatureDoesNotMatch")
        "A parameter that version 1 signs was left out by the signer, or added after signing."
        => "Presign with a signer that signs it, or with version 4, which signs every parameter."
    SignaturePlusBecameSpace "signature_plus_became_space" ["0002-00000040"] (403 "SignatureDoesNotMatch")
        "A `+` in the signature arrives as a space."
        => "Write `+` as %2B in the query, and do not decode the URL on the way."
    SignatureMalformed "signature_malformed" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The signature has the wrong length or characters that no signature has."
        => "Use the URL as presign returned it, to the last character."
    SecretWhitespace "secret_whitespace" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The secret that signed, or the one given here, has white space or quotes around it."
        => "Strip the secret where it is read: files and environment variables often end in a newline."
    SignatureMismatch "signature_mismatch" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "The signature is not that of this request under this secret."
        => "Ask `explain` with the headers that were sent, the server's answer, and the credentials."
    SecretDiffersOrUrlAltered "secret_differs_or_url_altered" ["0002-00000040" "0002-00000201"] (403 "SignatureDoesNotMatch")
        "No single mistake explains the signature: the secret is another one, or the URL was altered."
        => "Compare the URL with what presign returned, and the secret with the one of this AccessKey id."
    AddressNotAllowed "address_not_allowed" ["0002-00000225" "0002-00000602" "0002-00000604"] (403 "SignatureDoesNotMatch")
        "The URL is bound to IP addresses, and the request came from another one."
        => "Send it from an allowed address, or presign without `source_ip=`."
    VpcNotAllowed "vpc_not_allowed" ["0002-00000603"] (403 "AccessDenied")
        "The URL is bound to a VPC, and the request did not come from it."
        => "Send it from that VPC, to an internal host, or presign without `vpc_id=`."
    CorsRefused "cors_refused" [] (403 "AccessForbidden")
        "The bucket's CORS rules do not allow the browser's request."
        => "Add a CORS rule to the bucket with the page's origin, the method, and the headers sent."
    NotAllowed "not_allowed" [] (403 "AccessDenied")
        "OSS accepted the signature, but its owner may not do this."
        => "Give the RAM user or role the right to do it, or change the bucket's policy."
    OtherError "other_error" [] (400 "InvalidArgument")
        "OSS's answer has nothing to do with the signature."
        => "Look the code of OSS's answer up."
    Ok "ok" [] (200 "OK")
        "Nothing wrong is to be seen."
        => "Nothing needs to be done."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_cause_has_words() {
        let mut names: Vec<_> = Cause::ALL.iter().map(|cause| cause.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Cause::ALL.len());
        for cause in Cause::ALL {
            assert!(cause.meaning().ends_with('.') && cause.fix().ends_with(['.', ')']), "{cause}");
        }
    }
}
