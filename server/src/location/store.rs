//! Rows of locations: one for each case that was ever asked.

use deskside_db::{DbError, OrgSql, OrgTx, Time, org_sql, vals};

use super::{Coordinates, Location, Reason, State};
use crate::ids::{CaseId, LocationRequestId, OperatorId};

static FIND: OrgSql = org_sql!(
    "SELECT request_id, requested_by, requested_at, state, state_at, reason, latitude_e7, longitude_e7, accuracy_m, located_at
     FROM case_locations WHERE organization_id = $1 AND case_id = $2"
);

static ASK: OrgSql = org_sql!(
    "INSERT INTO case_locations (organization_id, case_id, request_id, requested_by, requested_at, state, state_at)
     VALUES ($1, $2, $3, $4, $5, 'asked', $5)
     ON CONFLICT (organization_id, case_id) DO UPDATE SET request_id = excluded.request_id, requested_by = excluded.requested_by,
       requested_at = excluded.requested_at, state = 'asked', state_at = excluded.state_at, reason = NULL"
);

static SHARE: OrgSql = org_sql!(
    "UPDATE case_locations SET state = 'shared', state_at = $6, reason = NULL, latitude_e7 = $3, longitude_e7 = $4,
            accuracy_m = $5, located_at = $6 WHERE organization_id = $1 AND case_id = $2"
);

static REFUSE: OrgSql = org_sql!(
    "UPDATE case_locations SET state = 'refused', state_at = $3, reason = NULL, latitude_e7 = NULL, longitude_e7 = NULL,
            accuracy_m = NULL, located_at = NULL WHERE organization_id = $1 AND case_id = $2"
);

static FAIL: OrgSql = org_sql!(
    "UPDATE case_locations SET state = 'failed', state_at = $4, reason = $3 WHERE organization_id = $1 AND case_id = $2"
);

static DELETE: OrgSql =
    org_sql!("DELETE FROM case_locations WHERE organization_id = $1 AND case_id = $2");

static KEEP_SHARED: OrgSql = org_sql!(
    "UPDATE case_locations SET state = 'shared', state_at = located_at, reason = NULL
     WHERE organization_id = $1 AND case_id = $2 AND state = 'asked' AND located_at IS NOT NULL"
);

static DELETE_ASKED: OrgSql = org_sql!(
    "DELETE FROM case_locations WHERE organization_id = $1 AND case_id = $2 AND state = 'asked'"
);

static MOVE_CASE: OrgSql =
    org_sql!("UPDATE case_locations SET case_id = $3 WHERE organization_id = $1 AND case_id = $2");

/// What stands about a case.
pub struct Standing {
    /// The newest request.
    pub request: LocationRequestId,
    /// Who asked.
    pub requested_by: OperatorId,
    /// When.
    pub requested_at: Time,
    /// How it stands.
    pub state: State,
    state_at: Time,
    reason: Option<Reason>,
    coordinates: Option<(Coordinates, Time)>,
}

impl Standing {
    /// As operators see it.
    pub fn location(self) -> Location {
        let degrees = self.coordinates.map(|(place, _)| place.degrees());
        Location {
            state: self.state,
            latitude: degrees.map(|(latitude, _)| latitude),
            longitude: degrees.map(|(_, longitude)| longitude),
            accuracy_m: self.coordinates.map(|(place, _)| place.accuracy_m),
            at: Some(self.coordinates.map_or(self.state_at, |(_, at)| at)),
            reason: self.reason,
        }
    }
}

/// What stands about a case.
pub async fn find(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<Option<Standing>, DbError> {
    let Some(row) = tx.row(&FIND, vals![case_id]).await? else {
        return Ok(None);
    };
    let (latitude, longitude): (Option<i64>, Option<i64>) =
        (row.get("latitude_e7")?, row.get("longitude_e7")?);
    let (accuracy, located_at): (Option<i64>, Option<Time>) =
        (row.get("accuracy_m")?, row.get("located_at")?);
    let coordinates = latitude.zip(longitude).zip(accuracy).zip(located_at).map(
        |(((latitude_e7, longitude_e7), accuracy_m), at)| {
            let place = Coordinates {
                latitude_e7,
                longitude_e7,
                accuracy_m,
            };
            (place, at)
        },
    );
    let reason: Option<String> = row.get("reason")?;
    Ok(Some(Standing {
        request: row.get("request_id")?,
        requested_by: row.get("requested_by")?,
        requested_at: row.get("requested_at")?,
        state: State::parse(&row.get::<String>("state")?),
        state_at: row.get("state_at")?,
        reason: reason.map(|text| Reason::parse(&text)),
        coordinates,
    }))
}

/// Opens a request; coordinates of an earlier answer stay until there are newer ones.
pub async fn ask(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    request: LocationRequestId,
    operator: OperatorId,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(&ASK, vals![case_id, request, operator, now])
        .await?;
    Ok(())
}

/// Writes coordinates down.
pub async fn share(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    place: Coordinates,
    now: Time,
) -> Result<(), DbError> {
    let values = vals![
        case_id,
        place.latitude_e7,
        place.longitude_e7,
        place.accuracy_m,
        now
    ];
    tx.execute(&SHARE, values).await?;
    Ok(())
}

/// Notes a refusal; coordinates go.
pub async fn refuse(tx: &mut OrgTx<'_>, case_id: CaseId, now: Time) -> Result<(), DbError> {
    tx.execute(&REFUSE, vals![case_id, now]).await?;
    Ok(())
}

/// Notes that a device could not tell.
pub async fn fail(
    tx: &mut OrgTx<'_>,
    case_id: CaseId,
    reason: Reason,
    now: Time,
) -> Result<(), DbError> {
    tx.execute(&FAIL, vals![case_id, reason.as_str(), now])
        .await?;
    Ok(())
}

/// Deletes what stands about a case; whether there was anything.
pub async fn delete(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<bool, DbError> {
    Ok(tx.execute(&DELETE, vals![case_id]).await? > 0)
}

/// Takes an open request back; what was shared before stays.
pub async fn withdraw(tx: &mut OrgTx<'_>, case_id: CaseId) -> Result<(), DbError> {
    tx.execute(&KEEP_SHARED, vals![case_id]).await?;
    tx.execute(&DELETE_ASKED, vals![case_id]).await?;
    Ok(())
}

/// Moves what stands about a case to the one that it is merged into, unless more is known there already: a place
/// counts more than a question, and a refusal more than a place.
pub async fn move_case(tx: &mut OrgTx<'_>, from: CaseId, into: CaseId) -> Result<(), DbError> {
    let coming = find(tx, from).await?;
    let has_place = coming.is_some_and(|row| row.coordinates.is_some());
    let moves = match find(tx, into).await? {
        None => true,
        Some(row) => has_place && row.coordinates.is_none() && row.state != State::Refused,
    };
    if moves {
        tx.execute(&DELETE, vals![into]).await?;
        tx.execute(&MOVE_CASE, vals![from, into]).await?;
    }
    Ok(())
}
