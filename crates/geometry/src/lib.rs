//! PURE: feature history to B-rep to mesh, printability, file formats.
