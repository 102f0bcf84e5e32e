//! The places of a page: one statement for each index that a list can be read along. What a list asks for beyond
//! its index is looked up row by row by primary key, and the caller chooses the index with the fewest rows.

use deskside_db::{DbError, OrgSql, OrgTx, Row, Time, Uuid, Val, org_sql, vals};

use crate::cases::Status;
use crate::cases::list::Place;
use crate::ids::{CaseId, OperatorId, TagId};

/// The case of `p` has all these operators.
macro_rules! all_operators {
    (sqlite, $ids:literal) => {
        concat!(
            "AND NOT EXISTS (SELECT 1 FROM json_each($",
            $ids,
            ") w WHERE NOT EXISTS (SELECT 1 FROM case_operators o
               WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = unhex(w.value)))"
        )
    };
    (postgres, $ids:literal) => {
        concat!(
            "AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($",
            $ids,
            "::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_operators o
               WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = w.value::uuid))"
        )
    };
}

/// The case of `p` has all these tags.
macro_rules! all_tags {
    (sqlite, $ids:literal) => {
        concat!(
            "AND NOT EXISTS (SELECT 1 FROM json_each($",
            $ids,
            ") w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
               WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = unhex(w.value)))"
        )
    };
    (postgres, $ids:literal) => {
        concat!(
            "AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($",
            $ids,
            "::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
               WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = w.value::uuid))"
        )
    };
}

/// The operator of `p` did not snooze the case, where the number is 1.
macro_rules! awake {
    (sqlite, $only:literal) => {
        concat!("AND ($", $only, " = 0 OR p.snoozed_until IS NULL)")
    };
    (postgres, $only:literal) => {
        concat!(
            "AND (CAST($",
            $only,
            " AS bigint) = 0 OR p.snoozed_until IS NULL)"
        )
    };
}

/// This operator, if it is one, did not snooze the case of `p`.
macro_rules! awake_of {
    (sqlite, $operator:literal) => {
        concat!(
            "AND NOT EXISTS (SELECT 1 FROM case_operators z
               WHERE z.organization_id = $1 AND z.case_id = p.case_id AND z.operator_id = $",
            $operator,
            " AND z.snoozed_until IS NOT NULL)"
        )
    };
    (postgres, $operator:literal) => {
        concat!(
            "AND (CAST($",
            $operator,
            " AS uuid) IS NULL OR NOT EXISTS (SELECT 1 FROM case_operators z
               WHERE z.organization_id = $1 AND z.case_id = p.case_id AND z.operator_id = $",
            $operator,
            " AND z.snoozed_until IS NOT NULL))"
        )
    };
}

static PAGE_ALL: OrgSql = org_sql!(
    "SELECT id, last_activity_at AS at FROM cases WHERE organization_id = $1 AND (last_activity_at, id) < ($2, $3)
     ORDER BY last_activity_at DESC, id DESC LIMIT $4"
);

static PAGE_STATUS: OrgSql = org_sql!(
    "SELECT id, last_activity_at AS at FROM cases WHERE organization_id = $1 AND status = $5 AND (last_activity_at, id) < ($2, $3)
     ORDER BY last_activity_at DESC, id DESC LIMIT $4"
);

static PAGE_QUEUE: OrgSql = org_sql!(
    "SELECT id, waiting_since AS at FROM cases WHERE organization_id = $1 AND waiting_since IS NOT NULL AND (waiting_since, id) > ($2, $3)
     ORDER BY waiting_since, id LIMIT $4"
);

static PAGE_OPERATOR: OrgSql = org_sql!(
    "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_operators p
     WHERE p.organization_id = $1 AND p.operator_id = $5 AND (p.last_activity_at, p.case_id) < ($2, $3)",
    all_operators!(6),
    all_tags!(7),
    "ORDER BY p.last_activity_at DESC, p.case_id DESC LIMIT $4"
);

static PAGE_OPERATOR_STATUS: OrgSql = org_sql!(
    "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_operators p
     WHERE p.organization_id = $1 AND p.operator_id = $5 AND p.status = $8 AND (p.last_activity_at, p.case_id) < ($2, $3)",
    awake!(9),
    all_operators!(6),
    all_tags!(7),
    "ORDER BY p.last_activity_at DESC, p.case_id DESC LIMIT $4"
);

static PAGE_TAG: OrgSql = org_sql!(
    "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_tags p
     WHERE p.organization_id = $1 AND p.tag_id = $5 AND (p.last_activity_at, p.case_id) < ($2, $3)",
    all_operators!(6),
    all_tags!(7),
    "ORDER BY p.last_activity_at DESC, p.case_id DESC LIMIT $4"
);

static PAGE_TAG_STATUS: OrgSql = org_sql!(
    "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_tags p
     WHERE p.organization_id = $1 AND p.tag_id = $5 AND p.status = $8 AND (p.last_activity_at, p.case_id) < ($2, $3)",
    awake_of!(9),
    all_operators!(6),
    all_tags!(7),
    "ORDER BY p.last_activity_at DESC, p.case_id DESC LIMIT $4"
);

static PAGE_TAG_QUEUE: OrgSql = org_sql!(
    "SELECT p.case_id AS id, p.waiting_since AS at FROM case_tags p
     WHERE p.organization_id = $1 AND p.tag_id = $5 AND p.waiting_since IS NOT NULL AND (p.waiting_since, p.case_id) > ($2, $3)",
    all_tags!(6),
    "ORDER BY p.waiting_since, p.case_id LIMIT $4"
);

// A `+` keeps the databases from reading along the order of activity, past all cases without a mark or a snooze: an
// operator has few of them, and they are sorted.

/// `$6` is 1 where only cases count that wait or that the operator is on.
static PAGE_ATTENTION: OrgSql = org_sql!(
    "SELECT p.case_id AS id, c.last_activity_at AS at FROM case_attention p JOIN cases c ON c.organization_id = $1 AND c.id = p.case_id
     WHERE p.organization_id = $1 AND p.operator_id = $5 AND (+c.last_activity_at, p.case_id) < ($2, $3)
       AND (CAST($6 AS bigint) = 0 OR c.waiting_since IS NOT NULL
         OR EXISTS (SELECT 1 FROM case_operators o WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = $5))",
    all_tags!(7),
    "ORDER BY +c.last_activity_at DESC, p.case_id DESC LIMIT $4"
);

static PAGE_SNOOZED: OrgSql = org_sql!(
    "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_operators p
     WHERE p.organization_id = $1 AND p.operator_id = $5 AND p.snoozed_until IS NOT NULL AND (+p.last_activity_at, p.case_id) < ($2, $3)",
    all_tags!(6),
    "ORDER BY +p.last_activity_at DESC, p.case_id DESC LIMIT $4"
);

static REACH_OF_TAG: OrgSql = org_sql!(
    "SELECT count(*) AS cases, min(at) AS oldest FROM (SELECT last_activity_at AS at FROM case_tags
     WHERE organization_id = $1 AND tag_id = $2 ORDER BY last_activity_at DESC LIMIT $3) found"
);

static REACH_OF_OPERATOR: OrgSql = org_sql!(
    "SELECT count(*) AS cases, min(at) AS oldest FROM (SELECT last_activity_at AS at FROM case_operators
     WHERE organization_id = $1 AND operator_id = $2 ORDER BY last_activity_at DESC LIMIT $3) found"
);

/// The index that a page is read along, with its order: newest activity first, but the queue by its waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Along {
    /// All cases.
    All,
    /// Those of a status.
    Status(Status),
    /// Those that wait, the longest waiting first.
    Queue,
    /// Those an operator is on; with `awake` without those the operator snoozed.
    Operator {
        /// The operator.
        operator: OperatorId,
        /// Only of this status.
        status: Option<Status>,
        /// Without snoozed ones.
        awake: bool,
    },
    /// Those with a tag, without those that `awake_of` snoozed.
    Tag {
        /// The tag.
        tag: TagId,
        /// Only of this status.
        status: Option<Status>,
        /// Whose snoozed cases stay away, where a status is named.
        awake_of: Option<OperatorId>,
    },
    /// Those with a tag that wait, the longest waiting first.
    TagQueue(TagId),
    /// Those with a mark of attention for an operator.
    Attention {
        /// The operator.
        operator: OperatorId,
        /// Only those that wait or that the operator is on.
        own: bool,
    },
    /// Those an operator snoozed.
    Snoozed(OperatorId),
}

impl Along {
    /// Whether its order goes up.
    pub fn ascending(self) -> bool {
        matches!(self, Along::Queue | Along::TagQueue(_))
    }
}

/// What a case must have besides standing in the index: all of these operators and all of these tags.
#[derive(Debug, Clone, Default)]
pub struct Besides {
    /// The operators.
    pub operators: Vec<OperatorId>,
    /// The tags.
    pub tags: Vec<TagId>,
}

/// The places of a page, in its order. What stands in `besides` counts only where the index can be crossed with it:
/// operators with operators and tags, tags with everything but the whole list, a status and the queue.
pub async fn page(
    tx: &mut OrgTx<'_>,
    along: Along,
    besides: &Besides,
    cursor: Option<Place>,
    limit: i64,
) -> Result<Vec<Place>, DbError> {
    let (at, id) = match cursor {
        Some(place) => (place.at, place.id),
        None if along.ascending() => (Time::from_millis(i64::MIN), CaseId::from_uuid(Uuid::nil())),
        None => (Time::from_millis(i64::MAX), CaseId::from_uuid(Uuid::max())),
    };
    let operators = Val::uuids(besides.operators.iter().map(|id| id.uuid()));
    let tags = Val::uuids(besides.tags.iter().map(|id| id.uuid()));
    let rows = match along {
        Along::All => tx.rows(&PAGE_ALL, vals![at, id, limit]).await?,
        Along::Status(status) => {
            tx.rows(&PAGE_STATUS, vals![at, id, limit, status.as_str()])
                .await?
        }
        Along::Queue => tx.rows(&PAGE_QUEUE, vals![at, id, limit]).await?,
        Along::Operator {
            operator,
            status: None,
            ..
        } => {
            tx.rows(
                &PAGE_OPERATOR,
                vals![at, id, limit, operator, operators, tags],
            )
            .await?
        }
        Along::Operator {
            operator,
            status: Some(status),
            awake,
        } => {
            let values = vals![
                at,
                id,
                limit,
                operator,
                operators,
                tags,
                status.as_str(),
                i64::from(awake)
            ];
            tx.rows(&PAGE_OPERATOR_STATUS, values).await?
        }
        Along::Tag {
            tag, status: None, ..
        } => {
            tx.rows(&PAGE_TAG, vals![at, id, limit, tag, operators, tags])
                .await?
        }
        Along::Tag {
            tag,
            status: Some(status),
            awake_of,
        } => {
            let values = vals![
                at,
                id,
                limit,
                tag,
                operators,
                tags,
                status.as_str(),
                awake_of
            ];
            tx.rows(&PAGE_TAG_STATUS, values).await?
        }
        Along::TagQueue(tag) => {
            tx.rows(&PAGE_TAG_QUEUE, vals![at, id, limit, tag, tags])
                .await?
        }
        Along::Attention { operator, own } => {
            let values = vals![at, id, limit, operator, i64::from(own), tags];
            tx.rows(&PAGE_ATTENTION, values).await?
        }
        Along::Snoozed(operator) => {
            tx.rows(&PAGE_SNOOZED, vals![at, id, limit, operator, tags])
                .await?
        }
    };
    rows.iter().map(place).collect()
}

pub(super) fn place(row: &Row) -> Result<Place, DbError> {
    Ok(Place {
        at: row.get("at")?,
        id: row.get("id")?,
    })
}

/// How seldom a tag or an operator is met on the way along the newest cases: less is more seldom. Who has fewer cases
/// is; of two with as many as are counted, the one whose newest so many reach further back.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reach {
    cases: i64,
    oldest: Option<Time>,
}

/// The reach of the newest `most` cases with a tag.
pub async fn reach_of_tag(tx: &mut OrgTx<'_>, tag: TagId, most: i64) -> Result<Reach, DbError> {
    reach(tx.row(&REACH_OF_TAG, vals![tag, most]).await?)
}

/// The reach of the newest `most` cases that an operator is or was on.
pub async fn reach_of_operator(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    most: i64,
) -> Result<Reach, DbError> {
    reach(tx.row(&REACH_OF_OPERATOR, vals![operator, most]).await?)
}

fn reach(row: Option<Row>) -> Result<Reach, DbError> {
    row.map_or(Ok(Reach::default()), |row| {
        Ok(Reach {
            cases: row.get("cases")?,
            oldest: row.get("oldest")?,
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fewer_and_the_further_back_the_more_seldom() {
        let reach = |cases, days: i64| Reach {
            cases,
            oldest: Some(Time::from_millis(days * 86_400_000)),
        };
        let most = 1_000;
        let seldom = [
            Reach::default(),
            reach(3, 900),
            reach(999, 1),
            reach(most, 20),
            reach(most, 700),
        ];
        assert!(seldom.is_sorted());
    }
}
