//! A call as everyone in its case sees it: the same for operators and guests. Of operators it says the name,
//! of guests only which one; nothing here is anyone's secret.

use deskside_db::Time;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::events::OperatorRef;
use crate::ids::{CallId, CaseId, OperatorId, ParticipantId};

/// A live session of a case: one at most is open in a case.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Call {
    /// Its id.
    pub id: CallId,
    /// The case.
    pub case_id: CaseId,
    /// When it was started.
    pub started_at: Time,
    /// Who started it.
    pub started_by: OperatorRef,
    /// When it ended; while it goes on, none.
    pub ended_at: Option<Time>,
    /// Grows with each change, also over restarts of the server: an older one is not news.
    pub revision: i64,
    /// Who is in it, in the order of joining; one for each person.
    pub participants: Vec<Participant>,
}

/// One browser of one person in a call.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Participant {
    /// Its id.
    pub id: ParticipantId,
    /// Operator or guest.
    pub kind: ParticipantKind,
    /// Which operator.
    pub operator_id: Option<OperatorId>,
    /// The operator's name; a guest is shown by the case's name.
    pub name: Option<String>,
    /// When it joined.
    pub joined_at: Time,
    /// Its sound.
    pub microphone: Microphone,
    /// Its picture.
    pub video: Video,
    /// Whether packets came from it within the last two seconds; else it is reconnecting.
    pub connected: bool,
    /// How well packets get through.
    pub quality: Quality,
    /// What it should send as picture at most, in kbit/s; 0: nobody can take one.
    pub send_max_kbps: u32,
    /// What it receives, and where.
    pub slots: Vec<Slot>,
    /// Tracks that it has no receiving place for: its next offer should bring that many more.
    pub slots_missing: u32,
}

/// The kinds of participants.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema, Hash)]
#[serde(rename_all = "snake_case")]
pub enum ParticipantKind {
    /// An operator.
    Operator,
    /// A guest of the case.
    Guest,
}

impl ParticipantKind {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            ParticipantKind::Operator => "operator",
            ParticipantKind::Guest => "guest",
        }
    }

    /// From what is stored; who is no operator is a guest.
    pub fn parse(text: &str) -> Self {
        if text == "operator" {
            ParticipantKind::Operator
        } else {
            ParticipantKind::Guest
        }
    }
}

/// How someone's microphone stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Microphone {
    /// It sends.
    On,
    /// Switched off.
    #[default]
    Off,
    /// There is none, or it may not be used.
    Absent,
    /// The system took it away: a phone call.
    Interrupted,
}

/// What someone's picture is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Video {
    /// The camera.
    Camera,
    /// The screen.
    Screen,
    /// Switched off.
    #[default]
    Off,
    /// There is no camera, or it may not be used.
    Absent,
    /// The system took the camera away.
    Interrupted,
}

/// How well packets get through to a participant and back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Quality {
    /// Nothing to say.
    #[default]
    Good,
    /// Some loss or delay.
    Weak,
    /// Much loss, or a picture withheld.
    Poor,
}

/// What comes in one receiving place of a participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Slot {
    /// The id of the media section in the participant's own offer.
    pub mid: String,
    /// Sound or picture.
    pub kind: TrackKind,
    /// Whose it is.
    pub from: ParticipantId,
    /// A picture that is withheld: the participant's link is too slow for it.
    pub paused: bool,
}

/// The kinds of tracks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum TrackKind {
    /// Sound.
    Audio,
    /// Picture.
    Video,
}

/// What a participant gets for joining.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Joined {
    /// Its id.
    pub participant_id: ParticipantId,
    /// Its secret: who holds it, and is the same person, is this participant again.
    pub token: String,
    /// The answer to the offer (SDP, RFC 8866).
    pub answer: String,
    /// The call with it inside.
    pub call: Call,
}

/// What a participant gets for a further offer.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
pub struct Answered {
    /// The answer to the offer (SDP, RFC 8866).
    pub answer: String,
    /// The call as it stands.
    pub call: Call,
}
