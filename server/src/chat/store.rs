//! Rows of message keys, read marks and drafts.

use deskside_db::{DbError, OrgSql, OrgTx, Time, Uuid, org_sql, vals};

use super::Draft;
use crate::events::OperatorRef;
use crate::ids::{CaseId, OperatorId};
use crate::limits;

static FIND_MESSAGE: OrgSql = org_sql!(
    "SELECT entry FROM message_keys WHERE organization_id = $1 AND case_id = $2 AND sender = $3 AND client_key = $4"
);

static INSERT_MESSAGE: OrgSql = org_sql!(
    "INSERT INTO message_keys (organization_id, case_id, sender, client_key, entry) VALUES ($1, $2, $3, $4, $5)"
);

static GUEST_MESSAGES_AFTER: OrgSql = org_sql!(
    "SELECT count(*) AS messages FROM events
     WHERE organization_id = $1 AND case_id = $2 AND entry > $3 AND kind = 'message.sent' AND actor_kind = 'guest'"
);

static PUT_OPERATOR_READ: OrgSql = org_sql!(
    "INSERT INTO case_reads (organization_id, case_id, operator_id, entry, guest_messages, at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (organization_id, case_id, operator_id) DO UPDATE SET
       entry = excluded.entry, guest_messages = excluded.guest_messages, at = excluded.at
     WHERE case_reads.entry < excluded.entry"
);

static PUT_GUEST_READ: OrgSql = org_sql!(
    "UPDATE cases SET guest_read_entry = $3, guest_read_at = $4 WHERE organization_id = $1 AND id = $2 AND guest_read_entry < $3"
);

static FIND_DRAFT: OrgSql = org_sql!(
    "SELECT text, version, saved_at FROM drafts WHERE organization_id = $1 AND case_id = $2 AND operator_id = $3"
);

static PUT_DRAFT: OrgSql = org_sql!(
    "INSERT INTO drafts (organization_id, case_id, operator_id, text, version, saved_at) VALUES ($1, $2, $3, $4, $5, $6)
     ON CONFLICT (organization_id, case_id, operator_id) DO UPDATE SET
       text = excluded.text, version = excluded.version, saved_at = excluded.saved_at"
);

static MOVE_KEYS: OrgSql = org_sql!(
    "UPDATE message_keys SET case_id = $3, entry = entry + $4 WHERE organization_id = $1 AND case_id = $2
       AND NOT EXISTS (SELECT 1 FROM message_keys x WHERE x.organization_id = $1 AND x.case_id = $3
         AND x.sender = message_keys.sender AND x.client_key = message_keys.client_key)"
);

static DRAFTS: OrgSql = org_sql!(
    "SELECT operator_id, text, saved_at FROM drafts WHERE organization_id = $1 AND case_id = $2"
);

static DRAFTS_TOO_LONG: OrgSql = org_sql!(
    "SELECT o.id, o.name FROM drafts a JOIN drafts b ON b.organization_id = a.organization_id AND b.operator_id = a.operator_id
     JOIN operators o ON o.organization_id = a.organization_id AND o.id = a.operator_id
     WHERE a.organization_id = $1 AND a.case_id = $2 AND b.case_id = $3 AND a.text <> '' AND b.text <> ''
       AND length(a.text) + length(b.text) > CAST($4 AS bigint)
     ORDER BY o.name, o.id LIMIT 1"
);

/// What stands between two drafts that have become one.
const BETWEEN_DRAFTS: &str = "\n\n";

/// The entry of a message that was sent with this key.
pub async fn find_message(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    sender: Uuid,
    key: Uuid,
) -> Result<Option<i64>, DbError> {
    match tx.row(&FIND_MESSAGE, vals![case_id, sender, key]).await? {
        Some(row) => Ok(Some(row.get("entry")?)),
        None => Ok(None),
    }
}

/// Remembers the key of a message.
pub async fn insert_message(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    sender: Uuid,
    key: Uuid,
    entry: i64,
) -> Result<(), DbError> {
    tx.execute(&INSERT_MESSAGE, vals![case_id, sender, key, entry])
        .await?;
    Ok(())
}

/// How many of the guest's messages come after an entry.
pub async fn guest_messages_after(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    entry: i64,
) -> Result<i64, DbError> {
    match tx.row(&GUEST_MESSAGES_AFTER, vals![case_id, entry]).await? {
        Some(row) => row.get("messages"),
        None => Ok(0),
    }
}

/// Moves an operator's mark forward; whether it moved.
pub async fn put_operator_read(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    operator: OperatorId,
    entry: i64,
    guest_messages: i64,
    now: Time,
) -> Result<bool, DbError> {
    Ok(tx
        .execute(
            &PUT_OPERATOR_READ,
            vals![case_id, operator, entry, guest_messages, now],
        )
        .await?
        > 0)
}

/// Moves the guest's mark forward; whether it moved.
pub async fn put_guest_read(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    entry: i64,
    now: Time,
) -> Result<bool, DbError> {
    Ok(tx
        .execute(&PUT_GUEST_READ, vals![case_id, entry, now])
        .await?
        > 0)
}

/// An operator's draft on a case.
pub async fn find_draft(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    operator: OperatorId,
) -> Result<Option<Draft>, DbError> {
    match tx.row(&FIND_DRAFT, vals![case_id, operator]).await? {
        Some(row) => Ok(Some(Draft {
            text: row.get("text")?,
            version: row.get("version")?,
            saved_at: row.get("saved_at")?,
        })),
        None => Ok(None),
    }
}

/// Writes a draft.
pub async fn put_draft(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    operator: OperatorId,
    draft: &Draft,
) -> Result<(), DbError> {
    tx.execute(
        &PUT_DRAFT,
        vals![
            case_id,
            operator,
            draft.text.as_str(),
            draft.version,
            draft.saved_at
        ],
    )
    .await?;
    Ok(())
}

/// An operator whose drafts in both cases are together longer than a draft may be.
pub async fn drafts_too_long(
    tx: &mut OrgTx<'_>,
    from: CaseId,
    into: CaseId,
) -> Result<Option<OperatorRef>, DbError> {
    let room = (limits::DRAFT_CHARACTERS_MAX - BETWEEN_DRAFTS.len()) as i64;
    let found = tx.row(&DRAFTS_TOO_LONG, vals![from, into, room]).await?;
    found
        .map(|row| {
            Ok(OperatorRef {
                id: row.get("id")?,
                name: row.get("name")?,
            })
        })
        .transpose()
}

/// Moves keys and drafts to the case that a case is merged into, whose entries go on behind `offset`. Of two drafts of
/// one operator the moved one stands under the other: nothing begun is lost.
pub async fn move_case(
    tx: &mut OrgTx<'_>,
    from: CaseId,
    into: CaseId,
    offset: i64,
) -> Result<(), DbError> {
    tx.execute(&MOVE_KEYS, vals![from, into, offset]).await?;
    for row in tx.rows(&DRAFTS, vals![from]).await? {
        let operator: OperatorId = row.get("operator_id")?;
        let text: String = row.get("text")?;
        if text.is_empty() {
            continue;
        }
        let standing = find_draft(tx, into, operator).await?;
        let version = standing.as_ref().map_or(0, |draft| draft.version) + 1;
        let text = match standing {
            Some(draft) if !draft.text.is_empty() => {
                format!("{}{BETWEEN_DRAFTS}{text}", draft.text)
            }
            _ => text,
        };
        let draft = Draft {
            text,
            version,
            saved_at: row.get("saved_at")?,
        };
        put_draft(tx, into, operator, &draft).await?;
    }
    Ok(())
}
