//! Blends on the mesh kernel: bars along straight edges, turned tools along rims, sphere patches in corners.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use arris::math::Vec3;
use manifold_rust::{linalg, manifold::Manifold, types::OpType};
use part::solid::{Contour, Edges, Side};

use super::{
    Blend, Kernel, MeshBody, MeshKernel, Stop, credited,
    facets::{Chain, Facets},
    settled,
    skin::{Skin, polygons},
};
use crate::{
    blend::{self, Bend, End, MARGIN, Path},
    contour,
    kernel::axis_of,
};

/// Cosine from which on two directions are one.
const SAME: f64 = 1.0 - 1e-6;

impl MeshKernel<'_> {
    pub(super) fn blended(
        &mut self,
        body: MeshBody,
        edges: &[Edges],
        blend: Blend,
        by: &str,
    ) -> Result<MeshBody, Stop> {
        let (mesh, makers) = self.triangles_by_run(&body);
        let facets = Facets::of(mesh, makers).ok_or_else(|| Stop::refused("the mesh is not closed"))?;
        let chains = chosen(&facets, edges);
        if chains.is_empty() {
            return Err(Stop::refused("the body has no such edges"));
        }
        let around = facets.regions_at();
        let bends: Result<Vec<Bend>, Stop> =
            chains.iter().map(|chain| bend(&facets, chain, &around).map_err(Stop::Refused)).collect();
        let bends = bends?;
        let chord = self.chord;
        let on_face = |index: usize, side: usize, point: Vec3| on_side(&facets, &chains[index], side, point, chord);
        blend::fit(&bends, blend, on_face).map_err(Stop::Refused)?;
        let (mut cuts, mut fills) = (Vec::new(), Vec::new());
        for (bend, chain) in bends.iter().zip(&chains) {
            let tool = self.tool(bend, chain, &facets, blend, by)?;
            if bend.is_convex() { cuts.push(tool) } else { fills.push(tool) }
        }
        for ([first, second], cut) in blend::corners(&bends, blend, MARGIN).map_err(Stop::Refused)? {
            let (first, second) = (self.make(&first, by, &[])?.remove(0), self.make(&second, by, &[])?.remove(0));
            let corner = self.intersect(first, second)?;
            if cut { cuts.push(corner) } else { fills.push(corner) }
        }
        cuts.extend(self.corners(&facets, &chains, &bends, blend, by)?);
        let mut result = body;
        if !cuts.is_empty() {
            result = self.cut(result, cuts)?;
        }
        if !fills.is_empty() {
            result = self.fuse(std::iter::once(result).chain(fills).collect())?;
        }
        self.notes.push(format!("{by}: {} with boolean tools on the mesh", blend.word()));
        Ok(result)
    }

    fn tool(&mut self, bend: &Bend, chain: &Chain, facets: &Facets, blend: Blend, by: &str) -> Result<MeshBody, Stop> {
        let overlap = 1e-3 * bend.reach(blend).map_err(Stop::Refused)?;
        let Path::Round { centre, axis, .. } = bend.path else {
            let solid = bend.solid(blend, overlap, MARGIN).map_err(Stop::Refused)?;
            let mut bodies = self.make(&solid, by, &[])?;
            return Ok(bodies.remove(0));
        };
        // Rings at the rim's own corners, so that the tool's facets meet the body's.
        let (start, segments) = bend.section(blend, MARGIN).map_err(Stop::Refused)?;
        let section = contour::polygon(&Contour::Path { start, segments }, self.chord);
        let mut points: Vec<Vec3> = chain.stretches.iter().map(|s| facets.point(s.from)).collect();
        if !chain.closed {
            points.extend(chain.stretches.last().map(|s| facets.point(s.to)));
        }
        let radial = |p: Vec3| {
            let off = p - centre;
            off - axis * off.dot(&axis)
        };
        let ring = |p: Vec3| -> Result<Vec<[f64; 3]>, Stop> {
            let out = radial(p).normalize();
            let r = radial(p).norm();
            if section.iter().any(|q| q[0] + r < 1e-6) {
                return Err(Stop::refused("the rim is too small for it"));
            }
            Ok(section.iter().map(|q| (p + out * q[0] + axis * q[1]).into()).collect())
        };
        let mut rings: Vec<Vec<[f64; 3]>> = points.iter().map(|p| ring(*p)).collect::<Result<_, _>>()?;
        if !chain.closed {
            let [before, after] = bend.extents(blend, overlap).map_err(Stop::Refused)?;
            if let (true, Some(first)) = (before > 0.0, points.first()) {
                let angle = -before / radial(*first).norm();
                rings.insert(0, ring(centre + crate::spine::turned(first - centre, axis, angle))?);
            }
            if let (true, Some(last)) = (after > 0.0, points.last()) {
                rings.push(ring(centre + crate::spine::turned(last - centre, axis, after / radial(*last).norm()))?);
            }
        }
        let mut flat = section.clone();
        if contour::signed_area(&flat) < 0.0 {
            flat.reverse();
            rings.iter_mut().for_each(|ring| ring.reverse());
        }
        let caps = (!chain.closed).then(|| [polygons(&[flat.clone()]), polygons(&[flat.clone()])]);
        let skin = Skin { rings: rings.into_iter().map(|ring| vec![ring]).collect(), caps };
        credited(skin.build()?, by)
    }

    /// Where three edges meet in a corner, what sticks out of the ball that touches all three faces, or out of the
    /// triangle between them.
    fn corners(
        &mut self,
        facets: &Facets,
        chains: &[Chain],
        bends: &[Bend],
        blend: Blend,
        by: &str,
    ) -> Result<Vec<MeshBody>, Stop> {
        let mut at: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (index, chain) in chains.iter().enumerate().filter(|(_, chain)| !chain.closed) {
            let ends = [(chain.stretches.first().map(|s| s.from), 0), (chain.stretches.last().map(|s| s.to), 1)];
            for (vertex, _) in ends.into_iter().filter(|(_, end)| !chain.smooth[*end]) {
                if let Some(vertex) = vertex {
                    at.entry(vertex).or_default().push(index);
                }
            }
        }
        let mut patches = Vec::new();
        for (vertex, meeting) in at.iter().filter(|(_, meeting)| meeting.len() > 2) {
            let straight = |i: &usize| matches!(bends[*i].path, Path::Straight { .. }) && bends[*i].is_convex();
            let three_straight = meeting.len() == 3 && meeting.iter().all(straight);
            let radius = match blend {
                Blend::Fillet(radius) => radius,
                Blend::Chamfer(distance) if three_straight => {
                    let edges: Vec<&Bend> = meeting.iter().map(|i| &bends[*i]).collect();
                    let tool = settled(Manifold::hull(&tip(facets.point(*vertex), &edges, distance)))?;
                    patches.push(credited(tool, by)?);
                    continue;
                }
                Blend::Chamfer(_) => continue,
            };
            if !three_straight {
                return Err(Stop::refused("edges of different kinds meet in a corner"));
            }
            let regions: BTreeSet<usize> =
                meeting.iter().flat_map(|i| chains[*i].stretches.iter().flat_map(|s| s.regions)).collect();
            let normals: Vec<Vec3> = regions.iter().map(|r| facets.normals[*r]).collect();
            let [a, b, c] = normals.as_slice() else {
                return Err(Stop::refused("more than three faces meet in a corner"));
            };
            let corner = facets.point(*vertex);
            // The ball's middle lies `radius` inside all three planes.
            let Some(inverse) =
                arris::math::nalgebra::Matrix3::from_rows(&[a.transpose(), b.transpose(), c.transpose()]).try_inverse()
            else {
                return Err(Stop::refused("the faces of a corner are parallel"));
            };
            let middle = corner + inverse * Vec3::new(-radius, -radius, -radius);
            let mut hull: Vec<Vec3> = vec![corner, middle];
            hull.extend(normals.iter().map(|n| middle + n * radius));
            for (m, n) in [(a, b), (b, c), (c, a)] {
                let along = m.cross(n).normalize();
                hull.push(corner + along * (middle - corner).dot(&along));
            }
            // A little larger outwards, so that it leaves no skin of the corner.
            let grown = |p: &Vec3| {
                let p = p + (p - middle) * if (p - middle).norm() > radius * 1.001 { 0.05 } else { 0.0 };
                linalg::Vec3::new(p.x, p.y, p.z)
            };
            let cell = settled(Manifold::hull(&hull.iter().map(grown).collect::<Vec<_>>()))?;
            let sides = contour::sides(radius, self.chord) as i32;
            let ball = Manifold::sphere(radius, sides).translate(linalg::Vec3::new(middle.x, middle.y, middle.z));
            let patch = self.boolean(OpType::Subtract, vec![credited(cell, by)?, credited(ball, by)?])?;
            patches.push(credited(patch.solid, by)?);
        }
        Ok(patches)
    }
}

/// What the triangle between three chamfers takes off a corner: its own corners are where they meet on the faces.
fn tip(corner: Vec3, edges: &[&Bend], distance: f64) -> Vec<linalg::Vec3> {
    let away = |bend: &Bend| {
        let (start, end) = (bend.start(), bend.carried(bend.start(), 1.0));
        if (start - corner).norm() < (end - corner).norm() { end - start } else { start - end }.normalize()
    };
    let out: Vec<Vec3> = edges.iter().map(|bend| away(bend)).collect();
    let between = |u: Vec3, v: Vec3| corner + (u + v) * (distance / u.cross(&v).norm());
    let mut points = vec![corner];
    points.extend((0..out.len()).map(|i| between(out[i], out[(i + 1) % out.len()])));
    points.iter().map(|p| linalg::Vec3::new(p.x, p.y, p.z)).collect()
}

/// The chains that the selectors name, and those that run on smoothly from them: a blend does not stop on the way.
fn chosen(facets: &Facets, wanted: &[Edges]) -> Vec<Chain> {
    let has = |edges: Edges| wanted.contains(&edges) || wanted.contains(&Edges::All);
    let chains = facets.chains();
    let level = |side: Side| {
        let (axis, high) = axis_of(side);
        let levels = facets.mesh.positions.iter().map(|p| p[axis]);
        if high { levels.fold(f64::NEG_INFINITY, f64::max) } else { levels.fold(f64::INFINITY, f64::min) }
    };
    let rim = |side: Side| outer_rims(facets, side, level(side));
    let (top, bottom) = (rim(Side::Top), rim(Side::Bottom));
    let outlines: Vec<BTreeSet<(u32, u32)>> =
        wanted.iter().filter_map(|w| if let Edges::Outline(side) = w { Some(rim(*side)) } else { None }).collect();
    let on =
        |chain: &Chain, edges: &BTreeSet<(u32, u32)>| edges.contains(&chain.stretches[chain.stretches.len() / 2].edge);
    let touches = |chain: &Chain, edges: &BTreeSet<(u32, u32)>| {
        chain.stretches.iter().any(|s| edges.iter().any(|(a, b)| [s.from, s.to].iter().any(|v| v == a || v == b)))
    };
    let rows: BTreeSet<usize> = chains
        .iter()
        .filter(|chain| {
            let straight = chain.arc.is_none();
            let along = |axis: usize| {
                straight
                    && chain.stretches.first().zip(chain.stretches.last()).is_some_and(|(first, last)| {
                        (facets.point(last.to) - facets.point(first.from)).normalize()[axis].abs() > 1.0 - 1e-9
                    })
            };
            let vertical = has(Edges::Vertical) && along(2) && (touches(chain, &top) || touches(chain, &bottom));
            let parallel = wanted.iter().any(|w| matches!(w, Edges::Parallel(axis) if along(usize::from(*axis))));
            let seam = wanted.iter().any(|w| match w {
                Edges::Seam(operation) => chain.stretches.first().is_some_and(|s| {
                    let made = s.triangles.map(|t| facets.made(t, operation));
                    made[0] != made[1]
                }),
                _ => false,
            });
            vertical
                || parallel
                || seam
                || (has(Edges::Top) && on(chain, &top))
                || (has(Edges::Bottom) && on(chain, &bottom))
                || outlines.iter().any(|rim| on(chain, rim))
        })
        .map(|chain| chain.row)
        .collect();
    chains.into_iter().filter(|chain| rows.contains(&chain.row)).collect()
}

/// Mesh edges of the outer outlines of the flat regions on a side.
fn outer_rims(facets: &Facets, side: Side, level: f64) -> BTreeSet<(u32, u32)> {
    let (axis, _) = axis_of(side);
    let mut rims = BTreeSet::new();
    for members in &facets.members {
        let on_level = |t: &usize| facets.mesh.corners(*t).iter().all(|p| (p[axis] - level).abs() < 1e-5);
        if !members.iter().all(on_level) {
            continue;
        }
        // Directed edges without their opposite are the region's outlines.
        let mut border: BTreeSet<(u32, u32)> = BTreeSet::new();
        for t in members {
            let [a, b, c] = facets.mesh.triangles[*t];
            for (from, to) in [(a, b), (b, c), (c, a)] {
                if !border.remove(&(to, from)) {
                    border.insert((from, to));
                }
            }
        }
        let mut loops: Vec<Vec<(u32, u32)>> = Vec::new();
        while let Some(first) = border.pop_first() {
            let mut row = vec![first];
            let mut at = first.1;
            while at != first.0 {
                let Some(next) = border.range((at, 0)..=(at, u32::MAX)).next().copied() else { break };
                border.remove(&next);
                row.push(next);
                at = next.1;
            }
            loops.push(row);
        }
        let spread = |row: &Vec<(u32, u32)>| -> f64 {
            (0..3)
                .map(|k| {
                    let values = row.iter().map(|(a, _)| facets.mesh.positions[*a as usize][k]);
                    let (l, h) = values.fold((f64::MAX, f64::MIN), |(l, h), v| (l.min(v), h.max(v)));
                    h - l
                })
                .sum()
        };
        if let Some(outer) = loops.into_iter().max_by(|a, b| spread(a).total_cmp(&spread(b))) {
            rims.extend(outer.into_iter().map(|(a, b)| (a.min(b), a.max(b))));
        }
    }
    rims
}

/// A chain in the form that blending tools are made from.
fn bend(facets: &Facets, chain: &Chain, around: &HashMap<u32, BTreeSet<usize>>) -> Result<Bend, String> {
    let (Some(first), Some(last)) = (chain.stretches.first(), chain.stretches.last()) else {
        return Err("the edge has no length".to_owned());
    };
    let (from, to) = (facets.point(first.from), facets.point(last.to));
    let normals = first.regions.map(|r| facets.normals[r]);
    let Some((centre, axis)) = chain.arc else {
        let along = (to - from).normalize();
        // The left face lies to the left of the edge seen from outside it.
        let into = [normals[0].cross(&along), along.cross(&normals[1])];
        let mut ends = [End::Smooth; 2];
        for (end, (vertex, out)) in [(first.from, -along), (last.to, along)].into_iter().enumerate() {
            if !chain.smooth[end] {
                ends[end] = at_end(facets, chain, vertex, out, around)?;
            }
        }
        return Ok(Bend { path: Path::Straight { from, to }, normals, into, ends });
    };
    // The flanks of a stretch are those of the middle of its chord: carried back to the start.
    let middle = (facets.point(first.from) + facets.point(first.to)) / 2.0 - centre;
    let flat = |v: Vec3| v - axis * v.dot(&axis);
    let (at_middle, at_start) = (flat(middle).normalize(), flat(from - centre).normalize());
    let turn = axis.dot(&at_middle.cross(&at_start)).atan2(at_middle.dot(&at_start));
    let along = axis.cross(&at_middle);
    let square = |n: Vec3| n - along * n.dot(&along);
    for s in &chain.stretches {
        let out = flat((facets.point(s.from) + facets.point(s.to)) / 2.0 - centre).normalize();
        for (side, normal) in normals.iter().enumerate() {
            let n = facets.normals[s.regions[side]];
            if (n.dot(&out) - normal.dot(&at_middle)).abs() > 0.02 || (n.dot(&axis) - normal.dot(&axis)).abs() > 0.02 {
                return Err("a rim whose faces change along it".to_owned());
            }
        }
    }
    let back = |v: Vec3| crate::spine::turned(v, axis, turn);
    let upright = normals.map(|n| back(square(n).normalize()));
    let tangent = axis.cross(&at_start);
    let into = [upright[0].cross(&tangent), tangent.cross(&upright[1])];
    let sweep = if chain.closed {
        std::f64::consts::TAU
    } else {
        let end = flat(to - centre);
        axis.dot(&at_start.cross(&end)).atan2(at_start.dot(&end)).rem_euclid(std::f64::consts::TAU)
    };
    let mut ends = [End::Smooth; 2];
    if !chain.closed {
        let out_end = axis.cross(&flat(to - centre)).normalize();
        for (end, (vertex, out)) in [(first.from, -tangent), (last.to, out_end)].into_iter().enumerate() {
            if !chain.smooth[end] {
                ends[end] = at_end(facets, chain, vertex, out, around)?;
            }
        }
    }
    Ok(Bend { path: Path::Round { centre, axis, radius: from - centre, sweep }, normals: upright, into, ends })
}

/// What is at the end of a chain that leaves `vertex` in the direction `out`.
fn at_end(
    facets: &Facets,
    chain: &Chain,
    vertex: u32,
    out: Vec3,
    around: &HashMap<u32, BTreeSet<usize>>,
) -> Result<End, String> {
    let own: BTreeSet<usize> = chain.stretches.iter().flat_map(|s| s.regions).collect();
    let own_normals: Vec<Vec3> = own.iter().map(|r| facets.normals[*r]).collect();
    let mut cosines: Vec<f64> = Vec::new();
    let mut seen: Vec<Vec3> = Vec::new();
    for region in around.get(&vertex).into_iter().flatten().filter(|r| !own.contains(r)) {
        let normal = facets.normals[*region];
        // Parts of the same plane, and slivers.
        if normal.norm() < 0.5 || own_normals.iter().chain(&seen).any(|n| n.dot(&normal) > SAME) {
            continue;
        }
        seen.push(normal);
        cosines.push(normal.dot(&out));
    }
    crate::kernel::exact::lean(&cosines).ok_or_else(|| "an edge ends where several faces meet".to_owned())
}

/// Whether a point lies on the faces on one side of a chain, within what facets differ from the surface.
fn on_side(facets: &Facets, chain: &Chain, side: usize, point: Vec3, chord: f64) -> bool {
    let tolerance = 1e-5 + if chain.arc.is_some() { 3.0 * chord } else { 0.0 };
    let regions: BTreeSet<usize> = chain.stretches.iter().map(|s| s.regions[side]).collect();
    regions
        .iter()
        .flat_map(|r| &facets.members[*r])
        .any(|t| distance(facets.mesh.corners(*t).map(Vec3::from), point) < tolerance)
}

/// Distance of a point from a triangle (Ericson, Real-Time Collision Detection, 5.1.5).
fn distance([a, b, c]: [Vec3; 3], p: Vec3) -> f64 {
    let (ab, ac, ap) = (b - a, c - a, p - a);
    let (d1, d2) = (ab.dot(&ap), ac.dot(&ap));
    if d1 <= 0.0 && d2 <= 0.0 {
        return ap.norm();
    }
    let bp = p - b;
    let (d3, d4) = (ab.dot(&bp), ac.dot(&bp));
    if d3 >= 0.0 && d4 <= d3 {
        return bp.norm();
    }
    let vc = d1 * d4 - d3 * d2;
    if vc <= 0.0 && d1 >= 0.0 && d3 <= 0.0 {
        return (ap - ab * (d1 / (d1 - d3))).norm();
    }
    let cp = p - c;
    let (d5, d6) = (ab.dot(&cp), ac.dot(&cp));
    if d6 >= 0.0 && d5 <= d6 {
        return cp.norm();
    }
    let vb = d5 * d2 - d1 * d6;
    if vb <= 0.0 && d2 >= 0.0 && d6 <= 0.0 {
        return (ap - ac * (d2 / (d2 - d6))).norm();
    }
    let va = d3 * d6 - d5 * d4;
    if va <= 0.0 && d4 - d3 >= 0.0 && d5 - d6 >= 0.0 {
        let w = (d4 - d3) / ((d4 - d3) + (d5 - d6));
        return (bp - (c - b) * w).norm();
    }
    let sum = va + vb + vc;
    if sum.abs() < 1e-300 {
        return ap.norm().min(bp.norm()).min(cp.norm());
    }
    (ap - ab * (vb / sum) - ac * (vc / sum)).norm()
}
