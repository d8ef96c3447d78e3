//! The print-job service.
