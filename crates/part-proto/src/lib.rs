//! Conversions between `part` and its protobuf form. Converting in validates and names the field; converting out cannot
//! fail.

mod edit;
mod from_proto;
mod sketch;
mod to_proto;

pub use edit::edit_to_proto;
pub use from_proto::{FieldError, part_from_proto};
pub use sketch::{path_to_proto, sketch_to_proto};
pub use to_proto::{
    operation as operation_to_proto, part_to_proto, placement as placement_to_proto, quantity as quantity_to_proto,
    variable as variable_to_proto,
};
