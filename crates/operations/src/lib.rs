//! The one mapping from jobs to Operation resources.
