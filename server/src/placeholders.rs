//! Placeholders of prepared texts: `{case_name}` and the like, with the same names in every text (V67).
//!
//! Whoever writes the message fills them in before sending, on the screen where the result is seen; the server
//! keeps texts with unknown names out, and lets no message to a customer leave with a hole in it (P24).

use crate::error::FieldErrorCode;
use crate::limits;

/// The names that stand for something.
pub const NAMES: [&str; 7] = [
    "case_name",
    "case_number",
    "operator_name",
    "organization_name",
    "contact_email",
    "contact_phone",
    "guest_link",
];

/// What stands between braces on one line, trimmed; not empty braces, not braces in braces.
fn braced(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| {
        let (inner, _) = rest.split_once('}')?;
        let name = inner.trim();
        let is_name = !name.is_empty()
            && !inner.contains('\n')
            && inner.chars().count() <= limits::PLACEHOLDER_CHARACTERS_MAX;
        is_name.then_some(name)
    })
}

/// Checks a text that is kept for later: each name in braces must be one of [`NAMES`], written as it stands there.
///
/// # Errors
/// `UnknownPlaceholder`.
pub fn check(text: &str) -> Result<(), FieldErrorCode> {
    let mut known = 0;
    for name in braced(text) {
        if !NAMES.contains(&name) {
            return Err(FieldErrorCode::UnknownPlaceholder);
        }
        known += 1;
    }
    // `{ case_name }` would be found here and by nobody who fills it in.
    let written = NAMES
        .iter()
        .map(|name| text.matches(&format!("{{{name}}}")).count())
        .sum::<usize>();
    if written == known {
        Ok(())
    } else {
        Err(FieldErrorCode::UnknownPlaceholder)
    }
}

/// The first placeholder in a text that nobody has filled in, for example `{case_name}`.
pub fn left(text: &str) -> Option<String> {
    braced(text)
        .find(|name| NAMES.contains(name))
        .map(|name| format!("{{{name}}}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_names_may_stand_in_a_text_and_others_not() {
        for good in [
            "",
            "Hello",
            "Hello {case_name}, this is {operator_name} of {organization_name}.",
            "{case_name}{case_name}",
            "#{case_number}: {guest_link} {contact_email} {contact_phone}",
            "a { b",
            "a } b",
            "{}",
            "{ }",
            "{\n}",
            "{first\nsecond}",
            "Use {{case_name}} so",
        ] {
            assert_eq!(check(good), Ok(()), "{good:?}");
        }
        for bad in [
            "{customer}",
            "Hello {customer name}",
            "{Case_Name}",
            "{ case_name }",
            "{case_name} and {case-name}",
            "{…}",
            "{{x}}",
        ] {
            assert_eq!(
                check(bad),
                Err(FieldErrorCode::UnknownPlaceholder),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_hole_is_seen_and_other_braces_are_none() {
        assert_eq!(
            left("Hello {case_name}, {operator_name}").as_deref(),
            Some("{case_name}")
        );
        assert_eq!(
            left("Hello { guest_link }").as_deref(),
            Some("{guest_link}")
        );
        for whole in ["Hello Nick", "{x}", "f(x) { return; }", "{case_name"] {
            assert_eq!(left(whole), None, "{whole}");
        }
    }
}
