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
        "seat_required" => (
            (
                "No seat",
                "You can look at everything here, but working on cases needs a seat. An administrator can give you one.",
            ),
            (
                "Kein Platz",
                "Sie können hier alles ansehen, doch die Arbeit an Fällen braucht einen Platz. Ein Administrator kann Ihnen einen zuweisen.",
            ),
        ),
        "right_missing" => (
            (
                "Not among your rights",
                "Your account does not have the right to do this. An administrator can do it, or give you the right.",
            ),
            (
                "Recht fehlt",
                "Ihr Konto hat nicht das Recht dazu. Ein Administrator kann es tun oder Ihnen das Recht geben.",
            ),
        ),
        "limit_reached" => (
            (
                "No more of these",
                "There are as many of these as there may be. Delete one that you no longer need.",
            ),
            (
                "Mehr gibt es davon nicht",
                "Davon gibt es schon so viele wie möglich. Löschen Sie etwas, das Sie nicht mehr brauchen.",
            ),
        ),
        "field_in_use" => (
            (
                "Field in use",
                "Cases hold values of this field that would be lost. Nothing was changed; change those values first, or archive the field.",
            ),
            (
                "Feld wird benutzt",
                "In Fällen stehen Werte dieses Feldes, die verloren gingen. Es wurde nichts geändert; ändern Sie zuerst diese Werte oder archivieren Sie das Feld.",
            ),
        ),
        "fields_required" => (
            (
                "Fields still empty",
                "Some fields must be filled in before the case is completed.",
            ),
            (
                "Felder noch leer",
                "Einige Felder müssen ausgefüllt sein, bevor der Fall abgeschlossen wird.",
            ),
        ),
        "location_off" => (
            (
                "Location is off",
                "Your organization does not ask for locations. An administrator can turn this on in the settings.",
            ),
            (
                "Standort ist ausgeschaltet",
                "Ihre Organisation fragt nicht nach Standorten. Ein Administrator kann das in den Einstellungen einschalten.",
            ),
        ),
        "location_not_asked" => (
            (
                "Not asked any more",
                "This question for the location is answered or was withdrawn. Nothing was stored.",
            ),
            (
                "Nicht mehr gefragt",
                "Diese Frage nach dem Standort ist beantwortet oder wurde zurückgezogen. Es wurde nichts gespeichert.",
            ),
        ),
        "plan_required" => (
            (
                "Not in this plan",
                "Your organization's plan does not include this. Whoever runs the server can change the plan.",
            ),
            (
                "Nicht im Tarif",
                "Der Tarif Ihrer Organisation enthält das nicht. Wer den Server betreibt, kann den Tarif ändern.",
            ),
        ),
        "case_taken" => (
            (
                "Already taken",
                "A colleague was faster and has taken this case.",
            ),
            (
                "Schon übernommen",
                "Ein Kollege oder eine Kollegin war schneller und hat diesen Fall übernommen.",
            ),
        ),
        "last_administrator" => (
            (
                "The last administrator",
                "An organization needs one active administrator. Make somebody else an administrator first.",
            ),
            (
                "Der letzte Administrator",
                "Eine Organisation braucht einen aktiven Administrator. Machen Sie zuerst jemand anderen dazu.",
            ),
        ),
        "no_seat_free" => (
            (
                "No seat free",
                "All seats of your organization are in use. Take one from somebody first, or ask whoever runs the server for more.",
            ),
            (
                "Kein Platz frei",
                "Alle Plätze Ihrer Organisation sind vergeben. Entziehen Sie zuerst jemandem einen oder fragen Sie die Person, die den Server betreibt, nach weiteren.",
            ),
        ),
        "operator_unavailable" => (
            (
                "Cannot take cases",
                "This colleague is deactivated or has no seat, and cannot take cases. Choose another.",
            ),
            (
                "Kann keine Fälle übernehmen",
                "Dieses Konto ist deaktiviert oder hat keinen Platz und kann keine Fälle übernehmen. Wählen Sie jemand anderen.",
            ),
        ),
        "placeholder_left" => (
            (
                "A placeholder is left",
                "The message still holds a placeholder. Fill it in or take it out, then send again.",
            ),
            (
                "Ein Platzhalter ist übrig",
                "Die Nachricht enthält noch einen Platzhalter. Füllen Sie ihn aus oder entfernen Sie ihn, dann senden Sie erneut.",
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
        "reset_invalid" => (
            (
                "Link not valid",
                "This link to a new password is used, has ended or was replaced by a newer one. Ask for a new link.",
            ),
            (
                "Link ungültig",
                "Dieser Link zu einem neuen Passwort ist benutzt, abgelaufen oder durch einen neueren ersetzt. Fordern Sie einen neuen an.",
            ),
        ),
        "picture_invalid" => (
            (
                "No picture",
                "This is no picture that can be read. Choose a PNG, JPEG or WebP file.",
            ),
            (
                "Kein Bild",
                "Das ist kein lesbares Bild. Wählen Sie eine PNG-, JPEG- oder WebP-Datei.",
            ),
        ),
        "picture_too_large" => (
            (
                "Picture too large",
                "The picture is larger than 5 MB or 8000 pixels on a side. Choose a smaller one.",
            ),
            (
                "Bild zu groß",
                "Das Bild ist größer als 5 MB oder 8000 Pixel je Seite. Wählen Sie ein kleineres.",
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
        "case_merged" => (
            (
                "Case merged",
                "This case was merged into another one. Everything in it stands there now.",
            ),
            (
                "Fall zusammengeführt",
                "Dieser Fall wurde mit einem anderen zusammengeführt. Alles daraus steht jetzt dort.",
            ),
        ),
        "call_open" => (
            (
                "Call going on",
                "A call is going on in one of these cases. End it first, then merge them.",
            ),
            (
                "Laufender Anruf",
                "In einem dieser Fälle läuft ein Anruf. Beenden Sie ihn zuerst und führen Sie die Fälle dann zusammen.",
            ),
        ),
        "merge_too_large" => (
            (
                "Case too large to merge",
                "This case has more than 10,000 entries, or the notes of both are longer than 20,000 characters together. Merge the other way round, or shorten the notes.",
            ),
            (
                "Fall zu groß zum Zusammenführen",
                "Dieser Fall hat mehr als 10.000 Einträge, oder die Notizen beider sind zusammen länger als 20.000 Zeichen. Führen Sie umgekehrt zusammen, oder kürzen Sie die Notizen.",
            ),
        ),
        "merge_drafts_too_long" => (
            (
                "Drafts too long to merge",
                "Someone has begun an answer in both cases, and together they are longer than 20,000 characters. `drafts_of` says who: one of the two must be sent or shortened before you merge.",
            ),
            (
                "Entwürfe zu lang zum Zusammenführen",
                "Jemand hat in beiden Fällen eine Antwort begonnen, und zusammen sind sie länger als 20.000 Zeichen. `drafts_of` nennt, wer: Eine der beiden muss gesendet oder gekürzt werden, bevor Sie zusammenführen.",
            ),
        ),
        "merge_with_itself" => (
            (
                "The same case",
                "A case cannot be merged with itself. Choose another one.",
            ),
            (
                "Derselbe Fall",
                "Ein Fall kann nicht mit sich selbst zusammengeführt werden. Wählen Sie einen anderen.",
            ),
        ),
        "not_on_case" => (
            ("Not your case", "You are not on this case. Join it first."),
            (
                "Nicht Ihr Fall",
                "Sie arbeiten nicht an diesem Fall. Treten Sie ihm zuerst bei.",
            ),
        ),
        "tag_exists" => (
            (
                "Tag exists",
                "There is a tag with this name already. Choose another name.",
            ),
            (
                "Tag vorhanden",
                "Es gibt bereits ein Tag mit diesem Namen. Wählen Sie einen anderen Namen.",
            ),
        ),
        "too_many_tags" => (
            (
                "Too many tags",
                "A case can have 20 tags, an organization 500. Remove one first.",
            ),
            (
                "Zu viele Tags",
                "Ein Fall kann 20 Tags haben, eine Organisation 500. Entfernen Sie zuerst eines.",
            ),
        ),
        "too_many_filters" => (
            (
                "Too many saved filters",
                "You can save 50 filters. Delete one first.",
            ),
            (
                "Zu viele gespeicherte Filter",
                "Sie können 50 Filter speichern. Löschen Sie zuerst einen.",
            ),
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
        FieldErrorCode::Taken => (
            "This is used already. Choose another.",
            "Das wird schon benutzt. Wählen Sie etwas anderes.",
        ),
        FieldErrorCode::UnknownPlaceholder => (
            "A name in braces is not known, or a brace is missing or too many. Use one of the placeholders offered.",
            "Ein Name in geschweiften Klammern ist nicht bekannt, oder eine Klammer fehlt oder ist zu viel. Nehmen Sie einen der angebotenen Platzhalter.",
        ),
        FieldErrorCode::WrongPassword => (
            "This is not your current password.",
            "Das ist nicht Ihr aktuelles Passwort.",
        ),
        FieldErrorCode::Past => (
            "This time is over. Choose a later one.",
            "Diese Zeit ist schon vorbei. Wählen Sie eine spätere.",
        ),
        FieldErrorCode::TooFar => (
            "This time is too far off. Choose an earlier one.",
            "Diese Zeit ist zu weit weg. Wählen Sie eine frühere.",
        ),
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
