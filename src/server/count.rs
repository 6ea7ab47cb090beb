//! Counters of a server, in the text format that Prometheus reads
//! (<https://prometheus.io/docs/instrumenting/exposition_formats/>).

use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::sync::atomic::AtomicU64;

/// Method, route and status of an answer. The route is the pattern, never the path: clients choose
/// paths, and each label is kept for ever.
type Labels = [(&'static str, String); 3];

/// Upper ends of the histogram's buckets, in seconds.
const SECONDS: [f64; 10] = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0];

/// What is counted for every server.
#[derive(Debug)]
pub struct Counts {
    registry: Registry,
    requests: Family<Labels, Counter>,
    seconds: Histogram,
    in_flight: Gauge,
    answered: AtomicU64,
}

impl Counts {
    /// Counters whose names begin with `prefix_`. `more` registers those of one server alone.
    pub fn new(prefix: &str, more: impl FnOnce(&mut Registry)) -> Self {
        let mut registry = Registry::with_prefix(prefix);
        let (requests, in_flight) = (Family::default(), Gauge::default());
        let seconds = Histogram::new(SECONDS);
        registry.register("requests", "Requests answered", requests.clone());
        registry.register("request_seconds", "Time to the head of the answer", seconds.clone());
        registry.register("requests_in_flight", "Requests being answered", in_flight.clone());
        more(&mut registry);
        Self { registry, requests, seconds, in_flight, answered: AtomicU64::new(0) }
    }

    /// All counters as text.
    pub fn text(&self) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = encode(&mut out, &self.registry);
        out
    }

    /// How many requests were answered since the start.
    pub fn answered(&self) -> u64 {
        self.answered.load(std::sync::atomic::Ordering::Relaxed)
    }

    /// Counts a request as begun, until what this returns is dropped: clients go away at any time.
    pub(super) fn begin(&self) -> InFlight {
        self.in_flight.inc();
        InFlight(self.in_flight.clone())
    }

    /// Counts an answer.
    pub(super) fn answer(&self, method: &str, route: &str, status: u16, seconds: f64) {
        self.answered.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let labels = [
            ("method", method.to_owned()),
            ("route", route.to_owned()),
            ("status", status.to_string()),
        ];
        self.requests.get_or_create(&labels).inc();
        self.seconds.observe(seconds);
    }
}

/// A request that is being answered.
pub(super) struct InFlight(Gauge);

impl Drop for InFlight {
    fn drop(&mut self) {
        self.0.dec();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_counted_by_method_route_and_status() {
        let counts = Counts::new("test", |_| {});
        let begun = counts.begin();
        assert!(counts.text().contains("test_requests_in_flight 1"), "{}", counts.text());
        counts.answer("GET", "/healthz", 200, 0.01);
        drop(begun);
        let text = counts.text();
        let line = r#"test_requests_total{method="GET",route="/healthz",status="200"} 1"#;
        assert!(text.contains(line), "{text}");
        assert!(text.contains("test_requests_in_flight 0"), "{text}");
        assert_eq!(counts.answered(), 1);
    }
}
