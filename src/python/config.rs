//! A `Config`, ours or the official SDK's, as the pure half's target.

use super::asked;
use super::error::translate;
use super::instant;
use super::provider::Provider;
use crate::endpoint::{self, AddressStyle, Endpoint, Network, Tls};
use crate::error::Error;
use crate::lifetime::OnShort;
use crate::presign::{Target, Version};
use crate::request::Headers;
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyString};

/// What a client is made of.
pub(super) struct Settings {
    pub(super) target: Target,
    pub(super) provider: Provider,
    /// What is done about credentials that end before a URL does.
    pub(super) on_short: OnShort,
    /// Gives the bucket's name that is signed in place of the one in the host.
    pub(super) bucket_name_resolver: Option<Py<PyAny>>,
    /// The SDK raises this one as late as in presign, and does not wrap it.
    pub(super) account_error: Option<String>,
    /// Where the bucket's name goes, unless the host is an IP address.
    pub(super) style: AddressStyle,
    /// Whether a host without a scheme is encrypted.
    pub(super) tls: Tls,
    /// The server's clock minus ours, in microseconds.
    pub(super) clock_offset: i64,
    /// How long before now URLs are signed, in microseconds.
    pub(super) backdate: i64,
}

/// Options of the SDK's client that have no part in presigning.
const WITHOUT_EFFECT: [&str; 5] =
    ["retry_max_attempts", "retryer", "http_client", "readwrite_timeout", "auth_method"];

/// The attributes of a config.
struct Source<'a, 'py> {
    config: &'a Bound<'py, PyAny>,
    options: Option<&'a Bound<'py, PyDict>>,
}

impl<'py> Source<'_, 'py> {
    /// An attribute that is there and not None.
    fn get(&self, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        Ok(self.config.getattr_opt(name)?.filter(|value| !value.is_none()))
    }

    fn flag(&self, name: &str) -> PyResult<bool> {
        self.get(name)?.map_or(Ok(false), |value| value.is_truthy())
    }

    fn text(&self, name: &str) -> PyResult<String> {
        match self.get(name)? {
            Some(value) => text(&value, name),
            None => Ok(String::new()),
        }
    }

    /// An option of the client, which overrides what the config says.
    fn option(&self, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        self.options.map_or(Ok(None), |options| options.get_item(name))
    }

    fn option_or(&self, name: &str) -> PyResult<Option<Bound<'py, PyAny>>> {
        match self.option(name)? {
            Some(value) => Ok(Some(value).filter(|value| !value.is_none())),
            None => self.get(name),
        }
    }

    fn network(&self) -> PyResult<Network> {
        Ok(if self.flag("use_dualstack_endpoint")? {
            Network::DualStack
        } else if self.flag("use_internal_endpoint")? {
            Network::Internal
        } else if self.flag("use_accelerate_overseas_endpoint")? {
            Network::AccelerateOverseas
        } else if self.flag("use_accelerate_endpoint")? {
            Network::Accelerate
        } else {
            Network::Public
        })
    }

    fn tls(&self) -> PyResult<Tls> {
        Ok(if self.flag("disable_ssl")? { Tls::Off } else { Tls::On })
    }

    fn endpoint(&self, region: &str) -> PyResult<Option<Endpoint>> {
        let tls = self.tls()?;
        let parsed = |text: &str| {
            Endpoint::parse(text, tls)
                .map(Some)
                .map_err(|error| translate(self.config.py(), &error))
        };
        if let Some(endpoint) = self.option("endpoint")? {
            // The SDK's client keeps a parsed URL there.
            let whole = match endpoint.getattr_opt("geturl")? {
                Some(geturl) => geturl.call0()?,
                None => endpoint,
            };
            return if whole.is_none() { Ok(None) } else { parsed(&text(&whole, "endpoint")?) };
        }
        let endpoint = self.text("endpoint")?;
        if !endpoint.is_empty() {
            return parsed(&endpoint);
        }
        let valid = endpoint::check_region(region).is_ok();
        valid
            .then(|| self.network().map(|network| Endpoint::of_region(region, network, tls)))
            .transpose()
    }

    fn style(&self) -> PyResult<AddressStyle> {
        if let Some(style) = self.option("address_style")? {
            return match style.extract()? {
                1 | 4 => Ok(AddressStyle::Virtual),
                2 => Ok(AddressStyle::Path),
                3 => Ok(AddressStyle::Cname),
                other => {
                    Err(PyValueError::new_err(format!("address_style must be 1 to 4, got {other}")))
                }
            };
        }
        Ok(if self.flag("use_cname")? {
            AddressStyle::Cname
        } else if self.flag("use_path_style")? {
            AddressStyle::Path
        } else {
            // Quirk: use_virtual_hosted_alias changes nothing here, as in the SDK's own client.
            AddressStyle::Virtual
        })
    }

    /// Region and product as V4 signs them.
    fn scope(&self, region: String, endpoint: Option<&Endpoint>) -> PyResult<(String, String)> {
        const CLOUD_BOX: &str = "oss-cloudbox";
        let (mut region, mut product) = (region, "oss".to_owned());
        if let Some(id) = self.get("cloud_box_id")? {
            (region, product) = (id.str()?.to_str()?.to_owned(), CLOUD_BOX.to_owned());
        } else if self.flag("enable_auto_detect_cloud_box_id")? {
            let host = endpoint.map(Endpoint::hostname).unwrap_or_default();
            if let Some(id) = endpoint::cloud_box_of(&host) {
                (region, product) = (id.to_owned(), CLOUD_BOX.to_owned());
            }
        }
        if let Some(given) = self.option("region")? {
            region = if given.is_none() { String::new() } else { text(&given, "region")? };
        }
        if let Some(given) = self.option("product")? {
            product = if given.is_none() { String::new() } else { text(&given, "product")? };
        }
        Ok((region, product))
    }

    fn version(&self) -> PyResult<Version> {
        if let Some(signer) = self.option("signer")? {
            return match signer.get_type().name()?.to_str()? {
                "SignerV1" => Ok(Version::V1),
                "SignerV4" => Ok(Version::V4),
                other => Err(PyTypeError::new_err(format!("cannot sign as {other} does"))),
            };
        }
        // Quirk: only exactly "v1" means version 1.
        let v1 =
            self.get("signature_version")?.is_some_and(|version| version.eq("v1").unwrap_or(false));
        Ok(if v1 { Version::V1 } else { Version::V4 })
    }

    fn additional_headers(&self) -> PyResult<Vec<String>> {
        let Some(names) = self.option_or("additional_headers")? else { return Ok(Vec::new()) };
        if names.is_instance_of::<PyString>() {
            return Err(PyTypeError::new_err(
                "additional_headers must be a list of names, not a str",
            ));
        }
        let lower =
            |name: Bound<'py, PyAny>| text(&name, "additional_headers").map(|n| n.to_lowercase());
        let mut names = names.try_iter()?.map(|name| lower(name?)).collect::<PyResult<Vec<_>>>()?;
        names.retain(|name| {
            let mut headers = Headers::default();
            headers.set(name, "");
            !headers.iter().any(|header| header.is_signed_by_default())
        });
        names.sort();
        names.dedup();
        Ok(names)
    }

    fn default_headers(&self) -> PyResult<Vec<(String, String)>> {
        let Some(headers) = self.option_or("default_request_headers")? else {
            return Ok(Vec::new());
        };
        if !headers.is_truthy()? {
            return Ok(Vec::new());
        }
        let mut all = Vec::new();
        for entry in headers.call_method0("items")?.try_iter()? {
            let (name, value) = entry?.extract::<(Bound<'py, PyAny>, Bound<'py, PyAny>)>()?;
            let pair =
                (text(&name, "default_request_headers")?, text(&value, "default_request_headers")?);
            if !pair.0.is_empty() && !pair.1.is_empty() {
                all.push(pair);
            }
        }
        Ok(all)
    }

    fn clock_offset(&self) -> PyResult<i64> {
        let given = self.option_or("clock_offset")?;
        given.map_or(Ok(0), |given| instant::duration(&given, "clock_offset"))
    }

    fn backdate(&self) -> PyResult<i64> {
        let given = self.option_or("backdate")?;
        given.map_or(Ok(0), |given| asked::backdate(given.py(), &given))
    }

    fn on_short(&self) -> PyResult<OnShort> {
        const NAME: &str = "on_short_credentials";
        let Some(given) = self.option_or(NAME)? else { return Ok(OnShort::default()) };
        let name = text(&given, NAME)?;
        OnShort::named(&name).ok_or_else(|| {
            let rule = "must be 'keep', 'clamp', 'refresh' or 'error'";
            translate(given.py(), &Error::invalid(NAME, &name, rule))
        })
    }

    fn account_error(&self) -> PyResult<Option<String>> {
        let id = self.text("account_id")?;
        let digits = id.bytes().all(|byte| byte.is_ascii_digit());
        Ok((!digits).then(|| format!("invalid account id: {id}, must be pure digits")))
    }
}

impl Settings {
    /// Reads a config, with the options that a client may be given beside it.
    pub(super) fn read(
        config: &Bound<'_, PyAny>,
        options: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Self> {
        let source = Source { config, options };
        source.refuse_unknown_options()?;
        let region = source.text("region")?;
        let endpoint = source.endpoint(&region)?;
        let style = source.style()?;
        let is_ip = endpoint.as_ref().is_some_and(Endpoint::is_ip);
        let (region, product) = source.scope(region, endpoint.as_ref())?;
        let provider = source.option_or("credentials_provider")?;
        let none = config.py().None().into_bound(config.py());
        Ok(Self {
            provider: Provider::of(provider.as_ref().unwrap_or(&none))?,
            on_short: source.on_short()?,
            bucket_name_resolver: source.option_or("bucket_name_resolver")?.map(Bound::unbind),
            account_error: source.account_error()?,
            style,
            tls: source.tls()?,
            clock_offset: source.clock_offset()?,
            backdate: source.backdate()?,
            target: Target {
                endpoint,
                style: if is_ip { AddressStyle::Path } else { style },
                region,
                product,
                version: source.version()?,
                additional_headers: source.additional_headers()?.into(),
                default_headers: source.default_headers()?,
            },
        })
    }
}

impl Source<'_, '_> {
    fn refuse_unknown_options(&self) -> PyResult<()> {
        const KNOWN: [&str; 12] = [
            "additional_headers",
            "address_style",
            "backdate",
            "bucket_name_resolver",
            "clock_offset",
            "credentials_provider",
            "default_request_headers",
            "endpoint",
            "on_short_credentials",
            "product",
            "region",
            "signer",
        ];
        for name in self.options.into_iter().flat_map(|options| options.keys()) {
            let name = name.str()?.to_string();
            if !KNOWN.contains(&&*name) && !WITHOUT_EFFECT.contains(&&*name) {
                let words = format!("Client() got an unexpected keyword argument '{name}'");
                return Err(PyTypeError::new_err(words));
            }
        }
        Ok(())
    }
}

fn text(value: &Bound<'_, PyAny>, name: &str) -> PyResult<String> {
    match value.cast::<PyString>() {
        Ok(text) => text.to_str().map(str::to_owned),
        Err(_) => {
            let kind = value.get_type().name()?;
            Err(PyTypeError::new_err(format!("{name} must be str, not {kind}")))
        }
    }
}
