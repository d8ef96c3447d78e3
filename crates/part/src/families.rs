//! The families and operations of the catalogue, one file each.

use crate::catalogue::Definition;

mod adapter;
mod block;
mod boss;
mod bowl;
mod r#box;
mod box_with_lid;
mod cap;
mod chamfer;
mod coaster;
mod cone;
mod cup;
mod cylinder;
mod disc;
mod fillet;
mod flange;
mod funnel;
mod gear;
mod hole;
mod hook;
mod key_tag;
mod kit;
mod knob;
mod l_bracket;
mod name_plate;
mod phone_stand;
mod place;
mod plant_pot;
mod plate;
mod pocket;
mod prism;
mod pulley;
mod ring;
mod ringed;
mod slot;
mod spacer;
mod sphere;
mod torus;
mod tray;
mod tube;
mod vase;
mod washer;
mod wedge;
mod wheel;

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
    &flange::DEFINITION,
    &wheel::DEFINITION,
    &pulley::DEFINITION,
    &adapter::DEFINITION,
    &cap::DEFINITION,
    &hole::DEFINITION,
    &pocket::DEFINITION,
    &slot::DEFINITION,
    &boss::DEFINITION,
    &fillet::DEFINITION,
    &chamfer::DEFINITION,
];
