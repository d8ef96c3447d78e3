//! Content-addressed objects, their trail records and signed URLs.
