//! The RSA keys of callbacks: OSS's own, and those of tests. The only file that names RSA and MD5.
//!
//! OSS signs with 512 bits and MD5. Neither resists who wants to forge: see docs/callbacks.md.

use crate::error::{Error, Result};
use base64::{Engine, engine::general_purpose::STANDARD};
use md5::{Digest, Md5};
use rsa::pkcs1::UintRef;
use rsa::pkcs8::{Document, ObjectIdentifier, PrivateKeyInfoRef, SubjectPublicKeyInfoRef};
use rsa::{BoxedUint, Pkcs1v15Sign, RsaPrivateKey, RsaPublicKey};

/// The key that OSS signs with: <http://gosspublic.alicdn.com/callback_pub_key_v1.pem>.
pub const PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAKs/JBGzwUB2aVht4crBx3oIPBLNsjGs
C0fTXv+nvlmklvkcolvpvXLTjaxUHR3W9LXxQ2EHXAJfCB+6H2YF1k8CAwEAAQ==
-----END PUBLIC KEY-----
";

/// The private half of a key for tests and the emulator. Everybody knows it: it proves nothing.
pub const TEST_PRIVATE_KEY: &str = "-----BEGIN PRIVATE KEY-----
MIIBVQIBADANBgkqhkiG9w0BAQEFAASCAT8wggE7AgEAAkEAvaBh9WprC61bwneB
+XdoCKpQBGZqHUddrloO6H+fH3Yp0Qo4+W9g52wNWN7gixA7Uqc7LA51ToBDMHjM
oslQhQIDAQABAkEApbxH4ffhF5OtX4qUTzXN98TjqvTYSj7V4k1UOmFQ8m0TWOmO
mp8ekXUtJvfsMq4oghxtP74wIVvJPsvM5IltAQIhAOIq0HrIA71Uk4AMEjQbYbh+
VtJG1feqkXsKKd3r9ourAiEA1qOqQ3dLWPzgR/Q/3ANxduLhN5Jc450DwgYts0oH
5I8CIEsONFOazwrk53JGD0B1mc91NfDgix9+3nq7m7tHFHGzAiBw9gO2rALom3WC
CObO6LT/Z5o1//6I/+qpY00L7atHuwIhAK03cCE8QRdtE48eGShyEW8s0iqiFIcx
60epxMa71lI2
-----END PRIVATE KEY-----
";
/// The public half of [`TEST_PRIVATE_KEY`].
pub const TEST_PUBLIC_KEY: &str = "-----BEGIN PUBLIC KEY-----
MFwwDQYJKoZIhvcNAQEBBQADSwAwSAJBAL2gYfVqawutW8J3gfl3aAiqUARmah1H
Xa5aDuh/nx92KdEKOPlvYOdsDVje4IsQO1KnOywOdU6AQzB4zKLJUIUCAwEAAQ==
-----END PUBLIC KEY-----
";

const RSA: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// A key that checks signatures.
pub struct PublicKey(RsaPublicKey);

impl PublicKey {
    /// Reads `-----BEGIN PUBLIC KEY-----`, of 512 to 8192 bits.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for anything else.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let read = || {
            let document =
                Document::from_pem(pem).ok().filter(|(label, _)| *label == "PUBLIC KEY")?;
            let info = SubjectPublicKeyInfoRef::try_from(document.1.as_bytes()).ok()?;
            let bytes = info.subject_public_key.as_bytes().filter(|_| info.algorithm.oid == RSA)?;
            let parts = rsa::pkcs1::RsaPublicKeyRef::try_from(bytes).ok()?;
            let (n, e) = (uint(parts.modulus)?, uint(parts.public_exponent)?);
            RsaPublicKey::new_with_size_limits(n, e, 512..=8192).ok()
        };
        read().map(Self).ok_or_else(|| malformed("public_key", "PUBLIC KEY"))
    }

    /// Whether `signature`, in Base64, is that of `message`.
    pub fn verify(&self, message: &[u8], signature: &str) -> bool {
        let Ok(signature) = STANDARD.decode(signature) else { return false };
        self.0.verify(Pkcs1v15Sign::new::<Md5>(), &Md5::digest(message), &signature).is_ok()
    }
}

/// A key that signs, in the place of OSS's, which nobody else has.
pub struct PrivateKey(RsaPrivateKey);

impl PrivateKey {
    /// Reads `-----BEGIN PRIVATE KEY-----` (PKCS #8), of 512 bits or more.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for anything else.
    pub fn from_pem(pem: &str) -> Result<Self> {
        let read = || {
            let document =
                Document::from_pem(pem).ok().filter(|(label, _)| *label == "PRIVATE KEY")?;
            let info = PrivateKeyInfoRef::try_from(document.1.as_bytes()).ok()?;
            let bytes = Some(info.private_key.as_bytes()).filter(|_| info.algorithm.oid == RSA)?;
            let parts = rsa::pkcs1::RsaPrivateKeyRef::try_from(bytes).ok()?;
            let primes = vec![uint(parts.prime1)?, uint(parts.prime2)?];
            let (n, e, d) =
                (uint(parts.modulus)?, uint(parts.public_exponent)?, uint(parts.private_exponent)?);
            RsaPrivateKey::from_components(n, e, d, primes).ok()
        };
        read().map(Self).ok_or_else(|| malformed("private_key", "PRIVATE KEY"))
    }

    /// The signature of `message` in Base64, made as OSS makes it.
    ///
    /// # Errors
    /// [`Error::ParamInvalid`] for a key too short to hold an MD5.
    pub fn sign(&self, message: &[u8]) -> Result<String> {
        let signed = self.0.sign(Pkcs1v15Sign::new::<Md5>(), &Md5::digest(message));
        let rule = "must be long enough to sign an MD5";
        signed
            .map(|signature| STANDARD.encode(signature))
            .map_err(|_| Error::invalid("private_key", "...", rule))
    }
}

/// The number that stands in a key.
fn uint(number: UintRef<'_>) -> Option<BoxedUint> {
    let bytes = number.as_bytes();
    BoxedUint::from_be_slice(bytes, u32::try_from(bytes.len()).ok()?.checked_mul(8)?).ok()
}

/// The key itself is not shown: it may be a private one in the wrong place.
fn malformed(field: &str, label: &str) -> Error {
    let rule = match label {
        "PUBLIC KEY" => {
            "must be an RSA key of 512 to 8192 bits that begins '-----BEGIN PUBLIC KEY'"
        }
        _ => "must be an RSA key that begins '-----BEGIN PRIVATE KEY'",
    };
    Error::invalid(field, "...", rule)
}
