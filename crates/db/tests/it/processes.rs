//! Two processes and one file; and a process that dies while it writes.

use std::{
    env,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use deskside_db::{
    Backend, Db, Dialect, OpenError, Options, OrganizationId, testing::TestDatabase,
};

use crate::support::{MIGRATIONS, add, numbers, organization};

/// Set in the child: the file it is to write to.
const CHILD: &str = "DESKSIDE_TEST_CHILD";

fn options(file: PathBuf) -> Options {
    Options {
        backend: Backend::Sqlite { file },
        migrations: MIGRATIONS,
        readers: 1,
    }
}

/// What the child does; in the parent's own run of the tests it does nothing.
#[test]
fn child() {
    let Some(file) = env::var_os(CHILD) else {
        return;
    };
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let db = match Db::open(options(file.into())).await {
            Ok(db) => db,
            Err(error) => {
                println!("refused: {error}");
                return;
            }
        };
        let organization = organization(&db).await;
        println!("organization: {organization}");
        for number in 1.. {
            add(&db, organization, number).await.unwrap();
            println!("saved: {number}");
        }
    });
}

fn start_child(file: &Path) -> (Child, impl Iterator<Item = String> + use<>) {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "processes::child", "--nocapture"])
        .env(CHILD, file)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap())
        .lines()
        .map_while(Result::ok);
    (child, lines)
}

#[test]
fn a_second_process_is_refused_and_what_was_told_survives_a_kill() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = TestDatabase::make(Dialect::Sqlite, MIGRATIONS).await;
        let Backend::Sqlite { file } = database.backend() else {
            unreachable!()
        };

        let (mut child, mut lines) = start_child(&file);
        let first = lines
            .find(|line| line.starts_with("organization: "))
            .unwrap();
        let organization: OrganizationId = first["organization: ".len()..].parse().unwrap();

        let refused = Db::open(options(file.clone())).await.unwrap_err();
        assert!(matches!(refused, OpenError::InUse(_)), "{refused:?}");

        let saved = |line: &String| line.strip_prefix("saved: ")?.parse::<i64>().ok();
        let last = lines.by_ref().find(|line| saved(line) == Some(50));
        assert!(last.is_some());
        child.kill().unwrap();
        child.wait().unwrap();
        let told = lines.filter_map(|line| saved(&line)).last().unwrap_or(50);

        // The system dropped the lock with the process.
        let db = Db::open(options(file.clone())).await.unwrap();
        let kept = numbers(&db, organization).await;
        assert!(
            kept.len() as i64 >= told,
            "{told} were told, {} are there",
            kept.len()
        );
        assert_eq!(kept, (1..=kept.len() as i64).collect::<Vec<_>>());

        let (mut child, mut lines) = start_child(&file);
        let line = lines.find(|line| line.contains("refused: ")).unwrap();
        assert!(line.contains("another process has"), "{line}");
        child.wait().unwrap();
        db.close().await;
    });
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read_the_file() {
    use std::os::unix::fs::PermissionsExt;

    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(async {
        let database = TestDatabase::make(Dialect::Sqlite, MIGRATIONS).await;
        let Backend::Sqlite { file } = database.backend() else {
            unreachable!()
        };
        let db = database.open().await;
        for path in [
            file.clone(),
            file.with_extension("db-wal"),
            file.with_extension("db.lock"),
        ] {
            let mode = std::fs::metadata(&path).unwrap().permissions().mode();
            assert_eq!(mode & 0o077, 0, "{}", path.display());
        }
        db.close().await;
    });
}
