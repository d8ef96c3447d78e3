//! Readers of the files that the platform writes. They share no code with the writers.

pub mod gcode;
pub mod glb;
pub mod picture;
pub mod step;
pub mod stl;
pub mod threemf;
