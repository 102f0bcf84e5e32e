//! Rows of the audit log: appended, read, never changed.

use deskside_db::{DbError, OrgSql, OrgTx, Row, Time, Uuid, org_sql, vals};

use super::chain::Hash;
use super::{AuditEntry, Filter, Object, ObjectKind, Verb};
use crate::events::{Actor, ActorKind};
use crate::ids::OperatorId;

static ADVANCE: OrgSql = org_sql!(
    "UPDATE organizations SET audit_last = audit_last + $2 WHERE organization_id = $1 RETURNING audit_last, audit_hash"
);

static SET_HEAD: OrgSql =
    org_sql!("UPDATE organizations SET audit_hash = $2 WHERE organization_id = $1");

static HEAD: OrgSql =
    org_sql!("SELECT audit_last, audit_hash FROM organizations WHERE organization_id = $1");

static INSERT: OrgSql = org_sql!(
    "INSERT INTO audit (organization_id, n, at, actor_kind, actor_id, verb, object_kind, object_id, detail, previous, hash)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
);

static AFTER: OrgSql = org_sql!(
    "SELECT n, at, actor_kind, actor_id, verb, object_kind, object_id, detail, previous, hash
     FROM audit WHERE organization_id = $1 AND n > $2 ORDER BY n LIMIT $3"
);

static IS_NOTED: OrgSql = org_sql!(
    "SELECT n FROM audit WHERE organization_id = $1 AND actor_id = $2 AND at >= $3 AND verb = $4
       AND object_kind = $5 AND (object_id = $6 OR object_id IS NULL) LIMIT 1"
);

static PAGE_ALL: OrgSql = org_sql!(
    "SELECT a.n, a.at, a.actor_kind, a.actor_id, a.verb, a.object_kind, a.object_id, a.detail, o.name AS actor_name,
            p.name AS operator_name, c.name AS case_name
     FROM audit a LEFT JOIN operators o ON o.organization_id = a.organization_id AND o.id = a.actor_id
     LEFT JOIN operators p ON p.organization_id = a.organization_id AND p.id = a.object_id
     LEFT JOIN cases c ON c.organization_id = a.organization_id AND c.id = a.object_id
     WHERE a.organization_id = $1 AND a.n < $2 ORDER BY a.n DESC LIMIT $3"
);

static PAGE_VERB: OrgSql = org_sql!(
    "SELECT a.n, a.at, a.actor_kind, a.actor_id, a.verb, a.object_kind, a.object_id, a.detail, o.name AS actor_name,
            p.name AS operator_name, c.name AS case_name
     FROM audit a LEFT JOIN operators o ON o.organization_id = a.organization_id AND o.id = a.actor_id
     LEFT JOIN operators p ON p.organization_id = a.organization_id AND p.id = a.object_id
     LEFT JOIN cases c ON c.organization_id = a.organization_id AND c.id = a.object_id
     WHERE a.organization_id = $1 AND a.verb = $4 AND a.n < $2 ORDER BY a.n DESC LIMIT $3"
);

static PAGE_ACTOR: OrgSql = org_sql!(
    "SELECT a.n, a.at, a.actor_kind, a.actor_id, a.verb, a.object_kind, a.object_id, a.detail, o.name AS actor_name,
            p.name AS operator_name, c.name AS case_name
     FROM audit a LEFT JOIN operators o ON o.organization_id = a.organization_id AND o.id = a.actor_id
     LEFT JOIN operators p ON p.organization_id = a.organization_id AND p.id = a.object_id
     LEFT JOIN cases c ON c.organization_id = a.organization_id AND c.id = a.object_id
     WHERE a.organization_id = $1 AND a.actor_id = $4 AND a.n < $2 ORDER BY a.n DESC LIMIT $3"
);

static PAGE_ACTOR_VERB: OrgSql = org_sql!(
    "SELECT a.n, a.at, a.actor_kind, a.actor_id, a.verb, a.object_kind, a.object_id, a.detail, o.name AS actor_name,
            p.name AS operator_name, c.name AS case_name
     FROM audit a LEFT JOIN operators o ON o.organization_id = a.organization_id AND o.id = a.actor_id
     LEFT JOIN operators p ON p.organization_id = a.organization_id AND p.id = a.object_id
     LEFT JOIN cases c ON c.organization_id = a.organization_id AND c.id = a.object_id
     WHERE a.organization_id = $1 AND a.actor_id = $4 AND a.verb = $5 AND a.n < $2 ORDER BY a.n DESC LIMIT $3"
);

/// An entry as its row holds it, word for word: this is what its hash is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEntry {
    /// Its number.
    pub n: i64,
    /// When.
    pub at: Time,
    /// The kind of who did it.
    pub actor_kind: String,
    /// Who did it.
    pub actor_id: Option<Uuid>,
    /// What was done.
    pub verb: String,
    /// The kind of thing that it was done to.
    pub object_kind: String,
    /// Which one.
    pub object_id: Option<Uuid>,
    /// More of it.
    pub detail: String,
}

fn hash_in(row: &Row, column: &str) -> Result<Hash, DbError> {
    row.get::<Vec<u8>>(column)?
        .try_into()
        .map_err(|_| DbError::Decode(format!("column {column} is no hash")))
}

/// Takes the next numbers; the last of them and the hash of the newest entry. The organization's row is held from
/// here to the commit.
pub async fn advance(tx: &mut OrgTx<'_>, count: i64) -> Result<Option<(i64, Hash)>, DbError> {
    match tx.row(&ADVANCE, vals![count]).await? {
        Some(row) => Ok(Some((row.get("audit_last")?, hash_in(&row, "audit_hash")?))),
        None => Ok(None),
    }
}

/// Notes the hash of the newest entry.
pub async fn set_head(tx: &mut OrgTx<'_>, hash: &Hash) -> Result<(), DbError> {
    tx.execute(&SET_HEAD, vals![hash]).await?;
    Ok(())
}

/// Number and hash of the newest entry, as the organization's row has them.
pub async fn head(tx: &mut OrgTx<'_>) -> Result<Option<(i64, Hash)>, DbError> {
    match tx.row(&HEAD, &[]).await? {
        Some(row) => Ok(Some((row.get("audit_last")?, hash_in(&row, "audit_hash")?))),
        None => Ok(None),
    }
}

/// Writes an entry.
pub async fn insert(
    tx: &mut OrgTx<'_>,
    entry: &StoredEntry,
    previous: &Hash,
    hash: &Hash,
) -> Result<(), DbError> {
    let values = vals![
        entry.n,
        entry.at,
        entry.actor_kind.as_str(),
        entry.actor_id,
        entry.verb.as_str(),
        entry.object_kind.as_str(),
        entry.object_id,
        entry.detail.as_str(),
        previous,
        hash
    ];
    tx.execute(&INSERT, values).await?;
    Ok(())
}

/// Entries after a number, in order, each with the hash before it and its own.
pub async fn after(
    tx: &mut OrgTx<'_>,
    n: i64,
    limit: i64,
) -> Result<Vec<(StoredEntry, Hash, Hash)>, DbError> {
    tx.rows(&AFTER, vals![n, limit])
        .await?
        .iter()
        .map(|row| {
            let entry = StoredEntry {
                n: row.get("n")?,
                at: row.get("at")?,
                actor_kind: row.get("actor_kind")?,
                actor_id: row.get("actor_id")?,
                verb: row.get("verb")?,
                object_kind: row.get("object_kind")?,
                object_id: row.get("object_id")?,
                detail: row.get("detail")?,
            };
            Ok((entry, hash_in(row, "previous")?, hash_in(row, "hash")?))
        })
        .collect()
}

/// Whether an operator did this to a thing since a time.
pub async fn is_noted(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    verb: Verb,
    object: Object,
    since: Time,
) -> Result<bool, DbError> {
    let values = vals![
        operator,
        since,
        verb.as_str(),
        object.kind.as_str(),
        object.id
    ];
    Ok(tx.row(&IS_NOTED, values).await?.is_some())
}

/// Entries before a number, newest first.
pub async fn page(
    tx: &mut OrgTx<'_>,
    filter: Filter,
    before: i64,
    limit: i64,
) -> Result<Vec<AuditEntry>, DbError> {
    let verb = filter.verb.map(Verb::as_str);
    let rows = match (filter.actor, verb) {
        (None, None) => tx.rows(&PAGE_ALL, vals![before, limit]).await?,
        (None, Some(verb)) => tx.rows(&PAGE_VERB, vals![before, limit, verb]).await?,
        (Some(actor), None) => tx.rows(&PAGE_ACTOR, vals![before, limit, actor]).await?,
        (Some(actor), Some(verb)) => {
            tx.rows(&PAGE_ACTOR_VERB, vals![before, limit, actor, verb])
                .await?
        }
    };
    rows.iter().map(entry).collect()
}

fn entry(row: &Row) -> Result<AuditEntry, DbError> {
    let word = |column: &str| row.get::<String>(column);
    let unknown = |column: &str, word: String| DbError::Decode(format!("audit {column} {word}"));
    let (verb, kind) = (word("verb")?, word("object_kind")?);
    let object = Object {
        kind: ObjectKind::parse(&kind).ok_or_else(|| unknown("object kind", kind))?,
        id: row.get("object_id")?,
    };
    let name: Option<String> = match object.kind {
        ObjectKind::Operator => row.get("operator_name")?,
        ObjectKind::Case => row.get("case_name")?,
        _ => None,
    };
    Ok(AuditEntry {
        n: row.get("n")?,
        at: row.get("at")?,
        actor: Actor::from_parts(
            ActorKind::parse(&word("actor_kind")?),
            row.get("actor_id")?,
            row.get("actor_name")?,
        ),
        verb: Verb::parse(&verb).ok_or_else(|| unknown("verb", verb))?,
        object_kind: object.kind,
        object_id: object.id_text(),
        object_name: name,
        detail: row.get("detail")?,
    })
}
