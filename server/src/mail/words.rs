//! What every email says, in English and German.

use crate::cases::Language;

/// Subject and text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// One line.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// An invitation to the team, in the inviter's language.
pub fn invitation(language: Language, organization: &str, by: &str, link: &str) -> Words {
    match language {
        Language::En => Words {
            subject: format!("{by} invites you to {organization}"),
            text: format!(
                "Hello,\n\n{by} invites you to work on cases together at {organization}.\n\nAccept the invitation here:\n{link}\n\n\
                 The link works once and for seven days. If you do not expect it, do nothing.\n"
            ),
        },
        Language::De => Words {
            subject: format!("{by} lädt Sie zu {organization} ein"),
            text: format!(
                "Guten Tag,\n\n{by} lädt Sie ein, bei {organization} gemeinsam an Fällen zu arbeiten.\n\nHier nehmen Sie die Einladung an:\n{link}\n\n\
                 Der Link gilt einmal und sieben Tage lang. Wenn Sie ihn nicht erwarten, tun Sie einfach nichts.\n"
            ),
        },
    }
}

/// The way to a new password.
pub fn reset(language: Language, organization: &str, name: &str, link: &str) -> Words {
    match language {
        Language::En => Words {
            subject: format!("A new password for {organization}"),
            text: format!(
                "Hello {name},\n\nsomeone has asked for a new password for your account at {organization}.\n\nChoose it here:\n{link}\n\n\
                 The link works once and for one hour, and ends the links of earlier emails. Afterwards you are signed out everywhere.\n\n\
                 If it was not you, do nothing: your password stays as it is, and nobody gets in just by asking. \
                 If it happens again, tell an administrator of {organization}.\n"
            ),
        },
        Language::De => Words {
            subject: format!("Ein neues Passwort für {organization}"),
            text: format!(
                "Guten Tag {name},\n\njemand hat ein neues Passwort für Ihr Konto bei {organization} angefordert.\n\nHier legen Sie es fest:\n{link}\n\n\
                 Der Link gilt einmal und eine Stunde lang; Links aus früheren E-Mails gelten nicht mehr. Danach sind Sie überall abgemeldet.\n\n\
                 Wenn Sie das nicht waren, tun Sie nichts: Ihr Passwort bleibt, wie es ist, und durch die Anforderung allein kommt niemand hinein. \
                 Wenn es wieder vorkommt, sagen Sie es einem Administrator von {organization}.\n"
            ),
        },
    }
}

/// The password is another one now.
pub fn password_changed(language: Language, organization: &str, name: &str, desk: &str) -> Words {
    match language {
        Language::En => Words {
            subject: format!("Your password for {organization} was changed"),
            text: format!(
                "Hello {name},\n\nthe password of your account at {organization} was changed. Other devices were signed out.\n\n\
                 If it was you, there is nothing to do.\n\n\
                 If it was not you, choose a new password at once with \"Forgot your password?\" at\n{desk}\n\
                 and tell an administrator of {organization}.\n"
            ),
        },
        Language::De => Words {
            subject: format!("Ihr Passwort für {organization} wurde geändert"),
            text: format!(
                "Guten Tag {name},\n\ndas Passwort Ihres Kontos bei {organization} wurde geändert. Andere Geräte wurden abgemeldet.\n\n\
                 Wenn Sie das waren, ist nichts zu tun.\n\n\
                 Wenn Sie es nicht waren, legen Sie sofort ein neues fest, mit „Passwort vergessen?“ auf\n{desk}\n\
                 und sagen Sie es einem Administrator von {organization}.\n"
            ),
        },
    }
}
