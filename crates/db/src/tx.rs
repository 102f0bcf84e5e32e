//! A running transaction, and the two doors to its statements.

use rusqlite::Connection;

use crate::{
    DbError, Dialect, OrgSql, OrganizationId, Row, SystemSql, Val, postgres, sql::Texts, sqlite,
};

/// A transaction. It begins and ends in [`Db::write`](crate::Db::write) and [`Db::read`](crate::Db::read);
/// statements go through [`Tx::org`] or [`Tx::system`].
///
/// After a failed statement the transaction is lost, on both databases: every later statement
/// fails, and nothing is saved even if the closure returns `Ok`.
#[derive(Debug)]
pub struct Tx {
    pub(crate) link: Link,
    failure: Option<DbError>,
}

/// The connection a transaction runs on.
#[derive(Debug)]
pub(crate) enum Link {
    Lite(Connection),
    Pg(postgres::Lease),
}

impl Tx {
    pub(crate) fn new(link: Link) -> Tx {
        Tx {
            link,
            failure: None,
        }
    }

    /// The organization's rows.
    pub fn org(&mut self, organization: OrganizationId) -> OrgTx<'_> {
        OrgTx {
            tx: self,
            organization,
        }
    }

    /// Rows of every organization; only for what happens before one is known.
    pub fn system(&mut self) -> SystemTx<'_> {
        SystemTx { tx: self }
    }

    /// Which database this runs on.
    pub fn dialect(&self) -> Dialect {
        match &self.link {
            Link::Lite(_) => Dialect::Sqlite,
            Link::Pg(_) => Dialect::Postgres,
        }
    }

    /// Whether a statement has failed.
    pub(crate) fn has_failed(&self) -> bool {
        self.failure.is_some()
    }

    /// The first statement that failed since the last call; forgets it.
    pub(crate) fn take_failure(&mut self) -> Option<DbError> {
        self.failure.take()
    }

    async fn rows(
        &mut self,
        texts: &'static Texts,
        first: Option<Val>,
        params: &[Val],
    ) -> Result<Vec<Row>, DbError> {
        self.go_on()?;
        let answer = match &mut self.link {
            Link::Lite(connection) => sqlite::rows(
                connection,
                texts.of(Dialect::Sqlite),
                first.as_ref(),
                params,
            ),
            Link::Pg(lease) => {
                lease
                    .rows(texts.of(Dialect::Postgres), first.as_ref(), params)
                    .await
            }
        };
        self.failure = answer.as_ref().err().cloned();
        answer
    }

    async fn row(
        &mut self,
        texts: &'static Texts,
        first: Option<Val>,
        params: &[Val],
    ) -> Result<Option<Row>, DbError> {
        let mut rows = self.rows(texts, first, params).await?;
        if rows.len() > 1 {
            return Err(DbError::TooManyRows);
        }
        Ok(rows.pop())
    }

    async fn execute(
        &mut self,
        texts: &'static Texts,
        first: Option<Val>,
        params: &[Val],
    ) -> Result<u64, DbError> {
        self.go_on()?;
        let answer = match &mut self.link {
            Link::Lite(connection) => sqlite::execute(
                connection,
                texts.of(Dialect::Sqlite),
                first.as_ref(),
                params,
            ),
            Link::Pg(lease) => {
                lease
                    .execute(texts.of(Dialect::Postgres), first.as_ref(), params)
                    .await
            }
        };
        self.failure = answer.as_ref().err().cloned();
        answer
    }

    fn go_on(&self) -> Result<(), DbError> {
        if self.has_failed() {
            return Err(DbError::Other(
                "an earlier statement of this transaction failed".to_owned(),
            ));
        }
        Ok(())
    }
}

/// The rows of one organization: it is `$1` of every statement, the given values start at `$2`.
#[derive(Debug)]
pub struct OrgTx<'t> {
    tx: &'t mut Tx,
    organization: OrganizationId,
}

impl OrgTx<'_> {
    /// The organization whose rows these are.
    pub fn organization(&self) -> OrganizationId {
        self.organization
    }

    /// Which database this runs on.
    pub fn dialect(&self) -> Dialect {
        self.tx.dialect()
    }

    /// All rows of the answer.
    pub async fn rows(
        &mut self,
        sql: &'static OrgSql,
        params: &[Val],
    ) -> Result<Vec<Row>, DbError> {
        self.tx
            .rows(&sql.0, Some(self.organization.into()), params)
            .await
    }

    /// The row of the answer, if there is one; more than one is an error.
    pub async fn row(
        &mut self,
        sql: &'static OrgSql,
        params: &[Val],
    ) -> Result<Option<Row>, DbError> {
        self.tx
            .row(&sql.0, Some(self.organization.into()), params)
            .await
    }

    /// Runs a statement without an answer; how many rows it touched.
    pub async fn execute(&mut self, sql: &'static OrgSql, params: &[Val]) -> Result<u64, DbError> {
        self.tx
            .execute(&sql.0, Some(self.organization.into()), params)
            .await
    }
}

/// The rows of every organization; values start at `$1`.
#[derive(Debug)]
pub struct SystemTx<'t> {
    tx: &'t mut Tx,
}

impl SystemTx<'_> {
    /// All rows of the answer.
    pub async fn rows(
        &mut self,
        sql: &'static SystemSql,
        params: &[Val],
    ) -> Result<Vec<Row>, DbError> {
        self.tx.rows(&sql.0, None, params).await
    }

    /// The row of the answer, if there is one; more than one is an error.
    pub async fn row(
        &mut self,
        sql: &'static SystemSql,
        params: &[Val],
    ) -> Result<Option<Row>, DbError> {
        self.tx.row(&sql.0, None, params).await
    }

    /// Runs a statement without an answer; how many rows it touched.
    pub async fn execute(
        &mut self,
        sql: &'static SystemSql,
        params: &[Val],
    ) -> Result<u64, DbError> {
        self.tx.execute(&sql.0, None, params).await
    }
}
