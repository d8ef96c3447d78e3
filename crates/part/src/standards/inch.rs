//! Unified inch screws from #2 to 1 in; the tables are in inches as their standards print them.
//!
//! Checked against published copies of the tables: FreeCAD's Fasteners workbench (`asmeb18.3.1adef.csv`,
//! `asmeb18.3.2def.csv`, `asmeb18.2.2.4def.csv`, `asmeb18.2.2.1adef.csv`), and what each table names beside it.

use super::{CapHead, CountersunkHead, Hexagon, Series, snap};

pub(super) struct Row {
    pub(super) name: &'static str,
    /// Major diameter, ASME B1.1.
    pub(super) diameter: f64,
    /// Threads to the inch, UNC and UNF, ASME B1.1.
    pub(super) threads: [f64; 2],
    /// Customary tap drills of about 75 % engagement for UNC and UNF (Machinery's Handbook; against drill charts in public
    /// code, in which the fine thread of 1 in is the older one of 14).
    tap_drills: [f64; 2],
    /// Least clearance holes, close, normal and loose fit, ASME B18.2.8 as Machinery's Handbook prints it (31st edition,
    /// page 1741), which leaves #12 and 9/16 out.
    pub(super) clearance: Option<[f64; 3]>,
}

const fn size(
    name: &'static str,
    diameter: f64,
    threads: [f64; 2],
    tap_drills: [f64; 2],
    clearance: Option<[f64; 3]>,
) -> Row {
    Row { name, diameter, threads, tap_drills, clearance }
}

static SIZES: &[Row] = &[
    size("#2", 0.086, [56.0, 64.0], [0.07, 0.07], Some([0.094, 0.102, 0.116])),
    size("#3", 0.099, [48.0, 56.0], [0.0785, 0.082], Some([0.106, 0.116, 0.128])),
    size("#4", 0.112, [40.0, 48.0], [0.089, 0.0935], Some([0.120, 0.128, 0.144])),
    size("#5", 0.125, [40.0, 44.0], [0.1015, 0.104], Some([0.141, 0.156, 0.172])),
    size("#6", 0.138, [32.0, 40.0], [0.1065, 0.113], Some([0.154, 0.170, 0.185])),
    size("#8", 0.164, [32.0, 36.0], [0.136, 0.136], Some([0.180, 0.196, 0.213])),
    size("#10", 0.190, [24.0, 32.0], [0.1495, 0.159], Some([0.206, 0.221, 0.238])),
    size("#12", 0.216, [24.0, 28.0], [0.177, 0.182], None),
    size("1/4", 0.25, [20.0, 28.0], [0.201, 0.213], Some([0.266, 0.281, 0.297])),
    size("5/16", 0.3125, [18.0, 24.0], [0.257, 0.272], Some([0.328, 0.344, 0.359])),
    size("3/8", 0.375, [16.0, 24.0], [0.3125, 0.332], Some([0.391, 0.406, 0.422])),
    size("7/16", 0.4375, [14.0, 20.0], [0.368, 0.3906], Some([0.453, 0.469, 0.484])),
    size("1/2", 0.5, [13.0, 20.0], [0.4219, 0.4531], Some([0.531, 0.562, 0.609])),
    size("9/16", 0.5625, [12.0, 18.0], [0.4844, 0.5156], None),
    size("5/8", 0.625, [11.0, 18.0], [0.5312, 0.5781], Some([0.656, 0.688, 0.734])),
    size("3/4", 0.75, [10.0, 16.0], [0.6562, 0.6875], Some([0.781, 0.812, 0.906])),
    size("7/8", 0.875, [9.0, 14.0], [0.7656, 0.8125], Some([0.906, 0.938, 1.031])),
    size("1", 1.0, [8.0, 12.0], [0.875, 0.9219], Some([1.031, 1.094, 1.156])),
];

pub(super) fn mm(inches: f64) -> f64 {
    snap(inches * 25.4)
}

/// By diameter in millimetres.
pub(super) fn row(diameter: f64) -> Option<&'static Row> {
    SIZES.iter().find(|row| mm(row.diameter) == diameter)
}

/// By gauge number.
pub(super) fn gauge(number: f64) -> Option<&'static Row> {
    SIZES.iter().find(|row| row.name.strip_prefix('#').and_then(|n| n.parse::<f64>().ok()) == Some(number))
}

/// By diameter in inches, of the sizes that are not numbered.
pub(super) fn inches(diameter: f64) -> Option<&'static Row> {
    SIZES.iter().find(|row| row.diameter == diameter && !row.name.starts_with('#'))
}

pub(super) fn tap_drill(diameter: f64, series: Series) -> Option<f64> {
    row(diameter).map(|row| mm(row.tap_drills[usize::from(series == Series::Unf)]))
}

/// d, greatest head diameter, socket's width across flats, least socket depth, counterbore diameter: ASME B18.3 hexagon
/// socket head cap screws, 1960 series; the head is as high as the thread is wide (heads also against aftfasteners.com's
/// copy; the counterbores, of the standard's appendix, were found in no public copy).
const CAP: &[[f64; 5]] = &[
    [0.086, 0.140, 0.0781, 0.038, 0.1875],
    [0.099, 0.161, 0.0781, 0.044, 0.2188],
    [0.112, 0.183, 0.0938, 0.051, 0.2188],
    [0.125, 0.205, 0.0938, 0.057, 0.25],
    [0.138, 0.226, 0.1094, 0.064, 0.2812],
    [0.164, 0.270, 0.1406, 0.077, 0.3125],
    [0.190, 0.312, 0.1562, 0.090, 0.375],
    [0.25, 0.375, 0.1875, 0.120, 0.4375],
    [0.3125, 0.469, 0.25, 0.151, 0.5312],
    [0.375, 0.562, 0.3125, 0.182, 0.625],
    [0.4375, 0.656, 0.375, 0.213, 0.7188],
    [0.5, 0.750, 0.375, 0.245, 0.8125],
    [0.625, 0.938, 0.5, 0.307, 1.0],
    [0.75, 1.125, 0.625, 0.370, 1.1875],
    [0.875, 1.312, 0.75, 0.432, 1.375],
    [1.0, 1.5, 0.75, 0.495, 1.625],
];

fn find<const N: usize>(table: &[[f64; N]], diameter: f64) -> Option<[f64; N]> {
    table.iter().copied().find(|row| mm(row[0]) == diameter)
}

pub(super) fn cap_head(diameter: f64) -> Option<CapHead> {
    let [d, head, socket, socket_depth, counterbore] = find(CAP, diameter)?;
    Some(CapHead {
        diameter: mm(head),
        height: mm(d),
        socket: mm(socket),
        socket_depth: mm(socket_depth),
        counterbore_diameter: mm(counterbore),
        // ASME B18.3 makes the counterbore as deep as the head is high.
        counterbore_depth: mm(d),
        standard: "ASME B18.3",
    })
}

/// d, greatest theoretical head diameter: ASME B18.3 hexagon socket flat countersunk head cap screws, 82° (also
/// boltport.com's copy).
const COUNTERSUNK: &[[f64; 2]] = &[
    [0.086, 0.197],
    [0.099, 0.226],
    [0.112, 0.255],
    [0.125, 0.281],
    [0.138, 0.307],
    [0.164, 0.359],
    [0.190, 0.411],
    [0.216, 0.450],
    [0.25, 0.531],
    [0.3125, 0.656],
    [0.375, 0.781],
    [0.4375, 0.844],
    [0.5, 0.938],
    [0.625, 1.188],
    [0.75, 1.438],
    [0.875, 1.688],
    [1.0, 1.938],
];

pub(super) fn countersunk_head(diameter: f64) -> Option<CountersunkHead> {
    find(COUNTERSUNK, diameter).map(|[_, head]| CountersunkHead {
        diameter: mm(head),
        angle: 82.0,
        standard: "ASME B18.3",
    })
}

/// d, width across flats, basic height: ASME B18.2.1 hex cap screws (usefastener.com's copy).
const HEADS: &[[f64; 3]] = &[
    [0.25, 0.4375, 0.1562],
    [0.3125, 0.5, 0.2031],
    [0.375, 0.5625, 0.2344],
    [0.4375, 0.625, 0.2812],
    [0.5, 0.75, 0.3125],
    [0.5625, 0.8125, 0.3594],
    [0.625, 0.9375, 0.3906],
    [0.75, 1.125, 0.4688],
    [0.875, 1.3125, 0.5469],
    [1.0, 1.5, 0.6094],
];

pub(super) fn hex_head(diameter: f64) -> Option<Hexagon> {
    find(HEADS, diameter).map(|[_, s, k]| Hexagon { across_flats: mm(s), height: mm(k), standard: "ASME B18.2.1" })
}

/// d, width across flats, thickness: ASME B18.2.2, basic of hex nuts, greatest of machine screw nuts below 1/4 in.
const NUTS: &[[f64; 3]] = &[
    [0.086, 0.1875, 0.066],
    [0.099, 0.1875, 0.066],
    [0.112, 0.25, 0.098],
    [0.125, 0.3125, 0.114],
    [0.138, 0.3125, 0.114],
    [0.164, 0.3438, 0.130],
    [0.190, 0.375, 0.130],
    [0.216, 0.4375, 0.161],
    [0.25, 0.4375, 0.2188],
    [0.3125, 0.5, 0.2656],
    [0.375, 0.5625, 0.3281],
    [0.4375, 0.6875, 0.375],
    [0.5, 0.75, 0.4375],
    [0.5625, 0.875, 0.4844],
    [0.625, 0.9375, 0.5469],
    [0.75, 1.125, 0.6406],
    [0.875, 1.3125, 0.75],
    [1.0, 1.5, 0.8594],
];

pub(super) fn hex_nut(diameter: f64) -> Option<Hexagon> {
    find(NUTS, diameter).map(|[_, s, m]| Hexagon { across_flats: mm(s), height: mm(m), standard: "ASME B18.2.2" })
}
