//! What stands in an operator's row about role, seat and rights.

use deskside_db::{DbError, OrgSql, OrgTx, org_sql, vals};

use crate::auth::{Rights, Role};
use crate::events::OperatorRef;
use crate::ids::OperatorId;
use crate::team::{OperatorRow, store::operator_row};

static HOLD: OrgSql = org_sql!(
    sqlite: "SELECT count(*) AS held FROM operators WHERE organization_id = $1",
    postgres: "SELECT id FROM operators WHERE organization_id = $1 ORDER BY id FOR NO KEY UPDATE"
);

static SEATS: OrgSql = org_sql!(
    "SELECT g.seats, (SELECT count(*) FROM operators o WHERE o.organization_id = $1 AND o.active = 1 AND o.seat = 1) AS used
     FROM organizations g WHERE g.organization_id = $1"
);

static ADMINISTRATORS: OrgSql = org_sql!(
    "SELECT count(*) AS administrators FROM operators WHERE organization_id = $1 AND active = 1 AND role = 'administrator'"
);

static STANDING: OrgSql = org_sql!(
    "SELECT name, role, active, seat, may_reassign, may_delete, may_export FROM operators WHERE organization_id = $1 AND id = $2"
);

static PUT: OrgSql = org_sql!(
    "UPDATE operators SET role = $3, active = $4, seat = $5, may_reassign = $6, may_delete = $7, may_export = $8
     WHERE organization_id = $1 AND id = $2"
);

static ROW: OrgSql = org_sql!(
    "SELECT id, name, email, role, created_at, active, seat, may_reassign, may_delete, may_export, picture
     FROM operators WHERE organization_id = $1 AND id = $2"
);

static SOME: OrgSql = org_sql!(
    sqlite: "SELECT id, name, role, active, seat FROM operators WHERE organization_id = $1 AND id IN (SELECT unhex(value) FROM json_each($2))",
    postgres: "SELECT id, name, role, active, seat FROM operators
     WHERE organization_id = $1 AND id IN (SELECT value::uuid FROM json_array_elements_text($2::text::json))"
);

/// Holds the operators until the commit: their seats and administrators are counted by one write at a time.
pub async fn hold(tx: &mut OrgTx<'_>) -> Result<(), DbError> {
    tx.rows(&HOLD, &[]).await?;
    Ok(())
}

/// Seats of an organization.
pub struct Seats {
    /// All of them; without end when absent.
    pub total: Option<i64>,
    /// Those of active operators.
    pub used: i64,
}

/// How many seats there are and how many are in use.
pub async fn seats(tx: &mut OrgTx<'_>) -> Result<Seats, DbError> {
    match tx.row(&SEATS, &[]).await? {
        Some(row) => Ok(Seats {
            total: row.get("seats")?,
            used: row.get("used")?,
        }),
        None => Err(DbError::Other("the organization is gone".into())),
    }
}

/// How many active administrators there are.
pub async fn administrators(tx: &mut OrgTx<'_>) -> Result<i64, DbError> {
    match tx.row(&ADMINISTRATORS, &[]).await? {
        Some(row) => row.get("administrators"),
        None => Ok(0),
    }
}

/// How an operator stands in the organization.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The name.
    pub name: String,
    /// The role.
    pub role: Role,
    /// Whether the operator may sign in.
    pub active: bool,
    /// Whether the operator has a seat.
    pub seat: bool,
    /// The rights as written down, whatever the role adds.
    pub rights: Rights,
}

impl Standing {
    /// What an audit log may say of it.
    pub fn words(&self) -> String {
        let Rights {
            reassign,
            delete,
            export,
        } = self.rights;
        let (role, active, seat) = (self.role.as_str(), self.active, self.seat);
        format!(
            "role={role} active={active} seat={seat} reassign={reassign} delete={delete} export={export}"
        )
    }

    /// Whether the operator takes up a seat.
    pub fn works(&self) -> bool {
        self.active && self.seat
    }

    /// Whether the operator is an administrator who can act.
    pub fn administers(&self) -> bool {
        self.active && self.role == Role::Administrator
    }
}

/// How an operator stands.
pub async fn standing(tx: &mut OrgTx<'_>, id: OperatorId) -> Result<Option<Standing>, DbError> {
    let Some(row) = tx.row(&STANDING, vals![id]).await? else {
        return Ok(None);
    };
    Ok(Some(Standing {
        name: row.get("name")?,
        role: Role::parse(&row.get::<String>("role")?),
        active: row.get("active")?,
        seat: row.get("seat")?,
        rights: Rights {
            reassign: row.get("may_reassign")?,
            delete: row.get("may_delete")?,
            export: row.get("may_export")?,
        },
    }))
}

/// Writes how an operator stands.
pub async fn put(tx: &mut OrgTx<'_>, id: OperatorId, next: &Standing) -> Result<(), DbError> {
    tx.execute(
        &PUT,
        vals![
            id,
            next.role.as_str(),
            next.active,
            next.seat,
            next.rights.reassign,
            next.rights.delete,
            next.rights.export
        ],
    )
    .await?;
    Ok(())
}

/// An operator, as colleagues see one.
pub async fn row(tx: &mut OrgTx<'_>, id: OperatorId) -> Result<Option<OperatorRow>, DbError> {
    tx.row(&ROW, vals![id])
        .await?
        .as_ref()
        .map(operator_row)
        .transpose()
}

/// A colleague who might get a case or a word.
#[derive(Debug, Clone)]
pub struct Colleague {
    /// Who.
    pub operator: OperatorRef,
    /// The role.
    pub role: Role,
    /// Whether they may sign in.
    pub active: bool,
    /// Whether they have a seat.
    pub seat: bool,
}

/// Those of these operators who are there, in any order.
pub async fn colleagues(tx: &mut OrgTx<'_>, ids: &[OperatorId]) -> Result<Vec<Colleague>, DbError> {
    let ids = deskside_db::Val::uuids(ids.iter().map(|id| id.uuid()));
    tx.rows(&SOME, vals![ids])
        .await?
        .iter()
        .map(|row| {
            Ok(Colleague {
                operator: OperatorRef {
                    id: row.get("id")?,
                    name: row.get("name")?,
                },
                role: Role::parse(&row.get::<String>("role")?),
                active: row.get("active")?,
                seat: row.get("seat")?,
            })
        })
        .collect()
}
