//! Moving the demo's past up to now.

use std::time::Duration;

use deskside_db::{DbError, OrgSql, OrgTx, Time, org_sql, vals};

static NEWEST: OrgSql =
    org_sql!("SELECT coalesce(max(at), 0) AS newest FROM events WHERE organization_id = $1");

static SHIFT: [OrgSql; 14] = [
    org_sql!("UPDATE events SET at = at + $2 WHERE organization_id = $1"),
    org_sql!(
        "UPDATE cases SET created_at = created_at + $2, completed_at = completed_at + $2, last_activity_at = last_activity_at + $2,
                waiting_since = waiting_since + $2, guest_seen_at = guest_seen_at + $2, guest_read_at = guest_read_at + $2 WHERE organization_id = $1"
    ),
    org_sql!("UPDATE case_fields SET changed_at = changed_at + $2 WHERE organization_id = $1"),
    org_sql!("UPDATE case_operators SET joined_at = joined_at + $2, last_activity_at = last_activity_at + $2 WHERE organization_id = $1"),
    org_sql!("UPDATE case_reads SET at = at + $2 WHERE organization_id = $1"),
    org_sql!(
        "UPDATE calls SET started_at = started_at + $2, last_sign_at = last_sign_at + $2, ended_at = ended_at + $2
         WHERE organization_id = $1"
    ),
    org_sql!(
        "UPDATE call_participants SET joined_at = joined_at + $2, left_at = left_at + $2 WHERE organization_id = $1"
    ),
    org_sql!("UPDATE case_custom_fields SET changed_at = changed_at + $2 WHERE organization_id = $1"),
    org_sql!(
        "UPDATE case_locations SET requested_at = requested_at + $2, state_at = state_at + $2, located_at = located_at + $2
         WHERE organization_id = $1"
    ),
    org_sql!("UPDATE case_attention SET at = at + $2 WHERE organization_id = $1"),
    org_sql!(
        "UPDATE case_tags SET last_activity_at = last_activity_at + $2, waiting_since = waiting_since + $2 WHERE organization_id = $1"
    ),
    org_sql!("UPDATE quick_responses SET changed_at = changed_at + $2 WHERE organization_id = $1"),
    org_sql!("UPDATE search_rows SET at = at + $2 WHERE organization_id = $1"),
    org_sql!("UPDATE drafts SET saved_at = saved_at + $2 WHERE organization_id = $1"),
];

/// When something happened last.
pub async fn newest(tx: &mut OrgTx<'_>) -> Result<Time, DbError> {
    match tx.row(&NEWEST, &[]).await? {
        Some(row) => row.get("newest"),
        None => Ok(Time::from_millis(0)),
    }
}

/// Moves every time that people see in cases. Consents and the audit log are evidence and stay as they are; a snooze
/// has a job that knows its time.
pub async fn shift(tx: &mut OrgTx<'_>, by: Duration) -> Result<(), DbError> {
    let by = i64::try_from(by.as_millis()).unwrap_or(i64::MAX);
    for statement in &SHIFT {
        tx.execute(statement, vals![by]).await?;
    }
    Ok(())
}
