//! A part's pieces on as many plates as they take.
//!
//! A part that fits the bed as it lies stays as it lies. Else its pieces are laid in rows, deepest first, each in the first
//! row of the first plate that has room for it (first fit by decreasing depth), turned by a quarter where only that fits,
//! and askew where only that does.

use mesh::{Bounds, TriMesh};

use super::arrange::{GAP, SKIRT_MARGIN};

/// Surfaces that are looked at one by one; a mesh of more is not a part of pieces.
const MOST_SURFACES: usize = 1000;
/// Rounding of a size that was said to be the bed's.
const HAIR: f64 = 1e-6;

/// The plates of a part, at least one. A piece that fits no bed has a plate of its own, so that the slicer refuses it in its
/// own words.
pub fn spread(mesh: TriMesh, bed: [f64; 2], skirt: bool) -> Vec<TriMesh> {
    if mesh.bounds().is_none_or(|bounds| fits(footprint(&bounds), bed)) {
        return vec![mesh];
    }
    let mut pieces = pieces(&mesh);
    for (piece, bounds) in &mut pieces {
        let [width, depth] = footprint(bounds);
        if !fits([width, depth], bed)
            && !fits([depth, width], bed)
            && let Some(oblique) = oblique(piece, bed)
        {
            *bounds = oblique.bounds().unwrap_or(*bounds);
            *piece = oblique;
        }
    }
    let sizes: Vec<[f64; 2]> = pieces.iter().map(|(_, bounds)| footprint(bounds)).collect();
    match sizes[..] {
        [] => return vec![mesh],
        [[width, depth]] if !fits([width, depth], bed) && !fits([depth, width], bed) => return vec![mesh],
        _ => {}
    }
    let margin = if skirt { SKIRT_MARGIN } else { 0.0 };
    let plates = pack(&sizes, bed, margin);
    let laid = |place: &Place| {
        let (piece, bounds) = &pieces[place.piece];
        let (min, max) = (bounds.min, bounds.max);
        // The corner that comes to lie at the lower left.
        let (piece, corner) =
            if place.turned { (turned(piece), [-max[1], min[0]]) } else { (piece.clone(), [min[0], min[1]]) };
        piece.translated([place.at[0] - corner[0], place.at[1] - corner[1], 0.0])
    };
    let plate = |places: &Vec<Place>| {
        places.iter().fold(TriMesh::default(), |mut plate, place| {
            plate.append(&laid(place));
            plate
        })
    };
    plates.iter().map(plate).collect()
}

fn footprint(bounds: &Bounds) -> [f64; 2] {
    let [x, y, _] = bounds.size();
    [x, y]
}

fn fits(size: [f64; 2], room: [f64; 2]) -> bool {
    size[0] <= room[0] + HAIR && size[1] <= room[1] + HAIR
}

/// A quarter turn about Z; exact, because it only swaps and negates coordinates.
fn turned(mesh: &TriMesh) -> TriMesh {
    let positions = mesh.positions.iter().map(|[x, y, z]| [-y, *x, *z]).collect();
    TriMesh::new(positions, mesh.triangles.clone())
}

/// A piece turned about Z to where it takes the least share of the bed, in steps of half a degree; `None` where that is more
/// than all of it.
fn oblique(mesh: &TriMesh, bed: [f64; 2]) -> Option<TriMesh> {
    let turn = |half_degrees: u32, [x, y]: [f64; 2]| {
        let (sin, cos) = (f64::from(half_degrees) / 2.0).to_radians().sin_cos();
        [x * cos - y * sin, x * sin + y * cos]
    };
    let share = |half_degrees: u32| {
        let mut low = [f64::INFINITY; 2];
        let mut high = [f64::NEG_INFINITY; 2];
        for [x, y, _] in &mesh.positions {
            let at = turn(half_degrees, [*x, *y]);
            (low, high) = ([0, 1].map(|k| low[k].min(at[k])), [0, 1].map(|k| high[k].max(at[k])));
        }
        [0, 1].map(|k| (high[k] - low[k]) / bed[k]).into_iter().fold(0.0, f64::max)
    };
    let (least, best) = (0..360).map(|step| (share(step), step)).min_by(|a, b| a.0.total_cmp(&b.0))?;
    let positions = mesh.positions.iter().map(|[x, y, z]| {
        let [x, y] = turn(best, [*x, *y]);
        [x, y, *z]
    });
    (least <= 1.0).then(|| TriMesh::new(positions.collect(), mesh.triangles.clone()))
}

/// What can be laid out by itself. Surfaces that lie over, in or under one another, as a void in its body does, stay
/// together.
fn pieces(mesh: &TriMesh) -> Vec<(TriMesh, Bounds)> {
    let components = mesh.components();
    if components.len() > MOST_SURFACES {
        return Vec::new();
    }
    let mut pieces: Vec<(TriMesh, Bounds)> =
        components.into_iter().filter_map(|surface| surface.bounds().map(|bounds| (surface, bounds))).collect();
    let meet = |a: &Bounds, b: &Bounds| (0..2).all(|axis| a.min[axis] < b.max[axis] && b.min[axis] < a.max[axis]);
    let mut at = 0;
    while at < pieces.len() {
        match (at + 1..pieces.len()).find(|other| meet(&pieces[at].1, &pieces[*other].1)) {
            Some(other) => {
                let (surface, bounds) = pieces.remove(other);
                pieces[at].0.append(&surface);
                pieces[at].1 = pieces[at].1.union(&bounds);
                // The box has grown: what came before may meet it now.
                at = 0;
            }
            None => at += 1,
        }
    }
    pieces
}

/// Where a piece's lower left corner lies on its plate, and whether it is turned by a quarter.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Place {
    piece: usize,
    at: [f64; 2],
    turned: bool,
}

/// A row of pieces along X.
struct Row {
    y: f64,
    depth: f64,
    /// Where the next piece begins.
    x: f64,
}

#[derive(Default)]
struct Plate {
    places: Vec<Place>,
    rows: Vec<Row>,
    /// A piece that leaves no margin has its plate for itself.
    full: bool,
}

impl Plate {
    /// Lays a piece of this size into a row that it fits, else into a new one.
    fn lay(&mut self, piece: usize, size: [f64; 2], turned: bool, room: [f64; 2]) -> bool {
        let [width, depth] = size;
        let row = self.rows.iter_mut().find(|row| fits([row.x + width, depth], [room[0], row.depth]));
        let row = match row {
            Some(row) => row,
            None => {
                let y = self.rows.last().map_or(0.0, |last| last.y + last.depth + GAP);
                if !fits([width, y + depth], room) {
                    return false;
                }
                self.rows.push(Row { y, depth, x: 0.0 });
                let last = self.rows.len() - 1;
                &mut self.rows[last]
            }
        };
        self.places.push(Place { piece, at: [row.x, row.y], turned });
        row.x += width + GAP;
        true
    }
}

fn pack(sizes: &[[f64; 2]], bed: [f64; 2], margin: f64) -> Vec<Vec<Place>> {
    let room = bed.map(|side| side - 2.0 * margin);
    let mut order: Vec<usize> = (0..sizes.len()).collect();
    order.sort_by(|a, b| sizes[*b][1].total_cmp(&sizes[*a][1]));
    let mut plates: Vec<Plate> = Vec::new();
    for piece in order {
        let [width, depth] = sizes[piece];
        let ways = [([width, depth], false), ([depth, width], true)];
        let possible = ways.into_iter().any(|(size, _)| fits(size, room));
        let placed = possible
            && plates
                .iter_mut()
                .filter(|plate| !plate.full)
                .any(|plate| ways.into_iter().any(|(size, turned)| plate.lay(piece, size, turned, room)));
        if placed {
            continue;
        }
        let mut plate = Plate { full: !possible, ..Plate::default() };
        if !ways.into_iter().any(|(size, turned)| plate.lay(piece, size, turned, room)) {
            let turned = !fits(sizes[piece], bed) && fits([depth, width], bed);
            plate.places.push(Place { piece, at: [0.0; 2], turned });
        }
        plates.push(plate);
    }
    plates.into_iter().map(|plate| plate.places).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn cuboid([l, w, h]: [f64; 3], at: [f64; 3]) -> TriMesh {
        let positions = (0..8).map(|i| [l * f64::from(i & 1), w * f64::from(i >> 1 & 1), h * f64::from(i >> 2 & 1)]);
        let quads = [[0, 2, 3, 1], [4, 5, 7, 6], [0, 1, 5, 4], [2, 6, 7, 3], [0, 4, 6, 2], [1, 3, 7, 5]];
        let triangles = quads.iter().flat_map(|q| [[q[0], q[1], q[2]], [q[0], q[2], q[3]]]).collect();
        TriMesh::new(positions.collect(), triangles).translated(at)
    }

    fn side_by_side(sizes: &[[f64; 3]]) -> TriMesh {
        let (mut all, mut x) = (TriMesh::default(), -40.0);
        for size in sizes {
            all.append(&cuboid(*size, [x, -size[1] / 2.0, 0.0]));
            x += size[0] + 10.0;
        }
        all
    }

    const BED: [f64; 2] = [220.0, 220.0];

    #[test]
    fn what_fits_stays_as_it_lies() {
        let two = side_by_side(&[[100.0, 60.0, 30.0], [100.0, 60.0, 5.0]]);
        assert_eq!(spread(two.clone(), BED, true), [two]);
    }

    #[test]
    fn pieces_that_are_too_long_beside_each_other_go_into_rows() {
        let plates = spread(side_by_side(&[[110.0, 70.0, 30.0], [110.0, 70.0, 5.0]]), BED, true);
        assert_eq!(plates.len(), 1);
        let topology = plates[0].topology();
        assert!(topology.is_watertight() && topology.components == 2);
        assert_eq!(plates[0].bounds().unwrap().size(), [110.0, 145.0, 30.0]);
        assert!((plates[0].mass_properties().volume_mm3 - 110.0 * 70.0 * 35.0).abs() < 1e-6);
    }

    #[test]
    fn pieces_that_fit_no_common_plate_have_plates_of_their_own() {
        let plates = spread(side_by_side(&[[150.0, 120.0, 30.0], [150.0, 120.0, 5.0], [40.0, 40.0, 5.0]]), BED, true);
        let count: Vec<usize> = plates.iter().map(|plate| plate.topology().components).collect();
        assert_eq!(count, [2, 1], "the small one lies beside the first");
    }

    #[test]
    fn a_long_piece_is_turned_where_only_that_fits() {
        let plates = spread(side_by_side(&[[180.0, 40.0, 10.0], [40.0, 40.0, 10.0]]), [50.0, 200.0], false);
        assert_eq!(plates.len(), 2);
        assert_eq!(plates[0].bounds().unwrap().size(), [40.0, 180.0, 10.0]);
        // It keeps its volume and its side up.
        assert!((plates[0].mass_properties().volume_mm3 - 72_000.0).abs() < 1e-6);
        let alone = spread(cuboid([180.0, 40.0, 10.0], [3.0, 0.0, 0.0]), [50.0, 200.0], true);
        assert_eq!(alone.iter().map(|plate| plate.bounds().unwrap().size()).collect::<Vec<_>>(), [[40.0, 180.0, 10.0]]);
    }

    #[test]
    fn a_bar_as_long_as_the_diagonal_lies_askew() {
        let plates = spread(cuboid([280.0, 20.0, 5.0], [0.0; 3]), BED, true);
        let [x, y, z] = plates[0].bounds().unwrap().size();
        assert!(plates.len() == 1 && x <= 220.0 && y <= 220.0 && z == 5.0, "{x} x {y} x {z}");
        assert!(plates[0].topology().is_watertight());
        assert!((plates[0].mass_properties().volume_mm3 - 28_000.0).abs() < 1e-6);
    }

    #[test]
    fn a_void_stays_in_its_body_and_one_that_fits_nowhere_is_alone() {
        let mut hollow = cuboid([150.0, 150.0, 50.0], [0.0; 3]);
        let mut void = cuboid([50.0, 50.0, 20.0], [50.0, 50.0, 10.0]);
        void.triangles.iter_mut().for_each(|t| t.swap(0, 1));
        hollow.append(&void);
        hollow.append(&cuboid([300.0, 20.0, 5.0], [160.0, 0.0, 0.0]));
        let plates = spread(hollow, BED, true);
        assert_eq!(plates.iter().map(|plate| plate.topology().components).collect::<Vec<_>>(), [2, 1]);
        assert_eq!(plates[1].bounds().unwrap().size()[0], 300.0);
        // One body that is too large stays what it was.
        let long = cuboid([300.0, 20.0, 5.0], [0.0; 3]);
        assert_eq!(spread(long.clone(), BED, true), [long]);
    }

    proptest! {
        #[test]
        fn plates_hold_every_piece_once_apart_and_on_the_bed(
            sizes in prop::collection::vec([1.0f64..190.0, 1.0f64..190.0], 1..12), skirt in any::<bool>(),
        ) {
            let bed = [220.0, 200.0];
            let margin = if skirt { SKIRT_MARGIN } else { 0.0 };
            let plates = pack(&sizes, bed, margin);
            let mut seen: Vec<usize> = plates.iter().flatten().map(|place| place.piece).collect();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..sizes.len()).collect::<Vec<_>>());
            let corners = |place: &Place| {
                let [w, d] = sizes[place.piece];
                let [w, d] = if place.turned { [d, w] } else { [w, d] };
                (place.at, [place.at[0] + w, place.at[1] + d])
            };
            for plate in &plates {
                for (i, place) in plate.iter().enumerate() {
                    let (low, high) = corners(place);
                    prop_assert!(high[0] <= bed[0] - 2.0 * margin + 1e-5 && high[1] <= bed[1] - 2.0 * margin + 1e-5);
                    for other in &plate[..i] {
                        let (l, h) = corners(other);
                        let apart = (0..2).any(|k| low[k] >= h[k] + GAP - 1e-5 || l[k] >= high[k] + GAP - 1e-5);
                        prop_assert!(apart, "{place:?} and {other:?}");
                    }
                }
            }
        }
    }
}
