//! The render service.
