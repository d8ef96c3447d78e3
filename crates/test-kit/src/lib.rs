//! Test support: ephemeral Postgres, in-process services, builders.
