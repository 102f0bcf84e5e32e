//! Tests of the whole server: a real one in this process, on a real port, over both databases. One file
//! for each feature; `support` holds the desk and the people at it.

#![expect(clippy::unwrap_used, reason = "a test may fail where it stands")]

mod admin_cli;
mod architecture;
mod attack;
mod audit;
mod call_ends;
mod call_many;
mod call_races;
mod call_rules;
mod call_tickets;
mod calls;
mod case_list;
mod cases;
mod chat;
mod claim;
mod custom_fields;
mod deletion;
mod dev_mail;
mod durability;
mod durability_process;
mod durability_trace;
mod faults;
mod guests;
mod handover;
mod input;
mod internal;
mod limits;
mod live;
mod live_ends;
mod live_harm;
mod live_memory;
mod live_presence;
mod live_random;
mod live_stop;
mod location;
mod logs;
mod mail;
mod matrix;
mod openapi;
mod pages;
mod password;
mod pictures;
mod quick_responses;
mod phone;
mod registry;
mod seats;
mod search;
mod reset;
mod sessions;
mod setup;
mod sight;
mod support;
mod team;
