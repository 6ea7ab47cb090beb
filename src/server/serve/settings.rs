//! The settings of `ossign serve`: a TOML file, and variables of the environment that override it.

use super::cors;
use super::named::Named;
use crate::api;
use crate::endpoint::{self, AddressStyle, Endpoint, Network, Tls, netloc};
use crate::presign::{Target, Version};
use crate::server::log::Format;
use serde::Deserialize;
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// What is only the server's: where it listens, and who signs.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Server {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) threads: usize,
    pub(super) region: String,
    pub(super) endpoint: String,
    /// `virtual`, `path` or `cname`.
    pub(super) address_style: String,
    /// `public`, `internal`, `dualstack`, `accelerate` or `accelerate-overseas`.
    pub(super) network: String,
    /// `v4` or `v1`.
    pub(super) signature_version: String,
    /// A JSON file as STS and the metadata service write it.
    pub(super) credentials_file: Option<PathBuf>,
    pub(super) credentials_refresh_seconds: f64,
    pub(super) reload_seconds: f64,
    pub(super) cors_origins: Vec<String>,
    pub(super) head_seconds: f64,
    pub(super) body_seconds: f64,
    pub(super) grace_seconds: f64,
    pub(super) max_head_bytes: usize,
    pub(super) max_connections: usize,
    /// `json`, `text` or `off`.
    pub(super) log: String,
    pub(super) metrics: bool,
    pub(super) page: bool,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            host: "127.0.0.1".to_owned(),
            port: 8000,
            threads: 0,
            region: String::new(),
            endpoint: String::new(),
            address_style: "virtual".to_owned(),
            network: "public".to_owned(),
            signature_version: "v4".to_owned(),
            credentials_file: None,
            credentials_refresh_seconds: 10.0,
            reload_seconds: 2.0,
            cors_origins: Vec::new(),
            head_seconds: 30.0,
            body_seconds: 10.0,
            grace_seconds: 25.0,
            max_head_bytes: 16 * 1024,
            max_connections: 10_000,
            log: "json".to_owned(),
            metrics: true,
            page: true,
        }
    }
}

/// The names of [`Server`]'s settings; all others are the API's.
const SERVER: [&str; 20] = [
    "host",
    "port",
    "threads",
    "region",
    "endpoint",
    "address_style",
    "network",
    "signature_version",
    "credentials_file",
    "credentials_refresh_seconds",
    "reload_seconds",
    "cors_origins",
    "head_seconds",
    "body_seconds",
    "grace_seconds",
    "max_head_bytes",
    "max_connections",
    "log",
    "metrics",
    "page",
];

/// The names of the API's settings.
const API: [&str; 13] = [
    "bucket",
    "path",
    "object_key",
    "access_url",
    "access_expire_seconds",
    "content_length",
    "form_upload",
    "multipart",
    "max_bytes",
    "callback",
    "api_keys",
    "rate_limit",
    "max_body_bytes",
];

/// Variables that are not ours, but say the same: what the client of this package reads as well.
const FALLBACKS: [(&str, &str); 3] =
    [("region", "OSS_REGION"), ("endpoint", "OSS_ENDPOINT"), ("bucket", "OSS_BUCKET")];

/// Where settings come from.
#[derive(Debug, Clone, Default)]
pub struct Origin {
    /// A TOML file.
    pub file: Option<PathBuf>,
    /// The environment.
    pub environment: HashMap<String, String>,
    /// Settings that override both, as the command line has them: a TOML table.
    pub overrides: String,
}

/// All settings, read and checked.
pub(super) struct Settings {
    pub(super) server: Server,
    pub(super) api: api::Settings,
    pub(super) target: Target,
    pub(super) log: Format,
    /// Variables that begin as ours do, and are none of them.
    pub(super) unknown: Vec<String>,
    /// Where each of them came from.
    pub(super) named: Named,
    /// The file as it was read.
    pub(super) text: Option<String>,
}

impl Origin {
    /// Reads all settings.
    ///
    /// # Errors
    /// Words that name the variable, or the setting and its file.
    pub(super) fn read(&self) -> Result<Settings, String> {
        let mut named = Named::default();
        let mut text = None;
        if let Some(file) = &self.file {
            let read = std::fs::read_to_string(file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            named.add(table(file, &read)?, &format!("in {}", file.display()));
            text = Some(read);
        }
        for (name, variable) in FALLBACKS {
            if let Some(value) = self.environment.get(variable).filter(|value| !value.is_empty()) {
                named.add_missing(name, Value::String(value.clone()), variable);
            }
        }
        let unknown = self.add_environment(&mut named)?;
        let overrides = self.overrides.parse().map_err(|_| "overrides must be TOML".to_owned())?;
        named.add(overrides, "on the command line");
        let (server, api) = named.split(&SERVER, &API)?;
        let server: Server = server.read(|from| {
            serde_path_to_error::deserialize(from)
                .map_err(|error| api::blame(&error.path().to_string(), error.inner().message()))
        })?;
        let api = api.read(api::Settings::read)?;
        let target = target(&server).map_err(|error| named.blame(&error.to_string()))?;
        let log = Format::of(&server.log)
            .ok_or_else(|| named.blame("log: must be 'json', 'text' or 'off'"))?;
        check(&server).map_err(|words| named.blame(&words))?;
        Ok(Settings { server, api, target, log, unknown, named, text })
    }

    fn add_environment(&self, named: &mut Named) -> Result<Vec<String>, String> {
        let mut unknown = Vec::new();
        for (variable, text) in &self.environment {
            let Some(name) = variable.strip_prefix("OSSIGN_").map(str::to_lowercase) else {
                continue;
            };
            if SERVER.contains(&&*name) || API.contains(&&*name) {
                let value =
                    value_of(&name, text).map_err(|words| format!("{variable}: {words}"))?;
                named.set(&name, value, variable);
            } else {
                unknown.push(variable.clone());
            }
        }
        unknown.sort();
        Ok(unknown)
    }
}

fn table(file: &Path, text: &str) -> Result<Table, String> {
    text.parse().map_err(|error: toml::de::Error| {
        let line = error.span().map_or(0, |span| text[..span.start].matches('\n').count() + 1);
        // The line itself is not shown: it may hold a key.
        format!("{} is not TOML, at line {line}: {}", file.display(), error.message())
    })
}

/// The value of a variable: texts as they are, lists with commas, everything else as in TOML.
fn value_of(name: &str, text: &str) -> Result<Value, String> {
    match name {
        "host" | "region" | "endpoint" | "address_style" | "network" | "signature_version"
        | "credentials_file" | "log" | "bucket" | "path" | "object_key" | "access_url" => {
            Ok(Value::String(text.to_owned()))
        }
        "cors_origins" => {
            let origins = text.split(',').map(str::trim).filter(|origin| !origin.is_empty());
            Ok(Value::Array(origins.map(|origin| Value::String(origin.to_owned())).collect()))
        }
        "api_keys" if !text.trim_start().starts_with('[') => {
            let keys = text.split(',').map(str::trim).filter(|key| !key.is_empty());
            Ok(Value::Array(keys.enumerate().map(|(at, key)| short_key(at, key)).collect()))
        }
        _ => {
            let table: Result<Table, _> = format!("value = {text}").parse();
            let value = table.ok().and_then(|mut table| table.remove("value"));
            value.ok_or_else(|| "must be written as in TOML".to_owned())
        }
    }
}

/// `name:digest`, or a digest alone.
fn short_key(at: usize, text: &str) -> Value {
    let (name, digest) = match text.split_once(':') {
        Some((name, digest)) => (name.to_owned(), digest),
        None => (format!("key{}", at + 1), text),
    };
    let pairs = [("name", name), ("sha256", digest.to_owned())];
    Value::Table(pairs.into_iter().map(|(k, v)| (k.to_owned(), Value::String(v))).collect())
}

fn target(server: &Server) -> crate::error::Result<Target> {
    let wrong = |field, value: &str, rule| Err(crate::error::Error::invalid(field, value, rule));
    endpoint::check_region(&server.region)?;
    let network = match &*server.network {
        "public" => Network::Public,
        "internal" => Network::Internal,
        "dualstack" => Network::DualStack,
        "accelerate" => Network::Accelerate,
        "accelerate-overseas" => Network::AccelerateOverseas,
        other => {
            let rule = "must be public, internal, dualstack, accelerate or accelerate-overseas";
            return wrong("network", other, rule);
        }
    };
    let endpoint = match &*server.endpoint {
        "" => Endpoint::of_region(&server.region, network, Tls::On),
        text => Endpoint::parse(text, Tls::On)?,
    };
    let is_of_http = matches!(endpoint.scheme(), "http" | "https");
    if !is_of_http || netloc::read(endpoint.host_and_port()).is_err() {
        let rule = "must be http or https, a host, and a port of 1 to 65535 where there is one";
        return wrong("endpoint", endpoint::shown(&server.endpoint), rule);
    }
    let style = match &*server.address_style {
        _ if endpoint.is_ip() => AddressStyle::Path,
        "virtual" => AddressStyle::Virtual,
        "path" => AddressStyle::Path,
        "cname" => AddressStyle::Cname,
        other => return wrong("address_style", other, "must be virtual, path or cname"),
    };
    let version = match &*server.signature_version {
        "v4" => Version::V4,
        "v1" => Version::V1,
        other => return wrong("signature_version", other, "must be v4 or v1"),
    };
    let (region, product) = (server.region.clone(), "oss".to_owned());
    Ok(Target { endpoint: Some(endpoint), style, region, product, version, ..Target::default() })
}

fn check(server: &Server) -> Result<(), String> {
    let seconds = [
        ("credentials_refresh_seconds", server.credentials_refresh_seconds),
        ("reload_seconds", server.reload_seconds),
        ("head_seconds", server.head_seconds),
        ("body_seconds", server.body_seconds),
        ("grace_seconds", server.grace_seconds),
    ];
    for (name, value) in seconds {
        if !(0.01..=86_400.0).contains(&value) {
            return Err(format!("{name}: must be 0.01 to 86400 seconds"));
        }
    }
    let numbers = [
        ("threads", server.threads, 0..=1024),
        ("max_head_bytes", server.max_head_bytes, 8192..=1 << 20),
        ("max_connections", server.max_connections, 1..=1_000_000),
    ];
    for (name, value, range) in numbers {
        if !range.contains(&value) {
            return Err(format!("{name}: must be {} to {}", range.start(), range.end()));
        }
    }
    match server.cors_origins.iter().find(|origin| !cors::is_origin(origin)) {
        None => Ok(()),
        Some(origin) => {
            let rule = "must be '*', 'null', or as browsers send it: scheme://host[:port], in small \
                        letters, without '/' at its end, without the scheme's own port";
            Err(crate::error::Error::invalid("cors_origins", origin, rule).to_string())
        }
    }
}
