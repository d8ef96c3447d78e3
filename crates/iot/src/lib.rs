//! The iot service.
