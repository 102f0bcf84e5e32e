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

/// Stands for a placeholder that is written as it should be; no text that people may type holds it.
const WHOLE: char = '\0';

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

fn is_of_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Whether two characters may stand for each other in a name that someone has mistyped.
fn is_alike(of_name: char, c: char) -> bool {
    of_name.eq_ignore_ascii_case(&c) || (of_name == '_' && matches!(c, ' ' | '-'))
}

/// Whether `text` begins with a known name, small or large, with blanks or `-` in it for `_`, and the word ends there.
fn begins_with(mut text: impl Iterator<Item = char>, name: impl Iterator<Item = char>) -> bool {
    for of_name in name {
        if !text.next().is_some_and(|c| is_alike(of_name, c)) {
            return false;
        }
    }
    !text.next().is_some_and(is_of_word)
}

/// Checks a text that is kept for later: each name in braces must be one of [`NAMES`], written as it stands there, in one
/// pair of braces.
///
/// A brace that touches a word on its inner side (`{name` or `name}`) belongs to a placeholder, and so does one before or
/// behind a known name, however that is spelled; there are no halves and no doubles of these. Other braces may stand in a
/// text: alone, empty, around several lines, or as part of signs such as `:-{`.
///
/// # Errors
/// `UnknownPlaceholder`.
pub fn check(text: &str) -> Result<(), FieldErrorCode> {
    let rest = NAMES.iter().fold(text.to_owned(), |rest, name| {
        rest.replace(&format!("{{{name}}}"), &WHOLE.to_string())
    });
    let touches = |c: char| c == WHOLE || is_of_word(c);
    let is_half = |(at, c): (usize, char)| match c {
        '{' => rest[at + 1..].starts_with(touches),
        '}' => rest[..at].ends_with(touches),
        _ => false,
    };
    let is_wrong =
        braced(&rest).next().is_some() || rest.char_indices().any(is_half) || left(&rest).is_some();
    match is_wrong {
        false => Ok(()),
        true => Err(FieldErrorCode::UnknownPlaceholder),
    }
}

/// The first placeholder in a text that nobody has filled in, for example `{case_name}`: a known name with a brace before
/// or behind it. A lost brace, a second one, a blank or a large letter make no text of it that a customer should read.
pub fn left(text: &str) -> Option<String> {
    const BLANKS: [char; 2] = [' ', '\t'];
    let beside = |(at, c): (usize, char)| {
        NAMES.into_iter().find(|name| match c {
            '{' => begins_with(
                text[at + 1..].trim_start_matches(BLANKS).chars(),
                name.chars(),
            ),
            '}' => begins_with(
                text[..at].trim_end_matches(BLANKS).chars().rev(),
                name.chars().rev(),
            ),
            _ => false,
        })
    };
    let name = text.char_indices().find_map(beside)?;
    Some(format!("{{{name}}}"))
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
            "{ first\nsecond }",
            "{}{case_name}{}",
            "Sad :-{\nand glad :-}",
            "{\"a\":\n1 }",
            "{ case_names",
            "The case name",
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
            "{first\nsecond}",
            "Hi {case_name",
            "Hi { case_name",
            "Hi {Case name, how are you?",
            "Hi case_name}",
            "Hi case name }",
            "{{case_name}}",
            "{{case_name}",
            "{case_name}}",
            "{ {case_name} }",
            "{case_name\n}",
            "{\ncase_name}",
            "Hi {customer_name",
            "Hi {name",
            "name}",
            "{case_name}{case_number",
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
        for hole in [
            "Hi {case_name",
            "Hi case_name}",
            "{{case_name}}",
            "{Case_Name}",
            "{case name, yes}",
            "{\tcase-name }",
            "{case_name\n}",
        ] {
            assert_eq!(left(hole).as_deref(), Some("{case_name}"), "{hole}");
        }
        for whole in [
            "Hello Nick",
            "{x}",
            "f(x) { return; }",
            "case_name",
            "{case_names}",
            "{my_case_name}",
            "{\ncase_name\n}",
            "Ä{ß}",
        ] {
            assert_eq!(left(whole), None, "{whole}");
        }
    }
}
