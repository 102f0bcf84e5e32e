//! The schema's history, embedded: one text for each database and version, forward only.

use deskside_db::Migration;

macro_rules! migration {
    ($version:literal, $name:literal, $file:literal) => {
        Migration {
            version: $version,
            name: $name,
            sqlite: include_str!(concat!("../migrations/sqlite/", $file, ".sql")),
            postgres: include_str!(concat!("../migrations/postgres/", $file, ".sql")),
        }
    };
}

/// Every version of the schema, oldest first.
pub const MIGRATIONS: &[Migration] = &[
    migration!(1, "desk", "V0001__desk"),
    migration!(2, "jobs", "V0002__jobs"),
    migration!(3, "calls", "V0003__calls"),
    migration!(4, "sight", "V0004__sight"),
    migration!(5, "lists", "V0005__lists"),
    migration!(6, "fields", "V0006__fields"),
    migration!(7, "search", "V0007__search"),
    migration!(8, "audit", "V0008__audit"),
    migration!(9, "accounts", "V0009__accounts"),
    migration!(10, "shapes", "V0010__shapes"),
];
