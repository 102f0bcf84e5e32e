//! The hash of an entry: SHA-256 over the hash before it and the entry's parts, each with its length in front, so
//! that no two entries give the same bytes. `docs/audit.md` says it in a form that others can compute.

use deskside_db::Uuid;
use sha2::{Digest as _, Sha256};

use super::store::StoredEntry;
use crate::ids::OrganizationId;

/// A hash of the chain.
pub type Hash = [u8; 32];

/// What stands before the first entry.
pub const FIRST: Hash = [0; 32];

/// The hash of an entry that follows `previous`.
pub fn hash(organization: OrganizationId, previous: &Hash, entry: &StoredEntry) -> Hash {
    let organization = organization.uuid();
    let actor = bytes(entry.actor_id.as_ref());
    let object = bytes(entry.object_id.as_ref());
    let (n, at) = (entry.n.to_be_bytes(), entry.at.as_millis().to_be_bytes());
    let parts: [&[u8]; 9] = [
        organization.as_bytes(),
        &n,
        &at,
        entry.actor_kind.as_bytes(),
        actor,
        entry.verb.as_bytes(),
        entry.object_kind.as_bytes(),
        object,
        entry.detail.as_bytes(),
    ];
    let mut sha = Sha256::new();
    sha.update(previous);
    for part in parts {
        sha.update(u32::try_from(part.len()).unwrap_or(u32::MAX).to_be_bytes());
        sha.update(part);
    }
    sha.finalize().into()
}

/// An id's bytes, or none.
fn bytes(id: Option<&Uuid>) -> &[u8] {
    id.map_or(&[], |id| id.as_bytes())
}

#[cfg(test)]
mod tests {
    use deskside_db::Time;

    use super::*;

    fn entry() -> StoredEntry {
        StoredEntry {
            n: 7,
            at: Time::from_millis(1_795_340_000_000),
            actor_kind: "operator".into(),
            actor_id: Some(Uuid::from_u128(1)),
            verb: "case.opened".into(),
            object_kind: "case".into(),
            object_id: Some(Uuid::from_u128(2)),
            detail: String::new(),
        }
    }

    #[test]
    fn every_part_counts() {
        let organization = OrganizationId::from_uuid(Uuid::from_u128(9));
        let whole = hash(organization, &FIRST, &entry());
        let changed = |change: fn(&mut StoredEntry)| {
            let mut entry = entry();
            change(&mut entry);
            hash(organization, &FIRST, &entry)
        };
        assert_eq!(changed(|_| {}), whole);
        for other in [
            changed(|entry| entry.n = 8),
            changed(|entry| entry.at = Time::from_millis(1)),
            changed(|entry| entry.actor_kind = "system".into()),
            changed(|entry| entry.actor_id = None),
            changed(|entry| entry.verb = "case.deleted".into()),
            changed(|entry| entry.object_kind = "operator".into()),
            changed(|entry| entry.object_id = Some(Uuid::from_u128(3))),
            changed(|entry| entry.detail = "x".into()),
            // The same bytes, cut elsewhere.
            changed(|entry| {
                entry.verb = "case.openedc".into();
                entry.object_kind = "ase".into();
            }),
            hash(organization, &[1; 32], &entry()),
            hash(
                OrganizationId::from_uuid(Uuid::from_u128(8)),
                &FIRST,
                &entry(),
            ),
        ] {
            assert_ne!(other, whole);
        }
    }
}
