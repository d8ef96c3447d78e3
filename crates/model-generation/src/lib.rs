//! The model-generation service.
