//! Every numeric limit of the server, in one place. `docs/limits.md` shows the same table to
//! people who run or use Deskside; a test keeps both equal.

use std::time::Duration;

/// Largest body of a JSON request: a message of the greatest length in 4-byte characters, escaped, with room.
pub const BODY_BYTES_MAX: usize = 256 * 1024;
/// A body that is too large is read and thrown away up to here, so that its sender can read the answer;
/// beyond it the connection is cut.
pub const BODY_DRAINED_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Time to read the head of a request; slower clients are cut off.
pub const HEAD_READ_TIMEOUT: Duration = Duration::from_secs(10);
/// Time to read the body of a request; a slower sender holds no place any longer.
pub const BODY_READ_TIMEOUT: Duration = Duration::from_secs(15);
/// How often an HTTP/2 client is asked whether it is still there.
pub const HTTP2_PING_EVERY: Duration = Duration::from_secs(20);
/// Requests at once on one HTTP/2 connection.
pub const HTTP2_STREAMS_MAX: u32 = 100;
/// Time for one request, body included; beyond it the answer is 503.
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(30);
/// Requests worked on at once; beyond it the answer is 503 at once instead of a queue without end.
pub const REQUESTS_AT_ONCE_MAX: usize = 1024;
/// Requests of one client address worked on at once: a quarter, so that no stranger alone fills the server.
pub const REQUESTS_AT_ONCE_PER_ADDRESS_MAX: usize = 256;
/// Below this much free room on the disk of the data folder a node says that it is not ready.
pub const DISK_FREE_BYTES_MIN: u64 = 64 * 1024 * 1024;
/// Time that running requests get after SIGTERM.
pub const STOP_TIMEOUT: Duration = Duration::from_secs(10);

/// The template of a map's address in characters.
pub const MAP_URL_CHARACTERS_MAX: usize = 500;
/// A case's name in grapheme clusters: what a reader calls characters.
pub const CASE_NAME_CHARACTERS_MAX: usize = 50;
/// One grapheme cluster of a name in bytes: a letter may carry any number of marks, and would be a tower of them.
pub const NAME_CLUSTER_BYTES_MAX: usize = 64;
/// A case's name in bytes. 36 for each grapheme cluster, so that any emoji may be all of them:
/// the longest that people choose from a list has 35 (two people who kiss, with the colours of their skin).
pub const CASE_NAME_BYTES_MAX: usize = 1_800;
/// A person's or organization's name in grapheme clusters.
pub const NAME_CHARACTERS_MAX: usize = 100;
/// A person's or organization's name in bytes, 36 for each grapheme cluster.
pub const NAME_BYTES_MAX: usize = 3_600;
/// An email address in bytes (RFC 5321 section 4.5.3.1.3).
pub const EMAIL_BYTES_MAX: usize = 254;
/// A phone number as typed, in characters: 15 digits (E.164) with separators.
pub const PHONE_CHARACTERS_MAX: usize = 32;
/// An internal reference in characters.
pub const REFERENCE_CHARACTERS_MAX: usize = 100;
/// Internal notes in characters.
pub const NOTES_CHARACTERS_MAX: usize = 20_000;
/// A message in characters.
pub const MESSAGE_CHARACTERS_MAX: usize = 10_000;
/// The note of a handover in characters.
pub const HANDOVER_NOTE_CHARACTERS_MAX: usize = 2_000;
/// Colleagues mentioned in one internal message.
pub const MENTIONS_MAX: usize = 20;
/// A draft in characters: room for a message that is still too long.
pub const DRAFT_CHARACTERS_MAX: usize = 20_000;
/// The last words shown in a row of the case list, in characters.
pub const SNIPPET_CHARACTERS_MAX: usize = 120;
/// The label of a custom field, of one of its options, or the title of a quick response, in characters.
pub const LABEL_CHARACTERS_MAX: usize = 100;
/// The sentence that helps to fill in a custom field, in characters.
pub const HELP_CHARACTERS_MAX: usize = 500;
/// A value of a custom field of one line, in characters.
pub const CUSTOM_TEXT_CHARACTERS_MAX: usize = 500;
/// A value of a custom field of many lines, in characters.
pub const CUSTOM_LONG_TEXT_CHARACTERS_MAX: usize = 5_000;
/// A value of a custom field that is a number, in digits with sign and point.
pub const CUSTOM_NUMBER_CHARACTERS_MAX: usize = 40;
/// A value of a custom field that is a link, in characters.
pub const CUSTOM_LINK_CHARACTERS_MAX: usize = 2_000;
/// What is typed behind `/` to find a quick response, in characters.
pub const SHORTCUT_CHARACTERS_MAX: usize = 30;
/// What stands between braces and is taken for the name of a placeholder, in characters.
pub const PLACEHOLDER_CHARACTERS_MAX: usize = 60;

/// A picture as sent, in bytes.
pub const PICTURE_BYTES_MAX: usize = 5 * 1024 * 1024;
/// Width and height of a picture as sent, in pixels.
pub const PICTURE_SIDE_MAX: u32 = 8_000;
/// A picture unpacked, in bytes: 8 000 by 8 000 pixels in three colours. One that claims more is refused by its head.
pub const PICTURE_DECODED_BYTES_MAX: u64 = 192 * 1024 * 1024;
/// Width and height of a picture as kept, in pixels.
pub const PICTURE_KEPT_SIDE_MAX: u32 = 512;
/// Time to read a picture that is sent.
pub const PICTURE_READ_TIMEOUT: Duration = Duration::from_secs(25);
/// Pictures decoded at once: each may take the memory of an unpacked one.
pub const PICTURES_AT_ONCE: usize = 1;
/// Pictures waiting to be decoded; beyond it the answer is 503 at once.
pub const PICTURES_WAITING_MAX: usize = 8;
/// A file in the data folder that no row names is swept after this time: its row may still be on its way.
pub const BLOB_ORPHAN_AGE: Duration = Duration::from_secs(24 * 3600);

/// Shortest password in characters (code points).
pub const PASSWORD_CHARACTERS_MIN: usize = 12;
/// Longest password in characters: bounds the work of hashing.
pub const PASSWORD_CHARACTERS_MAX: usize = 128;
/// Password hashes computed at once; each takes 19 MiB.
pub const PASSWORD_HASHES_AT_ONCE: usize = 2;
/// Passwords waiting to be hashed; beyond it the answer is 503 at once, and sign-ins leave room for all else.
pub const PASSWORD_HASHES_WAITING_MAX: usize = 64;
/// Failed sign-ins for one email address from one client address within the window.
pub const SIGN_IN_FAILURES_PER_EMAIL: i64 = 10;
/// Failed sign-ins for one email address from everywhere within the window.
pub const SIGN_IN_FAILURES_PER_EMAIL_ANYWHERE: i64 = 100;
/// Failed sign-ins from one client address within the window.
pub const SIGN_IN_FAILURES_PER_ADDRESS: i64 = 50;
/// Unknown guest, invite, set-up or password links from one client address within the window.
pub const LINK_FAILURES_PER_ADDRESS: i64 = 100;
/// Wrong current passwords of one operator, when changing it, within the window.
pub const PASSWORD_CHANGE_FAILURES: i64 = 10;
/// Links to a new password asked for from one client address within the window.
pub const RESETS_PER_ADDRESS: i64 = 20;
/// Links to a new password asked for one email address within the window: nobody's mailbox is flooded.
pub const RESETS_PER_EMAIL: i64 = 5;
/// A link to a new password is valid for this time after its email was written.
pub const RESET_AGE_MAX: Duration = Duration::from_secs(3600);
/// A link to a new password that has ended is remembered for this time, so that no late job sends an older one.
pub const RESET_KEPT: Duration = Duration::from_secs(24 * 3600);
/// The window of the attempt limits.
pub const ATTEMPT_WINDOW: Duration = Duration::from_secs(15 * 60);
/// An operator's session ends after this time without use.
pub const SESSION_IDLE_MAX: Duration = Duration::from_secs(14 * 24 * 3600);
/// An operator's session ends after this time in any case.
pub const SESSION_AGE_MAX: Duration = Duration::from_secs(90 * 24 * 3600);
/// How often the use of a session is written down.
pub const SESSION_SEEN_EVERY: Duration = Duration::from_secs(5 * 60);
/// A guest's session on one case ends after this time; the link opens it again.
pub const GUEST_SESSION_AGE_MAX: Duration = Duration::from_secs(180 * 24 * 3600);
/// An invitation of an operator is valid for this time.
pub const INVITE_AGE_MAX: Duration = Duration::from_secs(7 * 24 * 3600);
/// Messages that one guest sends within a minute; a person writes far fewer.
pub const GUEST_MESSAGES_PER_MINUTE: u32 = 1_200;
/// The window in which messages, offers and changes of one person are counted.
pub const PACE_WINDOW: Duration = Duration::from_secs(60);
/// People whose pace is remembered at once; beyond it those who paused are forgotten.
pub const PEOPLE_PACED_MAX: usize = 20_000;
/// Browsers that hold a session on one case; beyond it the oldest opens the link again.
pub const GUEST_SESSIONS_PER_CASE_MAX: i64 = 100;
/// Open invitations of one organization.
pub const INVITES_OPEN_MAX: i64 = 200;
/// An idempotency key (other than a message's) is remembered for this time.
pub const IDEMPOTENCY_AGE: Duration = Duration::from_secs(24 * 3600);
/// A guest's arrival is told again in the timeline after this time.
pub const ARRIVAL_EVERY: Duration = Duration::from_secs(30 * 60);

/// Rows of a page of a list when the client names no number.
pub const PAGE_ROWS: i64 = 50;
/// Rows of a page of a list at most.
pub const PAGE_ROWS_MAX: i64 = 100;
/// What is counted beside lists is counted so far; beyond it is told that there are more.
pub const COUNT_MAX: i64 = 1_000;
/// Newest cases of a tag or an operator looked at to choose along which of them a list is read.
pub const REACH_CASES: i64 = 1_000;
/// Cases read at once for an export; each batch is a transaction of its own.
pub const EXPORT_ROWS: i64 = 500;
/// The name of a tag or a saved filter in grapheme clusters.
pub const TAG_NAME_CHARACTERS_MAX: usize = 40;
/// The name of a tag or a saved filter in bytes, 36 for each grapheme cluster.
pub const TAG_NAME_BYTES_MAX: usize = 1_440;
/// Tags of one organization.
pub const TAGS_MAX: i64 = 500;
/// Tags of one case, and of one filter; a merged case keeps those of both.
pub const TAGS_PER_CASE_MAX: usize = 20;
/// Saved filters of one operator.
pub const FILTERS_MAX: i64 = 50;
/// A case is snoozed for this time at most: a year.
pub const SNOOZE_MAX: Duration = Duration::from_secs(366 * 24 * 3600);
/// Entries of a case that can be merged into another: all of them move in one transaction.
pub const MERGE_ENTRIES_MAX: i64 = 10_000;
/// Seats of one organization that whoever runs the server can set.
pub const SEATS_MAX: i64 = 1_000_000;
/// What is typed into the search field in characters.
pub const SEARCH_CHARACTERS_MAX: usize = 200;
/// The newest hits of a search: among them the best come first, behind them everything is newest first.
pub const SEARCH_BEST_HITS: usize = 1_000;
/// Older hits read at once.
pub const SEARCH_OLDER_HITS: usize = 200;
/// Texts of an operator's own cases up to which a search looks at each of them instead of asking the index for all.
pub const SEARCH_OWN_ROWS_MAX: i64 = 20_000;
/// A text of the details in bytes that is searched together with the others; a longer one stands alone.
pub const DETAIL_BYTES_MAX: usize = 600;
/// The piece of a text shown around a hit, in grapheme clusters.
pub const EXCERPT_CHARACTERS: usize = 160;
/// How much of it stands before the hit, in grapheme clusters.
pub const EXCERPT_BEFORE_CHARACTERS: usize = 40;
/// The piece in bytes: a grapheme cluster may be arbitrarily long.
pub const EXCERPT_BYTES_MAX: usize = 4_000;
/// Texts that one transaction puts into the trigram index, when they have waited for it.
pub const SEARCH_SETTLE_ROWS: i64 = 100;
/// Characters that one transaction takes out of the trigram index, each some microseconds; one text at least.
pub const SEARCH_PURGE_CHARACTERS: i64 = 3_000;
/// Events from before an upgrade that one transaction reads into the index.
pub const SEARCH_FILL_EVENTS: i64 = 200;
/// Operators in one page: a team is shown whole.
pub const TEAM_ROWS_MAX: i64 = 500;
/// Cases that one write takes a deactivated operator off; a job does the rest.
pub const RELEASED_CASES_AT_ONCE: i64 = 200;
/// Entries of a page of the timeline at most.
pub const TIMELINE_ROWS_MAX: i64 = 200;

/// Custom fields of one organization, archived ones too.
pub const CUSTOM_FIELDS_MAX: usize = 50;
/// Options of one custom field.
pub const CUSTOM_FIELD_OPTIONS_MAX: usize = 100;
/// Cases looked at in one go when a custom field changes, and events since they were.
pub const SWEEP_ROWS: i64 = 200;
/// Quick responses for everyone, and again for each operator.
pub const QUICK_RESPONSES_MAX: i64 = 500;
/// The greatest radius of a location in metres: half around the earth.
pub const LOCATION_ACCURACY_METRES_MAX: i64 = 20_100_000;

/// Events read from the database at once for live screens.
pub const LIVE_READ_ROWS: i64 = 500;
/// A screen that is further behind than this many events reloads instead of catching up.
pub const LIVE_BEHIND_MAX: i64 = 5_000;
/// Frames waiting for one socket; a reader slower than that is closed and comes back.
pub const LIVE_QUEUE_FRAMES: usize = 256;
/// Time for one frame to leave; a socket stuck longer is closed.
pub const LIVE_SEND_TIMEOUT: Duration = Duration::from_secs(10);
/// A frame from a client at most: they send only pings, typing and looking.
pub const LIVE_FRAME_BYTES_MAX: usize = 4 * 1024;
/// Read buffer of a socket: the library's default of 128 KiB costs 18 times the memory of an idle socket.
pub const LIVE_READ_BUFFER_BYTES: usize = 4 * 1024;
/// What a socket may hold unwritten before it counts as stuck.
pub const LIVE_WRITE_BUFFER_BYTES_MAX: usize = 512 * 1024;
/// Live sockets at once on one node.
pub const LIVE_SOCKETS_MAX: usize = 20_000;
/// Guests' sockets on one case at once: a few tabs and devices, no more.
pub const LIVE_SOCKETS_PER_CASE_MAX: usize = 16;
/// Sockets of one operator at once.
pub const LIVE_SOCKETS_PER_OPERATOR_MAX: usize = 32;
/// A socket without a frame from the client for this many heartbeats is closed.
pub const LIVE_MISSED_HEARTBEATS: u32 = 3;
/// A guest counts as online this long after the last socket closed: a reload is no leaving.
pub const PRESENCE_GRACE: Duration = Duration::from_secs(2);
/// How often a node looks for events whose doorbell it did not hear.
pub const LIVE_POLL_EVERY: Duration = Duration::from_secs(5);
/// Cases of which a node remembers who sees them, where operators are separated; beyond it all are looked up anew.
pub const SIGHT_REMEMBERED_MAX: usize = 10_000;
/// Frames that wait until it is known who sees their case; beyond it they are left out.
pub const SIGHT_WAITING_FRAMES_MAX: usize = 1_000;
/// Online cases named in the first frame at most.
pub const ONLINE_CASES_MAX: usize = 5_000;
/// Frames of one passing kind (typing, looking) passed on per socket and second.
pub const PASSING_PER_SECOND_MAX: u32 = 5;

/// Participants of a call at once.
pub const CALL_PARTICIPANTS_MAX: usize = 8;
/// Guests among them: a link that is opened in many browsers does not keep the team out.
pub const CALL_GUESTS_MAX: usize = 6;
/// An offer (SDP) in bytes; a browser's with eight receiving places has about 16 KiB.
pub const CALL_OFFER_BYTES_MAX: usize = 64 * 1024;
/// Media sections of an offer: two to send, two from each other participant, and room.
pub const CALL_OFFER_SECTIONS_MAX: usize = 32;
/// Joins and further offers of one person within a minute; a browser that fights for its connection sends 15.
pub const CALL_OFFERS_PER_MINUTE: u32 = 60;
/// Joins and further offers of all guests of one case within a minute: six that fight for their connection.
pub const CALL_GUEST_OFFERS_PER_MINUTE: u32 = 120;
/// Changes of microphone and picture that one person tells within a minute.
pub const CALL_CHANGES_PER_MINUTE: u32 = 240;
/// How often it is noted that someone is connected; a call cut off by a crash is told so much too short at most.
pub const CALL_SIGN_EVERY: Duration = Duration::from_secs(15);
/// A call in which nobody was connected for this time ends, also after a restart.
pub const CALL_QUIET_MAX: Duration = Duration::from_secs(60);
/// A participant whose connection is silent for this time is taken out; its token lets it in again.
pub const CALL_SILENCE_MAX: Duration = Duration::from_secs(30);
/// The same for one whose live sockets are gone too: a closed tab.
pub const CALL_AWAY_SILENCE_MAX: Duration = Duration::from_secs(10);
/// How often calls are looked after.
pub const CALL_SWEEP_EVERY: Duration = Duration::from_secs(1);
/// Changes of a call within this time are told together.
pub const CALL_TELL_EVERY: Duration = Duration::from_millis(50);
/// How often it is told who speaks.
pub const CALL_SPEAKING_EVERY: Duration = Duration::from_millis(250);
