//! Every format on reports built by hand: what it looks like, and that nothing in a user's text can break it.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "helpers of tests fail as tests do"
)]

mod formats;
mod hostile;
mod more_schemas;
mod sample;
mod schema;
