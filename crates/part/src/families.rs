//! The families and operations of the catalogue, one file each.

use crate::catalogue::Definition;

mod adapter;
mod bent_rod;
mod block;
mod bolt;
mod boss;
mod bowl;
mod r#box;
mod box_with_lid;
mod bushing;
mod cable_clip;
mod cable_grommet;
mod cap;
mod case;
mod chamfer;
mod clamp;
mod coaster;
mod cone;
mod cup;
mod cylinder;
mod disc;
mod drawer_divider;
mod elbow;
mod enclosure;
mod ends;
mod fillet;
mod flange;
mod foot;
mod funnel;
mod gear;
mod gear_rack;
mod gridfinity_bin;
mod gusset;
mod handle;
mod hemisphere;
mod hex_nut;
mod hinge;
mod hinged_box;
mod hole;
mod hook;
mod jar;
mod joinery;
mod key_tag;
pub(crate) mod kit;
mod knob;
mod l_bracket;
mod name_plate;
mod notch;
mod pad;
mod phone_stand;
mod pipe;
pub(crate) mod place;
mod plant_pot;
mod plate;
mod pocket;
mod prism;
mod profile;
mod pulley;
mod ring;
mod ringed;
mod saucer;
mod screw_box;
mod shelf_bracket;
mod sign;
mod sliding_box;
mod slot;
mod spacer;
mod sphere;
mod spring;
mod standoff;
mod tee;
mod test_coupon;
mod thread;
mod threaded_cap;
mod timing_pulley;
mod torus;
mod transition;
mod tray;
mod tube;
mod vase;
mod wall_plate;
mod washer;
mod wedge;
mod wheel;

pub(crate) use name_plate::text_width;

pub(crate) const ALL: &[&Definition] = &[
    &r#box::DEFINITION,
    &box_with_lid::DEFINITION,
    &block::DEFINITION,
    &plate::DEFINITION,
    &tube::DEFINITION,
    &l_bracket::DEFINITION,
    &plant_pot::DEFINITION,
    &cup::DEFINITION,
    &vase::DEFINITION,
    &bowl::DEFINITION,
    &spacer::DEFINITION,
    &washer::DEFINITION,
    &ring::DEFINITION,
    &hook::DEFINITION,
    &knob::DEFINITION,
    &gear::DEFINITION,
    &name_plate::DEFINITION,
    &key_tag::DEFINITION,
    &phone_stand::DEFINITION,
    &tray::DEFINITION,
    &coaster::DEFINITION,
    &funnel::DEFINITION,
    &cylinder::DEFINITION,
    &disc::DEFINITION,
    &cone::DEFINITION,
    &sphere::DEFINITION,
    &torus::DEFINITION,
    &prism::DEFINITION,
    &wedge::DEFINITION,
    &hemisphere::DEFINITION,
    &profile::DEFINITION,
    &transition::DEFINITION,
    &bent_rod::DEFINITION,
    &spring::DEFINITION,
    &flange::DEFINITION,
    &wheel::DEFINITION,
    &pulley::DEFINITION,
    &adapter::DEFINITION,
    &cap::DEFINITION,
    &hex_nut::DEFINITION,
    &bolt::DEFINITION,
    &standoff::DEFINITION,
    &threaded_cap::DEFINITION,
    &jar::DEFINITION,
    &bushing::DEFINITION,
    &gear_rack::DEFINITION,
    &timing_pulley::DEFINITION,
    &pipe::DEFINITION,
    &elbow::DEFINITION,
    &tee::DEFINITION,
    &hinged_box::DEFINITION,
    &sliding_box::DEFINITION,
    &screw_box::DEFINITION,
    &enclosure::DEFINITION,
    &drawer_divider::DEFINITION,
    &shelf_bracket::DEFINITION,
    &gusset::DEFINITION,
    &handle::DEFINITION,
    &cable_clip::DEFINITION,
    &clamp::DEFINITION,
    &foot::DEFINITION,
    &saucer::DEFINITION,
    &sign::DEFINITION,
    &hinge::DEFINITION,
    &gridfinity_bin::DEFINITION,
    &test_coupon::DEFINITION,
    &cable_grommet::DEFINITION,
    &wall_plate::DEFINITION,
    &hole::DEFINITION,
    &pocket::DEFINITION,
    &slot::DEFINITION,
    &boss::DEFINITION,
    &pad::DEFINITION,
    &notch::DEFINITION,
    &fillet::DEFINITION,
    &chamfer::DEFINITION,
];
