//! PURE: mesh to layers to toolpaths to G-code, with time and filament.
