//! Counting for operators: counters and histograms that any thread adds to, and the text in which Prometheus reads them.
//! What is counted and where is said by those who count; labels never hold anything about a person.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// The media type of the text format.
pub const MEDIA_TYPE: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Counters with `N` labels each.
#[derive(Debug)]
pub struct Counters<const N: usize>(Mutex<BTreeMap<[String; N], u64>>);

impl<const N: usize> Default for Counters<N> {
    fn default() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }
}

impl<const N: usize> Counters<N> {
    /// Adds `n` to the counter with these labels.
    pub fn add(&self, labels: [&str; N], n: u64) {
        if n > 0 {
            *self.lock().entry(labels.map(str::to_owned)).or_default() += n;
        }
    }

    /// All counters, by their labels.
    #[must_use]
    pub fn all(&self) -> Vec<([String; N], u64)> {
        let counters = self.lock();
        counters.iter().map(|(key, n)| (key.clone(), *n)).collect()
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<[String; N], u64>> {
        // A number is whole whoever panicked while it was added.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// How often something took how long.
#[derive(Debug)]
pub struct Histogram {
    /// Upper bounds in seconds, ascending.
    bounds: &'static [f64],
    /// One more than there are bounds: the last holds what is above all of them.
    counts: Vec<AtomicU64>,
    sum_micros: AtomicU64,
}

impl Histogram {
    /// An empty one with these upper bounds in seconds, ascending.
    #[must_use]
    pub fn new(bounds: &'static [f64]) -> Self {
        Self {
            bounds,
            counts: (0..=bounds.len()).map(|_| AtomicU64::new(0)).collect(),
            sum_micros: AtomicU64::new(0),
        }
    }

    /// Notes one.
    pub fn observe(&self, took: Duration) {
        let seconds = took.as_secs_f64();
        let at = self.bounds.partition_point(|bound| *bound < seconds);
        if let Some(count) = self.counts.get(at) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.sum_micros.fetch_add(micros, Ordering::Relaxed);
    }
}

/// What kind of number a metric is.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}

/// A page of metrics, being written.
#[derive(Debug, Default)]
pub struct Page(String);

impl Page {
    /// A page with nothing on it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// A number that may go up and down; nothing where it is not known.
    pub fn gauge(&mut self, name: &str, help: &str, value: Option<f64>) {
        self.head(name, help, Kind::Gauge);
        if let Some(value) = value {
            self.line(format_args!("{name} {value}"));
        }
    }

    /// Numbers that may go up and down, each with one label.
    pub fn gauges<'a>(
        &mut self,
        name: &str,
        help: &str,
        label: &str,
        values: impl IntoIterator<Item = (&'a str, f64)>,
    ) {
        self.head(name, help, Kind::Gauge);
        for (of, value) in values {
            self.line(format_args!("{name}{} {value}", labels(&[(label, of)])));
        }
    }

    /// A number that only grows.
    pub fn counter(&mut self, name: &str, help: &str, value: u64) {
        self.head(name, help, Kind::Counter);
        self.line(format_args!("{name} {value}"));
    }

    /// Numbers that only grow, by their labels.
    pub fn counters<const N: usize>(
        &mut self,
        name: &str,
        help: &str,
        names: [&str; N],
        of: &Counters<N>,
    ) {
        self.head(name, help, Kind::Counter);
        for (values, n) in of.all() {
            let pairs: Vec<(&str, &str)> = names
                .into_iter()
                .zip(values.iter().map(String::as_str))
                .collect();
            self.line(format_args!("{name}{} {n}", labels(&pairs)));
        }
    }

    /// A histogram of seconds.
    pub fn histogram(&mut self, name: &str, help: &str, of: &Histogram) {
        self.head(name, help, Kind::Histogram);
        let mut so_far = 0;
        let counts = of.counts.iter().map(|count| count.load(Ordering::Relaxed));
        let bounds = of.bounds.iter().map(|bound| format!("{bound}"));
        for (bound, count) in bounds.chain(["+Inf".to_owned()]).zip(counts) {
            so_far += count;
            self.line(format_args!(
                "{name}_bucket{} {so_far}",
                labels(&[("le", &bound)])
            ));
        }
        let sum = of.sum_micros.load(Ordering::Relaxed) as f64 / 1e6;
        self.line(format_args!("{name}_sum {sum}"));
        self.line(format_args!("{name}_count {so_far}"));
    }

    /// The page.
    #[must_use]
    pub fn text(self) -> String {
        self.0
    }

    fn head(&mut self, name: &str, help: &str, kind: Kind) {
        let kind = match kind {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        };
        self.line(format_args!("# HELP {name} {help}"));
        self.line(format_args!("# TYPE {name} {kind}"));
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing into a `String` never fails.
        let _ = writeln!(self.0, "{line}");
    }
}

/// `{source="web",outcome="accepted"}`
fn labels(pairs: &[(&str, &str)]) -> String {
    let written: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            let value = value
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace('\n', "\\n");
            format!("{name}=\"{value}\"")
        })
        .collect();
    format!("{{{}}}", written.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_reads_as_prometheus_expects() {
        let took = Histogram::new(&[0.001, 0.1]);
        for millis in [0, 1, 50, 900] {
            took.observe(Duration::from_millis(millis));
        }
        let sent = Counters::default();
        sent.add(["email", "done"], 2);
        sent.add(["a\"b\\c\nd", "done"], 1);
        sent.add(["email", "failed"], 0);
        let mut page = Page::new();
        page.histogram("took_seconds", "How long.", &took);
        page.counters("sent_total", "What.", ["lane", "outcome"], &sent);
        page.gauge("age_seconds", "Unknown.", None);
        let expected = r#"# HELP took_seconds How long.
# TYPE took_seconds histogram
took_seconds_bucket{le="0.001"} 2
took_seconds_bucket{le="0.1"} 3
took_seconds_bucket{le="+Inf"} 4
took_seconds_sum 0.951
took_seconds_count 4
# HELP sent_total What.
# TYPE sent_total counter
sent_total{lane="a\"b\\c\nd",outcome="done"} 1
sent_total{lane="email",outcome="done"} 2
# HELP age_seconds Unknown.
# TYPE age_seconds gauge
"#;
        assert_eq!(page.text(), expected);
    }
}
