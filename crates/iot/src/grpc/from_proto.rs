//! Names and numbers of requests, validated.

use ids::{ContentHash, DeviceId, PrintJobId};
use printer_protocol::topic::is_device_id;
use proto::pot::iot::v1 as pb;
use rpc::Error;

use crate::{
    app::{Control, Seal, Start},
    domain::{Driver, Shape},
};

/// G-code above this is no print that a printer here could take.
const MAX_GCODE_BYTES: i64 = 1024 * 1024 * 1024;

/// `devices/{id}`.
pub(super) fn device(field: &str, name: &str) -> Result<DeviceId, Error> {
    let id = name.strip_prefix("devices/").filter(|id| is_device_id(id)).and_then(|id| id.parse().ok());
    let usage = "write it as devices/{id}, the id being 1 to 63 of a-z, 0-9 and hyphen, with no hyphen at either end";
    id.ok_or_else(|| Error::invalid(field, usage))
}

pub(super) fn new_device(message: Option<pb::Device>) -> Result<(DeviceId, Driver, Shape), Error> {
    let message = message.ok_or_else(|| Error::invalid("device", "is missing"))?;
    let id = device("device.name", &message.name)?;
    if !["", "printer"].contains(&message.kind.as_str()) {
        return Err(Error::invalid("device.kind", format!("'{}' is no kind of device: use printer", message.kind)));
    }
    let driver = match message.driver.as_str() {
        "" => Driver::Mqtt,
        text => text.parse().map_err(|why: String| Error::invalid("device.driver", why))?,
    };
    let build = [message.build_x, message.build_y, message.build_z];
    let shape = Shape::new(build, message.nozzle_diameter);
    Ok((id, driver, shape.map_err(|(field, why)| Error::invalid(format!("device.{field}"), why))?))
}

pub(super) fn speed(speed: f64) -> Result<f64, Error> {
    if (1.0..=100_000.0).contains(&speed) {
        return Ok(speed);
    }
    Err(Error::invalid("speed", format!("{speed} is not between 1 and 100000")))
}

pub(super) fn start(message: pb::StartPrintRequest) -> Result<Start, Error> {
    if !(1..=MAX_GCODE_BYTES).contains(&message.gcode_size_bytes) {
        return Err(Error::invalid("gcode_size_bytes", format!("is not between 1 and {MAX_GCODE_BYTES}")));
    }
    Ok(Start {
        device: device("device", &message.device)?,
        print_job: print_job(message.print_job)?,
        fence: fence(message.fence)?,
        gcode: hash("gcode_hash", &message.gcode_hash)?,
        gcode_size_bytes: message.gcode_size_bytes.unsigned_abs(),
    })
}

pub(super) fn control(control: i32) -> Result<Control, Error> {
    match pb::PrintControl::try_from(control) {
        Ok(pb::PrintControl::Pause) => Ok(Control::Pause),
        Ok(pb::PrintControl::Resume) => Ok(Control::Resume),
        Ok(pb::PrintControl::Cancel) => Ok(Control::Cancel),
        _ => Err(Error::invalid("control", "has to be pause, resume or cancel")),
    }
}

pub(super) fn seal(message: pb::SealTelemetryRequest) -> Result<Seal, Error> {
    Ok(Seal {
        device: device("device", &message.device)?,
        print_job: print_job(message.print_job)?,
        fence: fence(message.fence)?,
        gcode: hash("gcode_hash", &message.gcode_hash)?,
    })
}

pub(super) fn fence(fence: i64) -> Result<i64, Error> {
    if fence > 0 { Ok(fence) } else { Err(Error::invalid("fence", format!("{fence} is no fence: fences begin at 1"))) }
}

/// `printJobs/{uuid}`, in its one spelling: the printer echoes it and telemetry is found by it.
fn print_job(name: String) -> Result<String, Error> {
    let known = name.starts_with("printJobs/") && name.parse::<PrintJobId>().is_ok_and(|id| id.to_string() == name);
    if known { Ok(name) } else { Err(Error::invalid("print_job", "write it as printJobs/{uuid}")) }
}

fn hash(field: &str, text: &str) -> Result<ContentHash, Error> {
    text.parse().map_err(|e: ids::ParseHashError| Error::invalid(field, e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_fields_are_named() {
        let field = |error: Error| error.violations()[0].field.clone();
        assert_eq!(field(device("name", "virtual-1").unwrap_err()), "name");
        assert_eq!(field(device("name", "devices/-a").unwrap_err()), "name");
        assert_eq!(field(new_device(None).unwrap_err()), "device");
        let named = |change: fn(&mut pb::Device)| {
            let mut message = pb::Device { name: "devices/p1".into(), ..pb::Device::default() };
            change(&mut message);
            field(new_device(Some(message)).unwrap_err())
        };
        assert_eq!(named(|d| d.driver = "usb".into()), "device.driver");
        assert_eq!(named(|d| d.build_z = -1.0), "device.build_z");
        assert_eq!(field(speed(0.0).unwrap_err()), "speed");
        assert_eq!(field(speed(f64::NAN).unwrap_err()), "speed");
        assert_eq!(field(print_job("7".into()).unwrap_err()), "print_job");
        assert_eq!(field(control(0).unwrap_err()), "control");
    }
}
