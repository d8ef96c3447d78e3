//! A case with a screwed lid: what the screw box and the electronics enclosure share. Its screw bosses are left standing when
//! the inside is cut, in one sketch with the walls, and the lid's lip follows both.

use std::f64::consts::FRAC_1_SQRT_2;

use super::{joinery::*, kit::*};
use crate::{
    Invalid,
    solid::{Contour, Piece, Profile, Segment, Shape, Solid, Step},
};

/// Outer measures of the closed case, and its screws.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Case {
    pub(crate) length: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
    pub(crate) wall: f64,
    pub(crate) floor: f64,
    pub(crate) corner_radius: f64,
    pub(crate) lid: f64,
    pub(crate) lip: f64,
    /// Nominal diameter of the lid's screws.
    pub(crate) screw: f64,
    /// Depth of their pilot holes.
    pub(crate) screw_depth: f64,
    pub(crate) countersunk: bool,
    /// Play between the lip and the walls, per side.
    pub(crate) clearance: f64,
}

impl Case {
    /// Height of the rim on which the lid lies.
    pub(crate) fn rim(&self) -> f64 {
        snap(self.height - self.lid)
    }

    /// Half sizes of the inside.
    pub(crate) fn inside(&self) -> [f64; 2] {
        [self.length / 2.0 - self.wall, self.width / 2.0 - self.wall]
    }

    pub(crate) fn boss_radius(&self) -> f64 {
        pilot_hole(self.screw) / 2.0 + (0.5 * self.screw).max(1.5)
    }

    /// Distance of the screws from the outer faces: their bosses melt into both walls, and a rounded corner keeps enough
    /// material about the hole.
    fn inset(&self) -> f64 {
        let least = pilot_hole(self.screw) / 2.0 + 1.2;
        let r = self.corner_radius;
        let rounded = if r > least { r - (r - least) * FRAC_1_SQRT_2 } else { 0.0 };
        snap((self.wall + 0.6 * self.boss_radius()).max(rounded))
    }

    /// Where the screws are: at plus and minus this.
    pub(crate) fn screws_at(&self) -> [f64; 2] {
        [snap(self.length / 2.0 - self.inset()), snap(self.width / 2.0 - self.inset())]
    }

    fn four(&self) -> [[f64; 2]; 4] {
        let [x, y] = self.screws_at();
        [[x, y], [-x, y], [-x, -y], [x, -y]]
    }

    /// The lip is as thick as the walls, at most 1.6 mm.
    fn lip_wall(&self) -> f64 {
        self.wall.min(1.6)
    }

    pub(crate) fn check(&self) -> Result<(), Invalid> {
        let Case { length: l, width: w, height: h, wall, floor, corner_radius: r, lid, lip, screw, .. } = *self;
        walls_fit(wall, l, "length")?;
        walls_fit(wall, w, "width")?;
        radius_fits(r, l.min(w))?;
        require(lid + floor < h - 0.4, "lid_thickness", || {
            format!("of {} and the floor fill the height of {}", mm(lid), mm(h))
        })?;
        let inner = self.rim() - floor;
        require(lip < inner - 0.1, "lip_height", || {
            format!("of {} is more than the inside's height; use less than {}", mm(lip), mm(inner))
        })?;
        let (boss, off) = (self.boss_radius(), self.inset() - wall);
        let roundest = wall + off + (boss * boss - off * off).max(0.0).sqrt();
        require(off < 0.9 * boss && r < roundest, "corner_radius", || {
            format!("of {} leaves the screw bosses off the walls; use a smaller radius or larger screws", mm(r))
        })?;
        // The innermost outline, the lip's inside, must keep a straight piece on each side.
        let reach = self.clearance + self.lip_wall();
        for (half, side, name) in [(self.inside()[0], l, "length"), (self.inside()[1], w, "width")] {
            let (big, off) = (boss + reach, off - reach);
            let crossing = half - (off + reach) - (big * big - off * off).max(0.0).sqrt();
            require(crossing > 0.5, name, || {
                format!(
                    "of {} has no room for two screws of {}; use more than {}, or smaller screws",
                    mm(side),
                    mm(screw),
                    mm(side + 2.0 * (0.5 - crossing))
                )
            })?;
        }
        require(self.screw_depth < self.rim() - floor / 2.0, "screw_depth", || {
            format!(
                "of {} goes through the floor; use less than {}",
                mm(self.screw_depth),
                mm(self.rim() - floor / 2.0)
            )
        })?;
        if self.countersunk {
            let deep = screw - clearance_hole(screw) / 2.0;
            require(deep < lid - 0.2 && screw + 0.3 < self.inset(), "lid_thickness", || {
                let least = mm(deep + 0.3);
                format!("of {} does not hold a countersunk head; use {least} or more, or plain holes", mm(lid))
            })?;
        }
        Ok(())
    }

    /// The inside's outline, `inset` further in: straight along the walls, round about the bosses.
    fn outline(&self, inset: f64) -> Contour {
        let [ix, iy] = self.inside().map(|half| half - inset);
        let [cx, cy] = self.screws_at();
        let radius = self.boss_radius() + inset;
        let chord = |off: f64| (radius * radius - off * off).max(0.0).sqrt();
        let (along_x, along_y) = (cx - chord(iy - cy), cy - chord(ix - cx));
        let near = radius * FRAC_1_SQRT_2;
        // Counter-clockwise from the lower left; each corner is an arc that bulges inwards.
        let corner = |sx: f64, sy: f64, to: [f64; 2]| arc([sx * (cx - near), sy * (cy - near)], to);
        let start = [-along_x, -iy];
        let segments: Vec<Segment> = vec![
            line(along_x, -iy),
            corner(1.0, -1.0, [ix, -along_y]),
            line(ix, along_y),
            corner(1.0, 1.0, [along_x, iy]),
            line(-along_x, iy),
            corner(-1.0, 1.0, [-ix, along_y]),
            line(-ix, -along_y),
            corner(-1.0, -1.0, start),
        ];
        path(start, segments)
    }

    /// The lower piece with its inside, and the cuts that follow whatever else is added to it.
    pub(crate) fn shell(&self) -> Vec<Step> {
        let (rim, floor) = (self.rim(), self.floor);
        vec![
            add(extrude(rectangle(self.length, self.width, self.corner_radius), vec![], 0.0, rim)),
            cut(extrude(self.outline(0.0), vec![], floor, rim - floor + BEYOND)),
        ]
    }

    pub(crate) fn pilot_holes(&self) -> Vec<Step> {
        let (d, z) = (pilot_hole(self.screw), snap(self.rim() - self.screw_depth));
        let hole = |[x, y]: [f64; 2]| cut(cylinder(d, [x, y, z], self.screw_depth + BEYOND));
        self.four().into_iter().map(hole).collect()
    }

    /// The lid in its place, printed upside down; its lip plugs into the case.
    pub(crate) fn lid_piece(&self) -> Piece {
        let (rim, t, hole) = (self.rim(), self.lid, clearance_hole(self.screw));
        let holes =
            if self.countersunk { Vec::new() } else { self.four().into_iter().map(|at| circle(at, hole)).collect() };
        let plate = extrude(rectangle(self.length, self.width, self.corner_radius), holes, rim, t);
        let (outer, inner) = (self.outline(self.clearance), self.outline(self.clearance + self.lip_wall()));
        let lip = extrude(outer, vec![inner], snap(rim - self.lip), snap(self.lip + t / 2.0));
        let mut steps = vec![add(plate), add(lip)];
        if self.countersunk {
            steps.extend(self.four().into_iter().map(|[x, y]| {
                // 90 degrees, as metric countersunk screws have, and twice the screw wide.
                let (top, deep) = (self.height, snap(self.screw - hole / 2.0));
                let outer = polygon(vec![
                    [0.0, rim - BEYOND],
                    [hole / 2.0, rim - BEYOND],
                    [hole / 2.0, top - deep],
                    [self.screw, top],
                    [self.screw, top + BEYOND],
                    [0.0, top + BEYOND],
                ]);
                let profile = Profile { outer, holes: Vec::new() };
                let frame = crate::solid::Frame::at([x, y, 0.0]);
                cut(Solid { shape: Shape::Revolution { profile, angle: 360.0 }, frame })
            }));
        }
        Piece { name: "lid".to_owned(), steps, print_turns: [2, 0] }
    }
}
