//! Every format on reports built by hand: what it looks like, and that nothing in a user's text can break it.

mod formats;
mod hostile;
mod sample;
mod schema;
