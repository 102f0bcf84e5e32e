//! Sees to it that the built web can be found: by a debug build at run time, in a release by its content.

use std::path::Path;

const DIST: &str = "../web/dist";

fn main() -> std::io::Result<()> {
    println!("cargo::rerun-if-changed=build.rs");
    // The web may be built after the server; the path to it is settled when this crate is compiled.
    std::fs::create_dir_all(Path::new(DIST))?;
    // A release carries the files inside, so it is stale when one of them is new.
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "release") {
        println!("cargo::rerun-if-changed={DIST}");
    }
    Ok(())
}
