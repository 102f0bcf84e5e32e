//! The places of a page: one statement for each index that a list can be read along. What a list asks for beyond
//! its index is looked up row by row by primary key, and the caller chooses the index with the fewest rows.

use deskside_db::{DbError, OrgSql, OrgTx, Time, Uuid, Val, org_sql, vals};

use crate::cases::Status;
use crate::cases::list::Place;
use crate::ids::{CaseId, OperatorId, TagId};

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
    sqlite: "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_operators p
     WHERE p.organization_id = $1 AND p.operator_id = $5 AND (p.last_activity_at, p.case_id) < ($2, $3)
       AND NOT EXISTS (SELECT 1 FROM json_each($6) w WHERE NOT EXISTS (SELECT 1 FROM case_operators o
         WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = unhex(w.value)))
       AND NOT EXISTS (SELECT 1 FROM json_each($7) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = unhex(w.value)))
     ORDER BY p.last_activity_at DESC, p.case_id DESC LIMIT $4",
    postgres: "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_operators p
     WHERE p.organization_id = $1 AND p.operator_id = $5 AND (p.last_activity_at, p.case_id) < ($2, $3)
       AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($6::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_operators o
         WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = w.value::uuid))
       AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($7::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = w.value::uuid))
     ORDER BY p.last_activity_at DESC, p.case_id DESC LIMIT $4"
);

/// `$9` is 1 where the operator's snoozed cases stay away.
static PAGE_OPERATOR_STATUS: OrgSql = org_sql!(
    sqlite: "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_operators p
     WHERE p.organization_id = $1 AND p.operator_id = $5 AND p.status = $8 AND (p.last_activity_at, p.case_id) < ($2, $3)
       AND ($9 = 0 OR p.snoozed_until IS NULL)
       AND NOT EXISTS (SELECT 1 FROM json_each($6) w WHERE NOT EXISTS (SELECT 1 FROM case_operators o
         WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = unhex(w.value)))
       AND NOT EXISTS (SELECT 1 FROM json_each($7) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = unhex(w.value)))
     ORDER BY p.last_activity_at DESC, p.case_id DESC LIMIT $4",
    postgres: "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_operators p
     WHERE p.organization_id = $1 AND p.operator_id = $5 AND p.status = $8 AND (p.last_activity_at, p.case_id) < ($2, $3)
       AND (CAST($9 AS bigint) = 0 OR p.snoozed_until IS NULL)
       AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($6::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_operators o
         WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = w.value::uuid))
       AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($7::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = w.value::uuid))
     ORDER BY p.last_activity_at DESC, p.case_id DESC LIMIT $4"
);

static PAGE_TAG: OrgSql = org_sql!(
    sqlite: "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_tags p
     WHERE p.organization_id = $1 AND p.tag_id = $5 AND (p.last_activity_at, p.case_id) < ($2, $3)
       AND NOT EXISTS (SELECT 1 FROM json_each($6) w WHERE NOT EXISTS (SELECT 1 FROM case_operators o
         WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = unhex(w.value)))
       AND NOT EXISTS (SELECT 1 FROM json_each($7) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = unhex(w.value)))
     ORDER BY p.last_activity_at DESC, p.case_id DESC LIMIT $4",
    postgres: "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_tags p
     WHERE p.organization_id = $1 AND p.tag_id = $5 AND (p.last_activity_at, p.case_id) < ($2, $3)
       AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($6::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_operators o
         WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = w.value::uuid))
       AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($7::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = w.value::uuid))
     ORDER BY p.last_activity_at DESC, p.case_id DESC LIMIT $4"
);

/// `$9` is the operator whose snoozed cases stay away, if any.
static PAGE_TAG_STATUS: OrgSql = org_sql!(
    sqlite: "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_tags p
     WHERE p.organization_id = $1 AND p.tag_id = $5 AND p.status = $8 AND (p.last_activity_at, p.case_id) < ($2, $3)
       AND NOT EXISTS (SELECT 1 FROM case_operators z WHERE z.organization_id = $1 AND z.case_id = p.case_id AND z.operator_id = $9
         AND z.snoozed_until IS NOT NULL)
       AND NOT EXISTS (SELECT 1 FROM json_each($6) w WHERE NOT EXISTS (SELECT 1 FROM case_operators o
         WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = unhex(w.value)))
       AND NOT EXISTS (SELECT 1 FROM json_each($7) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = unhex(w.value)))
     ORDER BY p.last_activity_at DESC, p.case_id DESC LIMIT $4",
    postgres: "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_tags p
     WHERE p.organization_id = $1 AND p.tag_id = $5 AND p.status = $8 AND (p.last_activity_at, p.case_id) < ($2, $3)
       AND (CAST($9 AS uuid) IS NULL OR NOT EXISTS (SELECT 1 FROM case_operators z
         WHERE z.organization_id = $1 AND z.case_id = p.case_id AND z.operator_id = $9 AND z.snoozed_until IS NOT NULL))
       AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($6::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_operators o
         WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = w.value::uuid))
       AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($7::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = w.value::uuid))
     ORDER BY p.last_activity_at DESC, p.case_id DESC LIMIT $4"
);

static PAGE_TAG_QUEUE: OrgSql = org_sql!(
    sqlite: "SELECT p.case_id AS id, p.waiting_since AS at FROM case_tags p
     WHERE p.organization_id = $1 AND p.tag_id = $5 AND p.waiting_since IS NOT NULL AND (p.waiting_since, p.case_id) > ($2, $3)
       AND NOT EXISTS (SELECT 1 FROM json_each($6) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = unhex(w.value)))
     ORDER BY p.waiting_since, p.case_id LIMIT $4",
    postgres: "SELECT p.case_id AS id, p.waiting_since AS at FROM case_tags p
     WHERE p.organization_id = $1 AND p.tag_id = $5 AND p.waiting_since IS NOT NULL AND (p.waiting_since, p.case_id) > ($2, $3)
       AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($6::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = w.value::uuid))
     ORDER BY p.waiting_since, p.case_id LIMIT $4"
);

// A `+` keeps the databases from reading along the order of activity, past all cases without a mark or a snooze: an
// operator has few of them, and they are sorted.

/// `$6` is 1 where only cases count that wait or that the operator is on.
static PAGE_ATTENTION: OrgSql = org_sql!(
    sqlite: "SELECT p.case_id AS id, c.last_activity_at AS at FROM case_attention p JOIN cases c ON c.organization_id = $1 AND c.id = p.case_id
     WHERE p.organization_id = $1 AND p.operator_id = $5 AND (+c.last_activity_at, p.case_id) < ($2, $3)
       AND (CAST($6 AS bigint) = 0 OR c.waiting_since IS NOT NULL
         OR EXISTS (SELECT 1 FROM case_operators o WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = $5))
       AND NOT EXISTS (SELECT 1 FROM json_each($7) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = unhex(w.value)))
     ORDER BY +c.last_activity_at DESC, p.case_id DESC LIMIT $4",
    postgres: "SELECT p.case_id AS id, c.last_activity_at AS at FROM case_attention p JOIN cases c ON c.organization_id = $1 AND c.id = p.case_id
     WHERE p.organization_id = $1 AND p.operator_id = $5 AND (+c.last_activity_at, p.case_id) < ($2, $3)
       AND (CAST($6 AS bigint) = 0 OR c.waiting_since IS NOT NULL
         OR EXISTS (SELECT 1 FROM case_operators o WHERE o.organization_id = $1 AND o.case_id = p.case_id AND o.operator_id = $5))
       AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($7::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = w.value::uuid))
     ORDER BY +c.last_activity_at DESC, p.case_id DESC LIMIT $4"
);

static PAGE_SNOOZED: OrgSql = org_sql!(
    sqlite: "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_operators p
     WHERE p.organization_id = $1 AND p.operator_id = $5 AND p.snoozed_until IS NOT NULL AND (+p.last_activity_at, p.case_id) < ($2, $3)
       AND NOT EXISTS (SELECT 1 FROM json_each($6) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = unhex(w.value)))
     ORDER BY +p.last_activity_at DESC, p.case_id DESC LIMIT $4",
    postgres: "SELECT p.case_id AS id, p.last_activity_at AS at FROM case_operators p
     WHERE p.organization_id = $1 AND p.operator_id = $5 AND p.snoozed_until IS NOT NULL AND (+p.last_activity_at, p.case_id) < ($2, $3)
       AND NOT EXISTS (SELECT 1 FROM json_array_elements_text($6::text::json) w WHERE NOT EXISTS (SELECT 1 FROM case_tags t
         WHERE t.organization_id = $1 AND t.case_id = p.case_id AND t.tag_id = w.value::uuid))
     ORDER BY +p.last_activity_at DESC, p.case_id DESC LIMIT $4"
);

static BY_EMAIL: OrgSql = org_sql!(
    "SELECT c.id, c.created_at AS at FROM cases c
     WHERE c.organization_id = $1 AND c.customer_email = $5 AND c.id < $3 AND c.id <> $2
       AND (CAST($6 AS bigint) = 0 OR c.waiting_since IS NOT NULL
         OR EXISTS (SELECT 1 FROM case_operators o WHERE o.organization_id = $1 AND o.case_id = c.id AND o.operator_id = $7))
     ORDER BY c.id DESC LIMIT $4"
);

static BY_PHONE: OrgSql = org_sql!(
    "SELECT c.id, c.created_at AS at FROM cases c
     WHERE c.organization_id = $1 AND c.customer_phone = $5 AND c.id < $3 AND c.id <> $2
       AND (CAST($6 AS bigint) = 0 OR c.waiting_since IS NOT NULL
         OR EXISTS (SELECT 1 FROM case_operators o WHERE o.organization_id = $1 AND o.case_id = c.id AND o.operator_id = $7))
     ORDER BY c.id DESC LIMIT $4"
);

static CUSTOMER: OrgSql = org_sql!(
    "SELECT customer_email, customer_phone FROM cases WHERE organization_id = $1 AND id = $2"
);

static ROUGHLY_TAGGED: OrgSql = org_sql!(
    "SELECT count(*) AS cases FROM (SELECT 1 AS one FROM case_tags WHERE organization_id = $1 AND tag_id = $2 LIMIT $3) found"
);

static ROUGHLY_OF: OrgSql = org_sql!(
    "SELECT count(*) AS cases FROM (SELECT 1 AS one FROM case_operators WHERE organization_id = $1 AND operator_id = $2 LIMIT $3) found"
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

fn place(row: &deskside_db::Row) -> Result<Place, DbError> {
    Ok(Place {
        at: row.get("at")?,
        id: row.get("id")?,
    })
}

/// How many cases have a tag, counted up to `most`.
pub async fn roughly_tagged(tx: &mut OrgTx<'_>, tag: TagId, most: i64) -> Result<i64, DbError> {
    count(tx.row(&ROUGHLY_TAGGED, vals![tag, most]).await?)
}

/// How many cases an operator is or was on, counted up to `most`.
pub async fn roughly_of(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    most: i64,
) -> Result<i64, DbError> {
    count(tx.row(&ROUGHLY_OF, vals![operator, most]).await?)
}

fn count(row: Option<deskside_db::Row>) -> Result<i64, DbError> {
    row.map_or(Ok(0), |row| row.get("cases"))
}

/// By what cases of one customer find each other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Customer {
    /// The email address, folded.
    pub email: Option<String>,
    /// The phone number: `+` and digits.
    pub phone: Option<String>,
}

/// The customer of a case.
pub async fn customer(tx: &mut OrgTx<'_>, id: CaseId) -> Result<Option<Customer>, DbError> {
    match tx.row(&CUSTOMER, vals![id]).await? {
        Some(row) => Ok(Some(Customer {
            email: row.get("customer_email")?,
            phone: row.get("customer_phone")?,
        })),
        None => Ok(None),
    }
}

/// Other cases of a customer before `before`, the newest first; with `only_of` only those that wait or that this
/// operator is on.
pub async fn of_customer(
    tx: &mut OrgTx<'_>,
    id: CaseId,
    customer: &Customer,
    only_of: Option<OperatorId>,
    before: CaseId,
    limit: i64,
) -> Result<Vec<Place>, DbError> {
    let mut found: Vec<Place> = Vec::new();
    for (sql, value) in [(&BY_EMAIL, &customer.email), (&BY_PHONE, &customer.phone)] {
        let Some(value) = value else { continue };
        let own = i64::from(only_of.is_some());
        let viewer = only_of.map_or(Uuid::nil(), |operator| operator.uuid());
        let values = vals![id, before, limit, value.as_str(), own, viewer];
        for row in tx.rows(sql, values).await? {
            found.push(place(&row)?);
        }
    }
    found.sort_by_key(|place| std::cmp::Reverse(place.id));
    found.dedup();
    found.truncate(limit as usize);
    Ok(found)
}

static COUNTS: OrgSql = org_sql!(
    "SELECT
       (SELECT count(*) FROM (SELECT 1 AS one FROM cases c WHERE c.organization_id = $1 AND c.waiting_since IS NOT NULL LIMIT $4) q) AS queue,
       (SELECT count(*) FROM (SELECT 1 AS one FROM case_operators p WHERE p.organization_id = $1 AND p.operator_id = $2
         AND p.status = 'active' AND p.snoozed_until IS NULL LIMIT $4) m) AS active,
       (SELECT count(*) FROM (SELECT 1 AS one FROM case_operators p WHERE p.organization_id = $1 AND p.operator_id = $2
         AND p.status = 'active' AND p.unread = 1 AND p.snoozed_until IS NULL LIMIT $4) u) AS unread,
       (SELECT count(*) FROM (SELECT 1 AS one FROM case_attention a WHERE a.organization_id = $1 AND a.operator_id = $2
         AND (CAST($3 AS bigint) = 0
           OR EXISTS (SELECT 1 FROM case_operators o WHERE o.organization_id = $1 AND o.case_id = a.case_id AND o.operator_id = $2)
           OR EXISTS (SELECT 1 FROM cases c WHERE c.organization_id = $1 AND c.id = a.case_id AND c.waiting_since IS NOT NULL))
         LIMIT $4) a) AS attention,
       (SELECT count(*) FROM (SELECT 1 AS one FROM case_operators p WHERE p.organization_id = $1 AND p.operator_id = $2
         AND p.snoozed_until IS NOT NULL LIMIT $4) s) AS snoozed
     FROM organizations WHERE organization_id = $1"
);

/// How many cases there are to do, each counted up to a bound.
#[derive(Debug, Default)]
pub struct Counted {
    /// In the queue.
    pub queue: i64,
    /// Active ones of the operator, not snoozed.
    pub active: i64,
    /// Those among them with something unread.
    pub unread: i64,
    /// With a mark of attention.
    pub attention: i64,
    /// Snoozed by the operator.
    pub snoozed: i64,
}

/// Counts what there is to do for an operator, each up to `most`; with `own` marks count only on cases that wait or
/// that the operator is on.
pub async fn counts(
    tx: &mut OrgTx<'_>,
    operator: OperatorId,
    own: bool,
    most: i64,
) -> Result<Counted, DbError> {
    let row = tx
        .row(&COUNTS, vals![operator, i64::from(own), most])
        .await?;
    let Some(row) = row else {
        return Ok(Counted::default());
    };
    Ok(Counted {
        queue: row.get("queue")?,
        active: row.get("active")?,
        unread: row.get("unread")?,
        attention: row.get("attention")?,
        snoozed: row.get("snoozed")?,
    })
}
