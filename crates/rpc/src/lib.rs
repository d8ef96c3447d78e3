//! gRPC plumbing: errors, principals, channels, servers.
