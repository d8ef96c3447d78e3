//! The service's metrics, named in one place.

/// A message of a device: `taken`, `limited`, `malformed`, `stale`, `unknown_device`.
pub(crate) fn report(outcome: &'static str) {
    metrics::counter!("iot_reports_total", "outcome" => outcome).increment(1);
}

/// Telemetry rows `written` or `dropped`.
pub(crate) fn rows(outcome: &'static str, count: usize) {
    metrics::counter!("iot_telemetry_rows_total", "outcome" => outcome).increment(count as u64);
}

/// A command and what became of it.
pub(crate) fn command(kind: &'static str, outcome: &'static str) {
    metrics::counter!("iot_commands_total", "command" => kind, "outcome" => outcome).increment(1);
}

/// 1 while commands can be sent and heard.
pub(crate) fn broker_connected(connected: bool) {
    metrics::gauge!("iot_broker_connected").set(if connected { 1.0 } else { 0.0 });
}
