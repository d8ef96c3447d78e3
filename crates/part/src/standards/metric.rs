//! ISO metric screws: threads, clearance holes, heads, nuts and washers from M1.6 to M64.
//!
//! Checked row by row against published copies of the tables: the data of FreeCAD's Fasteners workbench (`iso4762def.csv`,
//! `iso10642def.csv`, `iso2009def.csv`, `iso4032def.csv`, `iso4014head.csv`, `iso7089def.csv`, `MetricPitchTable.csv`) and,
//! where those differ or end, what each table names.

use super::{CapHead, CountersunkHead, Hexagon, Washer, snap};

pub(super) struct Row {
    pub(super) diameter: f64,
    /// Coarse pitch, ISO 261.
    pub(super) coarse: f64,
    /// Fine pitches, ISO 261.
    pub(super) fine: &'static [f64],
    /// ISO 273 fine, medium and coarse series.
    pub(super) clearance: [f64; 3],
}

const fn size(diameter: f64, coarse: f64, fine: &'static [f64], clearance: [f64; 3]) -> Row {
    Row { diameter, coarse, fine, clearance }
}

/// Clearance holes up to M24 also against engineeringhardware.com's copy of ISO 273.
static SIZES: &[Row] = &[
    size(1.6, 0.35, &[0.2], [1.7, 1.8, 2.0]),
    size(2.0, 0.4, &[0.25], [2.2, 2.4, 2.6]),
    size(2.5, 0.45, &[0.35], [2.7, 2.9, 3.1]),
    size(3.0, 0.5, &[0.35], [3.2, 3.4, 3.6]),
    size(3.5, 0.6, &[0.35], [3.7, 3.9, 4.2]),
    size(4.0, 0.7, &[0.5], [4.3, 4.5, 4.8]),
    size(4.5, 0.75, &[0.5], [4.8, 5.0, 5.3]),
    size(5.0, 0.8, &[0.5], [5.3, 5.5, 5.8]),
    size(6.0, 1.0, &[0.75], [6.4, 6.6, 7.0]),
    size(7.0, 1.0, &[0.75], [7.4, 7.6, 8.0]),
    size(8.0, 1.25, &[1.0, 0.75], [8.4, 9.0, 10.0]),
    size(10.0, 1.5, &[1.25, 1.0, 0.75], [10.5, 11.0, 12.0]),
    size(12.0, 1.75, &[1.5, 1.25, 1.0], [13.0, 13.5, 14.5]),
    size(14.0, 2.0, &[1.5, 1.25, 1.0], [15.0, 15.5, 16.5]),
    size(16.0, 2.0, &[1.5, 1.0], [17.0, 17.5, 18.5]),
    size(18.0, 2.5, &[2.0, 1.5, 1.0], [19.0, 20.0, 21.0]),
    size(20.0, 2.5, &[2.0, 1.5, 1.0], [21.0, 22.0, 24.0]),
    size(22.0, 2.5, &[2.0, 1.5, 1.0], [23.0, 24.0, 26.0]),
    size(24.0, 3.0, &[2.0, 1.5, 1.0], [25.0, 26.0, 28.0]),
    size(27.0, 3.0, &[2.0, 1.5, 1.0], [28.0, 30.0, 32.0]),
    size(30.0, 3.5, &[3.0, 2.0, 1.5, 1.0], [31.0, 33.0, 35.0]),
    size(33.0, 3.5, &[3.0, 2.0, 1.5], [34.0, 36.0, 38.0]),
    size(36.0, 4.0, &[3.0, 2.0, 1.5], [37.0, 39.0, 42.0]),
    size(39.0, 4.0, &[3.0, 2.0, 1.5], [40.0, 42.0, 45.0]),
    size(42.0, 4.5, &[4.0, 3.0, 2.0, 1.5], [43.0, 45.0, 48.0]),
    size(45.0, 4.5, &[4.0, 3.0, 2.0, 1.5], [46.0, 48.0, 52.0]),
    size(48.0, 5.0, &[4.0, 3.0, 2.0, 1.5], [50.0, 52.0, 56.0]),
    size(52.0, 5.0, &[4.0, 3.0, 2.0, 1.5], [54.0, 56.0, 62.0]),
    size(56.0, 5.5, &[4.0, 3.0, 2.0, 1.5], [58.0, 62.0, 66.0]),
    size(60.0, 5.5, &[4.0, 3.0, 2.0, 1.5], [62.0, 66.0, 70.0]),
    size(64.0, 6.0, &[4.0, 3.0, 2.0, 1.5], [66.0, 70.0, 74.0]),
];

pub(super) fn row(diameter: f64) -> Option<&'static Row> {
    SIZES.iter().find(|row| row.diameter == diameter)
}

pub(super) fn coarse_pitch(diameter: f64) -> f64 {
    SIZES.iter().take_while(|row| row.diameter <= diameter + 1e-9).last().unwrap_or(&SIZES[0]).coarse
}

fn find<const N: usize>(table: &[[f64; N]], diameter: f64) -> Option<[f64; N]> {
    table.iter().copied().find(|row| row[0] == diameter)
}

/// d, greatest head diameter of plain heads, socket's width across flats, least socket depth (ISO 4762:2004; the head is as
/// high as the thread is wide), counterbore diameter (DIN 974-1:2008, row 1; the head's diameter and a tenth of the
/// thread's above M48, where it ends). Counterbores from M2 to M8 against a public table that cites Ifanger's catalogue and
/// ingenieurkurse.de for DIN 974-1, from M4 to M48 against FreeCAD's `Hole/iso4762.json`.
const CAP: &[[f64; 5]] = &[
    [1.6, 3.0, 1.5, 0.7, 3.5],
    [2.0, 3.8, 1.5, 1.0, 4.4],
    [2.5, 4.5, 2.0, 1.1, 5.5],
    [3.0, 5.5, 2.5, 1.3, 6.5],
    [4.0, 7.0, 3.0, 2.0, 8.0],
    [5.0, 8.5, 4.0, 2.5, 10.0],
    [6.0, 10.0, 5.0, 3.0, 11.0],
    [8.0, 13.0, 6.0, 4.0, 15.0],
    [10.0, 16.0, 8.0, 5.0, 18.0],
    [12.0, 18.0, 10.0, 6.0, 20.0],
    [14.0, 21.0, 12.0, 7.0, 24.0],
    [16.0, 24.0, 14.0, 8.0, 26.0],
    [20.0, 30.0, 17.0, 10.0, 33.0],
    [24.0, 36.0, 19.0, 12.0, 40.0],
    [30.0, 45.0, 22.0, 15.5, 50.0],
    [36.0, 54.0, 27.0, 19.0, 58.0],
    [42.0, 63.0, 32.0, 24.0, 69.0],
    [48.0, 72.0, 36.0, 28.0, 78.0],
    [56.0, 84.0, 41.0, 34.0, 89.6],
    [64.0, 96.0, 46.0, 38.0, 102.4],
];

pub(super) fn cap_head(diameter: f64) -> Option<CapHead> {
    let [d, head, socket, socket_depth, counterbore] = find(CAP, diameter)?;
    // DIN 974-1: how much deeper than the head the counterbore is, by thread diameter.
    let sunk = match d {
        d if d <= 1.4 => 0.2,
        d if d <= 6.0 => 0.4,
        d if d <= 20.0 => 0.6,
        d if d <= 27.0 => 0.8,
        _ => 1.0,
    };
    Some(CapHead {
        diameter: head,
        height: d,
        socket,
        socket_depth,
        counterbore_diameter: counterbore,
        counterbore_depth: snap(d + sunk),
        standard: if d > 48.0 { "ISO 4762" } else { "ISO 4762 and DIN 974-1" },
    })
}

/// d, theoretical head diameter: ISO 7721 (the heads of ISO 2009 and ISO 7046) below M3 and at M3.5, ISO 10642 else. The
/// edition of 2019 of ISO 10642 has M2 and M2.5 too, with heads wider than these.
const COUNTERSUNK: &[[f64; 2]] = &[
    [1.6, 3.6],
    [2.0, 4.4],
    [2.5, 5.5],
    [3.0, 6.72],
    [3.5, 8.2],
    [4.0, 8.96],
    [5.0, 11.2],
    [6.0, 13.44],
    [8.0, 17.92],
    [10.0, 22.4],
    [12.0, 26.88],
    [14.0, 30.8],
    [16.0, 33.6],
    [20.0, 40.32],
];

pub(super) fn countersunk_head(diameter: f64) -> Option<CountersunkHead> {
    let [d, head] = find(COUNTERSUNK, diameter)?;
    let standard = if d < 3.0 || d == 3.5 { "ISO 7721" } else { "ISO 10642" };
    Some(CountersunkHead { diameter: head, angle: 90.0, standard })
}

/// d, width across flats, height of the bolt's head (ISO 4014 and ISO 4017, nominal k), height of the nut (ISO 4032,
/// greatest m). M14 is 21 mm wide by ISO 4014 (scribd.com's copy of EN ISO 4014, engineeringhardware.com); 22 mm, which
/// some tables print, is DIN 931's.
const HEXAGONS: &[[f64; 4]] = &[
    [1.6, 3.2, 1.1, 1.3],
    [2.0, 4.0, 1.4, 1.6],
    [2.5, 5.0, 1.7, 2.0],
    [3.0, 5.5, 2.0, 2.4],
    [3.5, 6.0, 2.4, 2.8],
    [4.0, 7.0, 2.8, 3.2],
    [5.0, 8.0, 3.5, 4.7],
    [6.0, 10.0, 4.0, 5.2],
    [8.0, 13.0, 5.3, 6.8],
    [10.0, 16.0, 6.4, 8.4],
    [12.0, 18.0, 7.5, 10.8],
    [14.0, 21.0, 8.8, 12.8],
    [16.0, 24.0, 10.0, 14.8],
    [18.0, 27.0, 11.5, 15.8],
    [20.0, 30.0, 12.5, 18.0],
    [22.0, 34.0, 14.0, 19.4],
    [24.0, 36.0, 15.0, 21.5],
    [27.0, 41.0, 17.0, 23.8],
    [30.0, 46.0, 18.7, 25.6],
    [33.0, 50.0, 21.0, 28.7],
    [36.0, 55.0, 22.5, 31.0],
    [39.0, 60.0, 25.0, 33.4],
    [42.0, 65.0, 26.0, 34.0],
    [45.0, 70.0, 28.0, 36.0],
    [48.0, 75.0, 30.0, 38.0],
    [52.0, 80.0, 33.0, 42.0],
    [56.0, 85.0, 35.0, 45.0],
    [60.0, 90.0, 38.0, 48.0],
    [64.0, 95.0, 40.0, 51.0],
];

pub(super) fn hex_head(diameter: f64) -> Option<Hexagon> {
    find(HEXAGONS, diameter).map(|[_, s, k, _]| Hexagon {
        across_flats: s,
        height: k,
        standard: "ISO 4014 and ISO 4017",
    })
}

pub(super) fn hex_nut(diameter: f64) -> Option<Hexagon> {
    find(HEXAGONS, diameter).map(|[_, s, _, m]| Hexagon { across_flats: s, height: m, standard: "ISO 4032" })
}

/// d, inner diameter, outer diameter, thickness: ISO 7089. The sizes that it does not prefer (M3.5, M14, M18, M22, M27, M33,
/// M39, M45, M52, M60) were found in no public copy.
const WASHERS: &[[f64; 4]] = &[
    [1.6, 1.7, 4.0, 0.3],
    [2.0, 2.2, 5.0, 0.3],
    [2.5, 2.7, 6.0, 0.5],
    [3.0, 3.2, 7.0, 0.5],
    [3.5, 3.7, 8.0, 0.5],
    [4.0, 4.3, 9.0, 0.8],
    [5.0, 5.3, 10.0, 1.0],
    [6.0, 6.4, 12.0, 1.6],
    [8.0, 8.4, 16.0, 1.6],
    [10.0, 10.5, 20.0, 2.0],
    [12.0, 13.0, 24.0, 2.5],
    [14.0, 15.0, 28.0, 2.5],
    [16.0, 17.0, 30.0, 3.0],
    [18.0, 19.0, 34.0, 3.0],
    [20.0, 21.0, 37.0, 3.0],
    [22.0, 23.0, 39.0, 3.0],
    [24.0, 25.0, 44.0, 4.0],
    [27.0, 28.0, 50.0, 4.0],
    [30.0, 31.0, 56.0, 4.0],
    [33.0, 34.0, 60.0, 5.0],
    [36.0, 37.0, 66.0, 5.0],
    [39.0, 42.0, 72.0, 6.0],
    [42.0, 45.0, 78.0, 8.0],
    [45.0, 48.0, 85.0, 8.0],
    [48.0, 52.0, 92.0, 8.0],
    [52.0, 56.0, 98.0, 8.0],
    [56.0, 62.0, 105.0, 10.0],
    [60.0, 66.0, 110.0, 10.0],
    [64.0, 70.0, 115.0, 10.0],
];

pub(super) fn washer(diameter: f64) -> Option<Washer> {
    find(WASHERS, diameter).map(|[_, inner, outer, thickness]| Washer {
        inner_diameter: inner,
        outer_diameter: outer,
        thickness,
        standard: "ISO 7089",
    })
}
