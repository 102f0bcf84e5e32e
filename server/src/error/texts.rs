//! The words of each problem, English and German. The web has its own by the same codes; these are for
//! programs' authors and for clients without a catalogue.

use super::{FieldErrorCode, Tongue};

/// Title and detail.
type Words = (&'static str, &'static str);

/// The words of a problem code in both languages.
pub(super) fn texts(code: &str) -> (Words, Words) {
    match code {
        "bad_json" => (
            (
                "Not readable",
                "The request is not valid JSON of the expected form.",
            ),
            (
                "Nicht lesbar",
                "Die Anfrage ist kein gültiges JSON der erwarteten Form.",
            ),
        ),
        "wrong_content_type" => (
            ("Wrong content type", "Send the body as application/json."),
            (
                "Falscher Inhaltstyp",
                "Senden Sie den Inhalt als application/json.",
            ),
        ),
        "body_too_large" => (
            (
                "Too large",
                "The request is larger than the server takes. Send less at once.",
            ),
            (
                "Zu groß",
                "Die Anfrage ist größer, als der Server annimmt. Senden Sie weniger auf einmal.",
            ),
        ),
        "unknown_field" => (
            (
                "Unknown field",
                "The request has a field that does not exist here. Check its spelling.",
            ),
            (
                "Unbekanntes Feld",
                "Die Anfrage enthält ein Feld, das es hier nicht gibt. Prüfen Sie die Schreibweise.",
            ),
        ),
        "invalid_input" => (
            (
                "Please check the fields",
                "Some of the input is not right. Nothing was saved; correct it and send again.",
            ),
            (
                "Bitte prüfen Sie die Felder",
                "Einige Angaben stimmen nicht. Es wurde nichts gespeichert; bitte berichtigen und erneut senden.",
            ),
        ),
        "idempotency_key_missing" => (
            (
                "Key missing",
                "Send the header Idempotency-Key with a new UUID, and the same one when you repeat the request.",
            ),
            (
                "Schlüssel fehlt",
                "Senden Sie den Header Idempotency-Key mit einer neuen UUID, beim Wiederholen mit derselben.",
            ),
        ),
        "idempotency_key_reused" => (
            (
                "Key used before",
                "This Idempotency-Key belongs to another request. Make a new one.",
            ),
            (
                "Schlüssel schon benutzt",
                "Dieser Idempotency-Key gehört zu einer anderen Anfrage. Erzeugen Sie einen neuen.",
            ),
        ),
        "not_signed_in" => (
            ("Not signed in", "Your session has ended. Sign in again."),
            (
                "Nicht angemeldet",
                "Ihre Sitzung ist beendet. Bitte melden Sie sich wieder an.",
            ),
        ),
        "wrong_credentials" => (
            ("Sign-in failed", "Email address or password is not right."),
            (
                "Anmeldung fehlgeschlagen",
                "E-Mail-Adresse oder Passwort ist nicht richtig.",
            ),
        ),
        "forbidden" => (
            (
                "Not allowed",
                "You do not have the right to do this. An administrator can.",
            ),
            (
                "Nicht erlaubt",
                "Sie haben nicht das Recht dazu. Ein Administrator kann es.",
            ),
        ),
        "cross_site" => (
            (
                "Request from another site",
                "This request came from another website and was refused. Open Deskside itself and try again.",
            ),
            (
                "Anfrage von einer anderen Website",
                "Diese Anfrage kam von einer anderen Website und wurde abgelehnt. Öffnen Sie Deskside selbst und versuchen Sie es erneut.",
            ),
        ),
        "not_found" => (
            ("Not found", "This does not exist, or not any more."),
            ("Nicht gefunden", "Das gibt es nicht oder nicht mehr."),
        ),
        "method_not_allowed" => (
            (
                "Not possible here",
                "This address does not take this method.",
            ),
            (
                "Hier nicht möglich",
                "Diese Adresse nimmt diese Methode nicht an.",
            ),
        ),
        "setup_closed" => (
            (
                "Already set up",
                "This server is set up. Sign in, or ask your administrator for an invitation.",
            ),
            (
                "Bereits eingerichtet",
                "Dieser Server ist eingerichtet. Melden Sie sich an oder bitten Sie Ihren Administrator um eine Einladung.",
            ),
        ),
        "setup_link_invalid" => (
            (
                "Set-up link not valid",
                "Open the newest set-up link that the server printed at its start.",
            ),
            (
                "Einrichtungslink ungültig",
                "Öffnen Sie den neuesten Einrichtungslink, den der Server beim Start ausgegeben hat.",
            ),
        ),
        "invite_invalid" => (
            (
                "Invitation not valid",
                "This invitation was used, withdrawn or has expired. Ask your administrator for a new one.",
            ),
            (
                "Einladung ungültig",
                "Diese Einladung wurde benutzt, zurückgezogen oder ist abgelaufen. Bitten Sie Ihren Administrator um eine neue.",
            ),
        ),
        "email_taken" => (
            (
                "Email address in use",
                "Someone with this email address is already here. Sign in, or use another address.",
            ),
            (
                "E-Mail-Adresse vergeben",
                "Diese E-Mail-Adresse wird hier bereits benutzt. Melden Sie sich an oder nehmen Sie eine andere.",
            ),
        ),
        "field_conflict" => (
            (
                "Changed by someone else",
                "Someone saved this field while you were writing. Both texts are kept; choose which one stays.",
            ),
            (
                "Von jemand anderem geändert",
                "Jemand hat dieses Feld gespeichert, während Sie schrieben. Beide Texte sind erhalten; wählen Sie, welcher bleibt.",
            ),
        ),
        "case_completed" => (
            (
                "Case completed",
                "This case is completed. Reopen it to go on.",
            ),
            (
                "Fall abgeschlossen",
                "Dieser Fall ist abgeschlossen. Öffnen Sie ihn wieder, um weiterzumachen.",
            ),
        ),
        "case_not_completed" => (
            ("Case is open", "This case is not completed."),
            ("Fall ist offen", "Dieser Fall ist nicht abgeschlossen."),
        ),
        "case_deleted" => (
            (
                "Case deleted",
                "This case and everything in it was deleted.",
            ),
            (
                "Fall gelöscht",
                "Dieser Fall und alles darin wurde gelöscht.",
            ),
        ),
        "link_unknown" => (
            (
                "Link unknown",
                "We do not know this link. Open it once more from your invitation.",
            ),
            (
                "Link unbekannt",
                "Wir kennen diesen Link nicht. Öffnen Sie ihn bitte noch einmal aus Ihrer Einladung.",
            ),
        ),
        "call_ended" => (
            ("Call ended", "This call has ended. You can still write."),
            (
                "Anruf beendet",
                "Dieser Anruf ist beendet. Sie können weiterhin schreiben.",
            ),
        ),
        "call_full" => (
            (
                "Call full",
                "There are as many people in this call as it takes. Join when someone has left.",
            ),
            (
                "Anruf voll",
                "In diesem Anruf sind so viele Personen, wie hineinpassen. Treten Sie bei, wenn jemand gegangen ist.",
            ),
        ),
        "call_moved" => (
            (
                "Joined elsewhere",
                "You joined this call from another window. Join again here to go on in this one.",
            ),
            (
                "Anderswo beigetreten",
                "Sie sind diesem Anruf in einem anderen Fenster beigetreten. Treten Sie hier erneut bei, um in diesem weiterzumachen.",
            ),
        ),
        "call_peer_gone" => (
            (
                "Connection gone",
                "The server no longer has this connection. Join the call again.",
            ),
            (
                "Verbindung verloren",
                "Der Server hat diese Verbindung nicht mehr. Treten Sie dem Anruf erneut bei.",
            ),
        ),
        "calls_unavailable" => (
            (
                "No calls now",
                "The server cannot carry this call now. Try again in a moment; you can still write.",
            ),
            (
                "Zurzeit keine Anrufe",
                "Der Server kann diesen Anruf gerade nicht führen. Versuchen Sie es gleich erneut; Sie können weiterhin schreiben.",
            ),
        ),
        "offer_invalid" => (
            (
                "Offer not usable",
                "The connection offer of this browser cannot be used. Reload the page, or try another browser.",
            ),
            (
                "Angebot nicht verwendbar",
                "Das Verbindungsangebot dieses Browsers ist nicht verwendbar. Laden Sie die Seite neu oder nehmen Sie einen anderen Browser.",
            ),
        ),
        "bad_cursor" => (
            (
                "Place in the list unknown",
                "The cursor is not one that this list gave. Start from the first page.",
            ),
            (
                "Stelle in der Liste unbekannt",
                "Dieser Cursor stammt nicht aus dieser Liste. Beginnen Sie mit der ersten Seite.",
            ),
        ),
        "bad_limit" => (
            (
                "Limit out of range",
                "Ask for at least one row and no more than the greatest page.",
            ),
            (
                "Anzahl außerhalb des Bereichs",
                "Fordern Sie mindestens eine Zeile an und höchstens die größte Seite.",
            ),
        ),
        "too_many_invites" => (
            (
                "Too many open invitations",
                "Withdraw invitations that nobody needs any more, then invite again.",
            ),
            (
                "Zu viele offene Einladungen",
                "Ziehen Sie nicht mehr benötigte Einladungen zurück und laden Sie dann erneut ein.",
            ),
        ),
        "too_many_attempts" => (
            ("Too many attempts", "Please wait a little, then try again."),
            (
                "Zu viele Versuche",
                "Bitte warten Sie etwas und versuchen Sie es dann erneut.",
            ),
        ),
        "overloaded" => (
            (
                "Very busy",
                "The server is very busy. Nothing was changed; try again in a moment.",
            ),
            (
                "Stark ausgelastet",
                "Der Server ist stark ausgelastet. Es wurde nichts geändert; bitte gleich erneut versuchen.",
            ),
        ),
        "not_saved" => (
            (
                "Not saved",
                "This could not be saved now. Nothing was changed; try again in a moment.",
            ),
            (
                "Nicht gespeichert",
                "Das konnte gerade nicht gespeichert werden. Es wurde nichts geändert; bitte gleich erneut versuchen.",
            ),
        ),
        "storage_full" => (
            (
                "Not saved: storage full",
                "The server has no room left. Tell whoever runs it; nothing was changed.",
            ),
            (
                "Nicht gespeichert: Speicher voll",
                "Der Server hat keinen Platz mehr. Sagen Sie der Person Bescheid, die ihn betreibt; es wurde nichts geändert.",
            ),
        ),
        _ => (
            (
                "Something went wrong",
                "The server failed at this. Try again; if it stays, give the request id to whoever runs it.",
            ),
            (
                "Etwas ist schiefgegangen",
                "Der Server ist daran gescheitert. Versuchen Sie es erneut; bleibt es dabei, nennen Sie der Person, die ihn betreibt, die Anfragekennung.",
            ),
        ),
    }
}

/// The words of a field error.
pub(super) fn field_words(code: FieldErrorCode, tongue: Tongue) -> &'static str {
    let (en, de) = match code {
        FieldErrorCode::Required => ("Please fill this in.", "Bitte ausfüllen."),
        FieldErrorCode::TooLong => ("This is too long.", "Das ist zu lang."),
        FieldErrorCode::TooShort => ("This is too short.", "Das ist zu kurz."),
        FieldErrorCode::Invalid => (
            "This is not of the right form.",
            "Das hat nicht die richtige Form.",
        ),
        FieldErrorCode::ControlCharacters => (
            "This holds characters that cannot be shown.",
            "Das enthält Zeichen, die nicht dargestellt werden können.",
        ),
        FieldErrorCode::CountryCodeMissing => (
            "Begin with + and the country code, for example +49 170 1234567.",
            "Beginnen Sie mit + und der Landesvorwahl, zum Beispiel +49 170 1234567.",
        ),
        FieldErrorCode::UnknownValue => {
            ("This value is not known.", "Dieser Wert ist nicht bekannt.")
        }
        FieldErrorCode::TooCommon => (
            "Too many people use this password. Choose another.",
            "Dieses Passwort benutzen zu viele. Wählen Sie ein anderes.",
        ),
    };
    match tongue {
        Tongue::En => en,
        Tongue::De => de,
    }
}
