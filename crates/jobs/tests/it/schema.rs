//! The server's migration is the schema of this crate.

use std::path::Path;

use deskside_jobs::{POSTGRES_SCHEMA, SQLITE_SCHEMA};

#[test]
fn the_migration_of_the_server_is_this_schema() {
    let migrations = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../server/migrations");
    for (folder, schema) in [("sqlite", SQLITE_SCHEMA), ("postgres", POSTGRES_SCHEMA)] {
        let file = migrations.join(folder).join("V0002__jobs.sql");
        assert_eq!(
            std::fs::read_to_string(&file).unwrap(),
            schema,
            "{}",
            file.display()
        );
    }
}
