//! Deskside: a case desk with video consultation, in one binary.
//!
//! Start reading at [`router`]: every URL on one page. A request enters a feature's `routes`,
//! goes through its operations (`mod.rs`) to its `store`, and leaves as rows, events and jobs
//! of one transaction (see [`tx`]). `ARCHITECTURE.md` walks three flows through these rooms.

pub mod admin;
pub mod app;
pub mod audit;
pub mod auth;
pub mod body;
pub mod calls;
pub mod cases;
pub mod chat;
pub mod closing;
pub mod config;
pub mod consents;
pub mod custom_fields;
pub mod demo;
pub mod dev_mail;
pub mod error;
pub mod events;
pub mod filters;
pub mod guests;
pub mod housekeeping;
pub mod ids;
pub mod limits;
pub mod live;
pub mod location;
pub mod mail;
pub mod migrations;
pub mod once;
pub mod openapi;
pub mod pace;
pub mod pages;
pub mod phone;
pub mod pictures;
pub mod placeholders;
pub mod prompt;
pub mod quick_responses;
pub mod router;
pub mod search;
pub mod serve;
pub mod setup;
pub mod team;
pub mod text;
pub mod tx;
