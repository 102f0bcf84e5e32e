//! Rows of lists, as one operator sees them.

use deskside_db::{DbError, OrgSql, OrgTx, Row, Uuid, Val, org_sql, vals};
use serde::Deserialize;

use crate::cases::attention::Reason;
use crate::cases::tags::TagRef;
use crate::cases::view::CaseRow;
use crate::cases::{Origin, Snippet, Status};
use crate::events::{Actor, ActorKind};
use crate::ids::{CaseId, OperatorId, TagId};

static ROWS: OrgSql = org_sql!(
    sqlite: "SELECT c.id, c.number, c.name, c.status, c.origin, c.last_entry, c.last_activity_at, c.waiting_since, c.guest_messages,
            c.snippet_from, c.snippet_actor, c.snippet_text, coalesce(r.guest_messages, 0) AS read_messages,
            a.reason AS attention, m.snoozed_until,
            (SELECT group_concat(hex(p.operator_id), ',' ORDER BY p.joined_at, p.operator_id) FROM case_operators p WHERE p.organization_id = $1 AND p.case_id = c.id) AS operators,
            (SELECT json_group_array(json_object('id', hex(t.id), 'name', t.name)) FROM case_tags x
             JOIN tags t ON t.organization_id = $1 AND t.id = x.tag_id WHERE x.organization_id = $1 AND x.case_id = c.id) AS tags
     FROM cases c LEFT JOIN case_reads r ON r.organization_id = $1 AND r.case_id = c.id AND r.operator_id = $2
       LEFT JOIN case_attention a ON a.organization_id = $1 AND a.case_id = c.id AND a.operator_id = $2
       LEFT JOIN case_operators m ON m.organization_id = $1 AND m.case_id = c.id AND m.operator_id = $2
     WHERE c.organization_id = $1 AND c.id IN (SELECT unhex(value) FROM json_each($3))",
    postgres: "SELECT c.id, c.number, c.name, c.status, c.origin, c.last_entry, c.last_activity_at, c.waiting_since, c.guest_messages,
            c.snippet_from, c.snippet_actor, c.snippet_text, coalesce(r.guest_messages, 0) AS read_messages,
            a.reason AS attention, m.snoozed_until,
            (SELECT string_agg(p.operator_id::text, ',' ORDER BY p.joined_at, p.operator_id) FROM case_operators p WHERE p.organization_id = $1 AND p.case_id = c.id) AS operators,
            (SELECT coalesce(json_agg(json_build_object('id', t.id, 'name', t.name)), '[]')::text FROM case_tags x
             JOIN tags t ON t.organization_id = $1 AND t.id = x.tag_id WHERE x.organization_id = $1 AND x.case_id = c.id) AS tags
     FROM cases c LEFT JOIN case_reads r ON r.organization_id = $1 AND r.case_id = c.id AND r.operator_id = $2
       LEFT JOIN case_attention a ON a.organization_id = $1 AND a.case_id = c.id AND a.operator_id = $2
       LEFT JOIN case_operators m ON m.organization_id = $1 AND m.case_id = c.id AND m.operator_id = $2
     WHERE c.organization_id = $1 AND c.id IN (SELECT value::uuid FROM json_array_elements_text($3::text::json))"
);

/// The rows of these cases, in any order, as `viewer` sees them.
pub async fn rows(
    tx: &mut OrgTx<'_>,
    viewer: OperatorId,
    ids: &[CaseId],
) -> Result<Vec<CaseRow>, DbError> {
    let ids = Val::uuids(ids.iter().map(|id| id.uuid()));
    tx.rows(&ROWS, vals![viewer, ids])
        .await?
        .iter()
        .map(|row| case_row(row, viewer))
        .collect()
}

/// A tag as both databases write it into the JSON of a row.
#[derive(Deserialize)]
struct FoundTag {
    id: String,
    name: String,
}

fn uuid(text: &str) -> Result<Uuid, DbError> {
    Uuid::try_parse(text).map_err(|error| DbError::Decode(error.to_string()))
}

fn tags(json: &str) -> Result<Vec<TagRef>, DbError> {
    let found: Vec<FoundTag> =
        serde_json::from_str(json).map_err(|error| DbError::Decode(error.to_string()))?;
    let mut tags = found
        .into_iter()
        .map(|tag| {
            Ok(TagRef {
                id: TagId::from_uuid(uuid(&tag.id)?),
                name: tag.name,
            })
        })
        .collect::<Result<Vec<TagRef>, DbError>>()?;
    tags.sort_by_cached_key(|tag| tag.name.to_lowercase());
    Ok(tags)
}

fn case_row(row: &Row, viewer: OperatorId) -> Result<CaseRow, DbError> {
    let operators: Option<String> = row.get("operators")?;
    let mut operator_ids = Vec::new();
    for text in operators.iter().flat_map(|list| list.split(',')) {
        operator_ids.push(OperatorId::from_uuid(uuid(text)?));
    }
    let joined = operator_ids.contains(&viewer);
    let unread = row.get::<i64>("guest_messages")? - row.get::<i64>("read_messages")?;
    let snippet: Option<String> = row.get("snippet_text")?;
    let from: Option<String> = row.get("snippet_from")?;
    let actor: Option<Uuid> = row.get("snippet_actor")?;
    let attention: Option<String> = row.get("attention")?;
    Ok(CaseRow {
        id: row.get("id")?,
        number: row.get("number")?,
        name: row.get("name")?,
        status: Status::parse(&row.get::<String>("status")?)?,
        origin: Origin::parse(&row.get::<String>("origin")?),
        guest_online: false,
        in_call: false,
        unread: if joined { unread.max(0) } else { 0 },
        joined,
        operator_ids,
        tags: tags(&row.get::<String>("tags")?)?,
        attention: attention.as_deref().map(Reason::parse),
        snoozed_until: row.get("snoozed_until")?,
        waiting_since: row.get("waiting_since")?,
        last_entry: row.get("last_entry")?,
        last_activity_at: row.get("last_activity_at")?,
        snippet: snippet.map(|text| {
            let from = ActorKind::parse(&from.unwrap_or_default());
            Snippet {
                from,
                actor_id: Actor::from_parts(from, actor, None).id,
                text,
            }
        }),
    })
}
