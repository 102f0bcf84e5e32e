//! Tests of the whole server: a real one in this process, on a real port, over both databases. One file
//! for each feature; `support` holds the desk and the people at it.

mod architecture;
mod limits;
mod matrix;
mod openapi;
mod registry;
mod sessions;
mod support;
