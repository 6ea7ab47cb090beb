//! What one call asks for beside its request: another host, restrictions, an earlier signing time.

mod value;

pub(super) use value::backdate;
use value::{address, scheme};

use super::argument::{flag, number, text, wrong_type};
use super::config::Settings;
use super::error::translate;
use super::provider::Provider;
use super::read::Reading;
use crate::endpoint::{AddressStyle, Endpoint, Tls, netloc, shown};
use crate::error::Error;
use crate::explain::host::{Domain, Layout, Location};
use crate::presign::Target;
use crate::restriction::{Network, Restrictions, TRAFFIC_RULE};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyString};

type Given<'py> = Option<Bound<'py, PyAny>>;

/// The keywords, as they were given.
#[derive(Default)]
pub(super) struct Asked<'py> {
    pub(super) endpoint: Given<'py>,
    pub(super) cname: Given<'py>,
    pub(super) scheme: Given<'py>,
    pub(super) traffic_limit: Given<'py>,
    pub(super) source_ip: Given<'py>,
    pub(super) subnet_mask: Given<'py>,
    pub(super) vpc_id: Given<'py>,
    pub(super) forward_allow: Given<'py>,
    pub(super) backdate: Given<'py>,
}

/// What they mean for the settings of a client.
pub(super) struct Special {
    /// Where the URLs of this call point to, if not where the client's do.
    pub(super) target: Option<Target>,
    pub(super) restrictions: Restrictions,
    /// Microseconds.
    pub(super) backdate: Option<i64>,
}

impl Special {
    /// Whether the URLs hold an address that is to be taken out of them.
    pub(super) fn hides_address(&self) -> bool {
        self.restrictions.source.is_some()
    }

    /// Adds the restrictions to what was read.
    pub(super) fn add_to(&self, py: Python<'_>, reading: &mut Reading<'_>) -> PyResult<()> {
        let added = self.restrictions.add_to(&mut reading.request);
        added.map_err(|error| translate(py, &error))
    }
}

impl<'py> Asked<'py> {
    /// Those among the keywords of a batch, and its columns: a traffic limit that is no int is one.
    #[allow(clippy::type_complexity)] // The keywords, and the columns.
    pub(super) fn of_rows(
        keywords: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<(Self, Option<Bound<'py, PyDict>>)> {
        let (mut asked, columns) = Self::take(keywords)?;
        let is_column = |given: &mut Bound<'_, PyAny>| !given.is_instance_of::<PyInt>();
        let Some(column) = asked.traffic_limit.take_if(is_column) else {
            return Ok((asked, columns));
        };
        let columns = columns.unwrap_or_else(|| PyDict::new(column.py()));
        columns.set_item("traffic_limit", column)?;
        Ok((asked, Some(columns)))
    }

    /// Those among the keywords of a call, and the others, if there are any.
    #[allow(clippy::type_complexity)] // Both kinds of keywords.
    fn take(keywords: Option<&Bound<'py, PyDict>>) -> PyResult<(Self, Option<Bound<'py, PyDict>>)> {
        let mut asked = Self::default();
        let Some(keywords) = keywords else { return Ok((asked, None)) };
        let others = PyDict::new(keywords.py());
        for (name, value) in keywords.iter() {
            match name.cast::<PyString>()?.to_str().ok().and_then(|name| asked.place(name)) {
                Some(place) => *place = (!value.is_none()).then_some(value),
                None => others.set_item(name, value)?,
            }
        }
        Ok((asked, (!others.is_empty()).then_some(others)))
    }

    /// What the keywords of a call mean that takes no others.
    pub(super) fn only(
        py: Python<'py>,
        keywords: Option<&Bound<'py, PyDict>>,
        (settings, function): (&Settings, &str),
    ) -> PyResult<Option<Box<Special>>> {
        let (asked, others) = Self::take(keywords)?;
        match others.and_then(|others| others.iter().next()) {
            None => asked.read(py, settings),
            Some((name, _)) => Err(PyTypeError::new_err(format!(
                "Client.{function}() got an unexpected keyword argument '{name}'"
            ))),
        }
    }

    fn place(&mut self, name: &str) -> Option<&mut Given<'py>> {
        Some(match name {
            "endpoint" => &mut self.endpoint,
            "cname" => &mut self.cname,
            "scheme" => &mut self.scheme,
            "traffic_limit" => &mut self.traffic_limit,
            "source_ip" => &mut self.source_ip,
            "subnet_mask" => &mut self.subnet_mask,
            "vpc_id" => &mut self.vpc_id,
            "forward_allow" => &mut self.forward_allow,
            "backdate" => &mut self.backdate,
            _ => return None,
        })
    }

    /// Reads the keywords; None where there is none, as in most calls.
    #[inline]
    pub(super) fn read(
        &self,
        py: Python<'_>,
        settings: &Settings,
    ) -> PyResult<Option<Box<Special>>> {
        let all = [
            &self.endpoint,
            &self.cname,
            &self.scheme,
            &self.traffic_limit,
            &self.source_ip,
            &self.subnet_mask,
            &self.vpc_id,
            &self.forward_allow,
            &self.backdate,
        ];
        match all.iter().any(|given| given.is_some()) {
            false => Ok(None),
            true => self.read_some(py, settings),
        }
    }

    #[cold]
    fn read_some(&self, py: Python<'_>, settings: &Settings) -> PyResult<Option<Box<Special>>> {
        let restrictions = self.restrictions(py)?;
        if restrictions.needs_signature() && matches!(settings.provider, Provider::Anonymous) {
            let (field, value) = match (&restrictions.source, &restrictions.vpc_id) {
                (Some(network), _) => ("source_ip", network.to_string()),
                (None, id) => ("vpc_id", id.clone().unwrap_or_default()),
            };
            let rule =
                "must not be given with anonymous credentials: only a signature makes it hold";
            return Err(translate(py, &Error::invalid(field, &value, rule)));
        }
        let is_elsewhere =
            [&self.endpoint, &self.cname, &self.scheme].iter().any(|given| given.is_some());
        Ok(Some(Box::new(Special {
            target: is_elsewhere.then(|| self.target(py, settings)).transpose()?,
            restrictions,
            backdate: self.backdate.as_ref().map(|given| backdate(py, given)).transpose()?,
        })))
    }

    /// The client's target with another endpoint; region and all that is signed stay.
    fn target(&self, py: Python<'_>, settings: &Settings) -> PyResult<Target> {
        let (domain, cname) = self.domain(py)?;
        let tls = self.scheme.as_ref().map(|given| scheme(py, given)).transpose()?;
        let text = self.endpoint.as_ref().map(|given| text(given, "endpoint")).transpose()?;
        let given = match (text, domain) {
            (Some(_), Some(domain)) => {
                let rule = "must be True where endpoint is given";
                return Err(translate(py, &Error::invalid("cname", shown(domain), rule)));
            }
            (text, domain) => text.or(domain),
        };
        let field = if text.is_some() { "endpoint" } else { "cname" };
        let parsed = given.map(|given| strictly(field, given, tls.unwrap_or(settings.tls)));
        let parsed = parsed.transpose().map_err(|error| translate(py, &error))?;
        if let Some(domain) = &domain
            && parsed.as_ref().is_some_and(Endpoint::is_ip)
        {
            let rule = "must be a domain that is bound to the bucket, not an IP address";
            return Err(translate(py, &Error::invalid("cname", shown(domain), rule)));
        }
        if let Some((text, tls)) = given.zip(tls)
            && parsed.as_ref().is_some_and(|endpoint| endpoint.scheme() != tls.scheme())
        {
            let rule = "must not have another scheme than scheme= says";
            return Err(translate(py, &Error::invalid("endpoint", shown(text), rule)));
        }
        let is_own = parsed.is_some();
        let own = settings.target.endpoint.as_ref();
        let own = own.map(|own| tls.map_or_else(|| own.clone(), |tls| own.with_tls(tls)));
        let endpoint = parsed.or(own);
        let of_oss = endpoint.as_ref().and_then(|endpoint| oss_host(&endpoint.hostname()));
        if cname == Some(true) && of_oss == Some(false) {
            let rule = "must be the bucket's own domain, or come with it as endpoint=";
            let value = given.map_or("True", shown);
            return Err(translate(py, &Error::invalid("cname", value, rule)));
        }
        let style = match (cname, settings.style) {
            _ if endpoint.as_ref().is_some_and(Endpoint::is_ip) => AddressStyle::Path,
            (Some(true), _) => AddressStyle::Cname,
            // A domain is bound to one bucket: another endpoint is not that domain.
            (Some(false), AddressStyle::Cname) => AddressStyle::Virtual,
            (None, AddressStyle::Cname) if is_own => AddressStyle::Virtual,
            // A host of OSS refuses buckets in the path, whatever the client's own does.
            (_, AddressStyle::Path) if is_own && of_oss.is_some() => AddressStyle::Virtual,
            (_, style) => style,
        };
        Ok(Target { endpoint, style, ..settings.target.clone() })
    }

    /// The custom domain, where `cname` is one, and whether the host is one.
    fn domain(&self, py: Python<'_>) -> PyResult<(Option<&str>, Option<bool>)> {
        let Some(given) = &self.cname else { return Ok((None, None)) };
        if let Ok(flag) = given.cast::<PyBool>() {
            return Ok((None, Some(flag.is_true())));
        }
        if given.is_instance_of::<PyString>() {
            let domain = text(given, "cname")?;
            if domain.is_empty() {
                let rule = "must be True, False or a domain";
                return Err(translate(py, &Error::invalid("cname", "", rule)));
            }
            return Ok((Some(domain), Some(true)));
        }
        Err(wrong_type(given, "cname", "a bool or a str"))
    }

    fn restrictions(&self, py: Python<'_>) -> PyResult<Restrictions> {
        let wrong = |error: &Error| translate(py, error);
        let mask = self.subnet_mask.as_ref().map(|given| {
            let rule = "must be from 1 to 32, for IPv6 to 128";
            number(given, "subnet_mask", 0..=u32::MAX.into(), rule)
        });
        let mask = mask.transpose()?;
        let address = self.source_ip.as_ref().map(address).transpose()?;
        if let (Some(mask), None) = (mask, &address) {
            let rule = "must not be given without source_ip";
            return Err(wrong(&Error::invalid("subnet_mask", &mask.to_string(), rule)));
        }
        let mask = mask.map(|mask| u32::try_from(mask).unwrap_or(u32::MAX));
        let source = address.map(|text| Network::read(&text, mask)).transpose();
        let limit = self.traffic_limit.as_ref();
        let limit = limit.map(|given| number(given, "traffic_limit", 0..=u64::MAX, TRAFFIC_RULE));
        let vpc_id = self.vpc_id.as_ref().map(|given| text(given, "vpc_id").map(str::to_owned));
        let forwards = self.forward_allow.as_ref().map(|given| flag(given, "forward_allow"));
        let restrictions = Restrictions {
            traffic_limit: limit.transpose()?,
            source: source.map_err(|error| wrong(&error))?,
            vpc_id: vpc_id.transpose()?,
            allows_forwarding: forwards.transpose()?.unwrap_or(false),
        };
        restrictions.check().map_err(|error| wrong(&error))?;
        Ok(restrictions)
    }
}

/// An endpoint of one call is a new thing, so it need not let pass what the SDK's do.
fn strictly(field: &str, text: &str, tls: Tls) -> Result<Endpoint, Error> {
    let wrong = |rule| Error::invalid(field, shown(text), rule);
    let (_, rest) = netloc::split(text).map_err(wrong)?;
    netloc::read(rest.split(['/', '?', '#']).next().unwrap_or_default()).map_err(wrong)?;
    Endpoint::parse(text, tls)
}

/// Of a host of OSS: whether it names a bucket.
fn oss_host(name: &str) -> Option<bool> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let found = Location::find(name, "", Layout::default());
    matches!(found.domain, Domain::Oss(_)).then_some(found.bucket.is_some())
}
