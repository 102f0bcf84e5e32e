//! Someone in a call: an operator or a guest with a participant's secret and, where wanted, a connection.

use serde_json::{Value, json};

use super::actor::text;
use super::peer::{Peer, RunningPeer};
use super::{Actor, Answer};

/// How often a join is tried that the server asks to repeat; fewer than it takes of one person in a minute.
const TRIES: usize = 20;

/// A participant of a call.
pub struct Caller {
    /// Who it is.
    pub actor: Actor,
    /// Where the call is, for this one.
    pub call: String,
    /// The participant's id.
    pub id: String,
    /// The participant's secret.
    pub token: String,
    /// The offer that it joined with.
    pub offer: String,
    /// What the answer to the join said.
    pub joined: Value,
    /// The connection.
    pub peer: Option<RunningPeer>,
}

/// Starts a call, or finds the open one; its id.
pub async fn start_call(operator: &Actor, case: &str) -> String {
    let answer = operator
        .post(&format!("/cases/{case}/calls"), json!({}))
        .await;
    assert!([200, 201].contains(&answer.status), "{answer:?}");
    text(&answer.json(), "id").to_owned()
}

/// The body of a join.
pub fn joining(offer: &str, token: Option<&str>) -> Value {
    let mut body = json!({ "offer": offer, "microphone": "on", "video": "camera" });
    if let Some(token) = token {
        body["token"] = token.into();
    }
    body
}

impl Caller {
    /// An operator joins and connects.
    pub async fn operator(actor: &Actor, case: &str, call: &str) -> Caller {
        Self::connect(actor, &format!("/cases/{case}/calls/{call}"), None).await
    }

    /// A guest joins and connects.
    pub async fn guest(actor: &Actor, case: &str, call: &str) -> Caller {
        Self::connect(actor, &format!("/guest/cases/{case}/calls/{call}"), None).await
    }

    /// Joins and connects, maybe as an earlier participant.
    pub async fn connect(actor: &Actor, call: &str, token: Option<&str>) -> Caller {
        actor.media_turn().await;
        let peer = Peer::new();
        let mut caller = Self::join(actor, call, &peer.offer, token).await;
        caller.peer = Some(peer.run(text(&caller.joined, "answer")));
        caller
    }

    /// An operator joins and never connects.
    pub async fn silent_operator(actor: &Actor, case: &str, call: &str) -> Caller {
        let call = format!("/cases/{case}/calls/{call}");
        Self::join(actor, &call, &super::offer(), None).await
    }

    /// A guest joins and never connects.
    pub async fn silent_guest(actor: &Actor, case: &str, call: &str) -> Caller {
        let call = format!("/guest/cases/{case}/calls/{call}");
        Self::join(actor, &call, &super::offer(), None).await
    }

    /// Joins with this offer and never connects, maybe as an earlier participant.
    pub async fn join(actor: &Actor, call: &str, offer: &str, token: Option<&str>) -> Caller {
        let path = format!("{call}/participants");
        let mut answer = actor.post(&path, joining(offer, token)).await;
        for _ in 0..TRIES {
            // On a machine that is busy with other things the workers may ask for patience.
            if answer.status != 503 {
                break;
            }
            answer = actor.post(&path, joining(offer, token)).await;
        }
        let joined = answer.expect(201);
        Caller {
            actor: actor.clone(),
            call: call.to_owned(),
            id: text(&joined, "participant_id").to_owned(),
            token: text(&joined, "token").to_owned(),
            offer: offer.to_owned(),
            joined,
            peer: None,
        }
    }

    /// The same participant comes back after a reload, with a new connection.
    pub async fn reload(&mut self) -> Value {
        self.peer = None;
        let again = Self::connect(&self.actor, &self.call, Some(&self.token)).await;
        let joined = again.joined.clone();
        *self = again;
        joined
    }

    /// Offers once more what it offered.
    pub async fn offer(&self) -> Answer {
        let body = json!({ "token": self.token, "offer": self.offer });
        let path = format!("{}/participants/{}/offer", self.call, self.id);
        self.actor.post(&path, body).await
    }

    /// Says how microphone and picture stand.
    pub async fn media(&self, microphone: &str, video: &str) -> Answer {
        let body = json!({ "token": self.token, "microphone": microphone, "video": video });
        let path = format!("{}/participants/{}/media", self.call, self.id);
        self.actor.put(&path, body).await
    }

    /// Leaves by the button.
    pub async fn leave(&self) -> Answer {
        let path = format!("{}/participants/{}/leave", self.call, self.id);
        self.actor.post(&path, json!({ "token": self.token })).await
    }

    /// The call as this one reads it.
    pub async fn read(&self) -> Value {
        self.actor.get(&self.call).await.expect(200)
    }
}
