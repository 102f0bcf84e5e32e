//! The typed ids of the application. Each prints as its prefix and 26 base32 characters.

use deskside_db::typed_id;

pub use deskside_db::OrganizationId;

typed_id!(OperatorId, "op");
typed_id!(CaseId, "case");
typed_id!(InviteId, "inv");
typed_id!(SessionId, "ses");
typed_id!(GuestId, "guest");
typed_id!(CallId, "call");
typed_id!(ParticipantId, "part");
typed_id!(TagId, "tag");
typed_id!(FilterId, "filt");
typed_id!(CustomFieldId, "fld");
typed_id!(QuickResponseId, "qr");
typed_id!(ConsentId, "cons");
typed_id!(LocationRequestId, "loc");
