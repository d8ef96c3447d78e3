//! Black-box tests of the platform; see `tests/`.
