//! Checks of what people type. Each returns the text as it is kept, or why not.

use unicode_segmentation::UnicodeSegmentation;

use crate::error::{FieldError, FieldErrorCode};
use crate::limits;

/// Collects the field errors of one request, so that a form shows all of them at once.
#[derive(Default)]
pub struct Checks {
    errors: Vec<FieldError>,
}

type Check = Result<String, FieldErrorCode>;

impl Checks {
    /// Notes the error of `field`, if any, and hands on the text.
    pub fn take(&mut self, field: &str, check: Check) -> String {
        match check {
            Ok(text) => text,
            Err(code) => {
                self.errors.push(FieldError::new(field, code));
                String::new()
            }
        }
    }

    /// Ends the checks: an error when any field has one.
    pub fn done(self) -> Result<(), crate::error::Error> {
        if self.errors.is_empty() {
            Ok(())
        } else {
            Err(crate::error::Error::Invalid(self.errors))
        }
    }
}

/// Whether a character may stand in text of one line: no control characters, no line or
/// paragraph separators, no marks that turn the direction of what follows.
fn one_line(c: char) -> bool {
    !c.is_control()
        && !matches!(c, '\u{2028}' | '\u{2029}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}')
}

/// Whether a reader sees something of a character: it is no blank, no control character, none that Unicode lets programs
/// ignore (`Default_Ignorable_Code_Point` of Unicode 16, DerivedCoreProperties.txt), no other mark of format, not the
/// Braille pattern without dots. Arabic signs that stand before a number are marks of format, and seen.
fn is_visible(c: char) -> bool {
    !c.is_whitespace()
        && !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{13430}'..='\u{13440}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d159}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// Whether nothing of a text can be seen. Joiners and variants inside a text that can be seen are part of it.
pub fn is_blank(text: &str) -> bool {
    !text.chars().any(is_visible)
}

fn name(text: &str, characters_max: usize, bytes_max: usize) -> Check {
    let text = text.trim();
    if !text.chars().all(one_line) {
        return Err(FieldErrorCode::ControlCharacters);
    }
    if is_blank(text) {
        return Err(FieldErrorCode::Required);
    }
    let is_tower = |cluster: &str| cluster.len() > limits::NAME_CLUSTER_BYTES_MAX;
    if text.len() > bytes_max
        || text.graphemes(true).count() > characters_max
        || text.graphemes(true).any(is_tower)
    {
        return Err(FieldErrorCode::TooLong);
    }
    Ok(text.to_owned())
}

/// The name of a case: 1 to 50 grapheme clusters on one line, of which something can be seen.
pub fn case_name(text: &str) -> Check {
    name(
        text,
        limits::CASE_NAME_CHARACTERS_MAX,
        limits::CASE_NAME_BYTES_MAX,
    )
}

/// The name of a tag or a saved filter.
pub fn tag_name(text: &str) -> Check {
    name(
        text,
        limits::TAG_NAME_CHARACTERS_MAX,
        limits::TAG_NAME_BYTES_MAX,
    )
}

/// A name as it is compared with others: case does not tell them apart.
pub fn folded(text: &str) -> String {
    text.to_lowercase()
}

/// The name of a person or an organization.
pub fn person_name(text: &str) -> Check {
    name(text, limits::NAME_CHARACTERS_MAX, limits::NAME_BYTES_MAX)
}

/// One email address; empty is `Required`.
pub fn email(text: &str) -> Check {
    match optional_email(text)? {
        text if text.is_empty() => Err(FieldErrorCode::Required),
        text => Ok(text),
    }
}

/// One email address or nothing: something before one `@`, a host with a dot or `localhost` behind it.
pub fn optional_email(text: &str) -> Check {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    if text.len() > limits::EMAIL_BYTES_MAX {
        return Err(FieldErrorCode::TooLong);
    }
    let Some((local, host)) = text.rsplit_once('@') else {
        return Err(FieldErrorCode::Invalid);
    };
    // A host of letters and digits only: what follows it in a `mailto:` link would be read as its options.
    let of_host = |c: char| !c.is_ascii() || c.is_ascii_alphanumeric() || c == '-';
    let odd = |c: char| c.is_whitespace() || !one_line(c) || ",;:<>()[]\"\\".contains(c);
    let host_is_right = host == "localhost"
        || (host.contains('.')
            && host.split('.').all(|label| {
                !label.is_empty() && !label.starts_with('-') && label.chars().all(of_host)
            }));
    if local.is_empty()
        || local.len() > 64
        || local.contains('@')
        || text.contains(odd)
        || !host_is_right
    {
        return Err(FieldErrorCode::Invalid);
    }
    Ok(text.to_owned())
}

/// The customer's phone number (S25) as E.164, or nothing.
pub fn customer_phone(text: &str) -> Check {
    if text.trim().is_empty() {
        return Ok(String::new());
    }
    crate::phone::read(text).map(|number| number.e164)
}

/// A phone number to be shown, with `+` and country code, as typed, or nothing.
pub fn optional_phone(text: &str) -> Check {
    let text = text.trim();
    if text.is_empty() {
        return Ok(String::new());
    }
    if text.chars().count() > limits::PHONE_CHARACTERS_MAX {
        return Err(FieldErrorCode::TooLong);
    }
    if !text
        .chars()
        .all(|c| c.is_ascii_digit() || " +-/().".contains(c))
    {
        return Err(FieldErrorCode::Invalid);
    }
    let Some(rest) = text.strip_prefix('+') else {
        return Err(FieldErrorCode::CountryCodeMissing);
    };
    let digits = rest.chars().filter(char::is_ascii_digit).count();
    if rest.contains('+') || !(5..=15).contains(&digits) || rest.starts_with('0') {
        return Err(FieldErrorCode::Invalid);
    }
    Ok(text.to_owned())
}

/// Free text of one line, possibly empty: so is one of which nothing can be seen.
pub fn line(text: &str, characters_max: usize) -> Check {
    let text = text.trim();
    if !text.chars().all(one_line) {
        return Err(FieldErrorCode::ControlCharacters);
    }
    if is_blank(text) {
        return Ok(String::new());
    }
    if text.chars().count() > characters_max {
        return Err(FieldErrorCode::TooLong);
    }
    Ok(text.to_owned())
}

/// Free text of many lines, possibly empty, kept as typed but for `\r\n`.
pub fn lines(text: &str, characters_max: usize) -> Check {
    let text = text.replace("\r\n", "\n");
    if text
        .chars()
        .any(|c| c.is_control() && c != '\n' && c != '\t')
    {
        return Err(FieldErrorCode::ControlCharacters);
    }
    if text.chars().count() > characters_max {
        return Err(FieldErrorCode::TooLong);
    }
    Ok(text)
}

/// A message: 1 to 10 000 characters after trimming, of which something can be seen.
pub fn message(text: &str) -> Check {
    let text = lines(text.trim(), limits::MESSAGE_CHARACTERS_MAX)?;
    if is_blank(&text) {
        return Err(FieldErrorCode::Required);
    }
    Ok(text)
}

/// An IANA time zone that we know.
pub fn time_zone(text: &str) -> Check {
    if text.len() > 64 || jiff::tz::TimeZone::get(text).is_err() {
        return Err(FieldErrorCode::UnknownValue);
    }
    Ok(text.to_owned())
}

/// The first words of a text, for a row of the case list.
pub fn snippet(text: &str) -> String {
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cut: String = line
        .graphemes(true)
        .take(limits::SNIPPET_CHARACTERS_MAX)
        .collect();
    if cut.len() > limits::SNIPPET_CHARACTERS_MAX * 8 {
        cut = cut.chars().take(limits::SNIPPET_CHARACTERS_MAX).collect();
    }
    if cut.len() < line.len() {
        cut.push('…');
    }
    cut
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_name_counts_what_a_reader_counts() {
        for good in [
            "x",
            &"ß".repeat(50),
            &"👩‍👩‍👧".repeat(20),
            "  Nick Evans ",
            "שלום",
            "e\u{301}tude",
        ] {
            assert_eq!(case_name(good).as_deref(), Ok(good.trim()), "{good:?}");
        }
        for emoji in ["👍🏽", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "👩🏽‍❤️‍💋‍👨🏿"]
        {
            let (most, more) = (emoji.repeat(50), emoji.repeat(51));
            assert_eq!(case_name(&most), Ok(most), "50 of {emoji}");
            assert_eq!(case_name(&more), Err(FieldErrorCode::TooLong), "{emoji}");
            assert!(tag_name(&emoji.repeat(40)).is_ok(), "40 of {emoji}");
            assert!(person_name(&emoji.repeat(100)).is_ok(), "100 of {emoji}");
        }
        assert_eq!(case_name(""), Err(FieldErrorCode::Required));
        assert_eq!(case_name(" \u{a0} "), Err(FieldErrorCode::Required));
        assert_eq!(case_name(&"x".repeat(51)), Err(FieldErrorCode::TooLong));
        assert_eq!(
            case_name(&format!("a{}", "\u{301}".repeat(1_000))),
            Err(FieldErrorCode::TooLong)
        );
        for bad in ["a\nb", "a\0b", "a\u{202e}b", "a\u{2028}b"] {
            assert_eq!(
                case_name(bad),
                Err(FieldErrorCode::ControlCharacters),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_text_of_which_nothing_can_be_seen_is_empty() {
        for unseen in [
            "\u{200b}",
            " \u{200d}\u{fe0f} ",
            "\u{3164}",
            "\u{115f}\u{1160}",
            "\u{2800}\u{2800}",
            "\u{ad}",
            "\u{feff}",
            "\u{e0061}\u{e007f}",
            "\u{2063}\u{180e}",
        ] {
            for check in [case_name, tag_name, person_name, message] {
                assert_eq!(check(unseen), Err(FieldErrorCode::Required), "{unseen:?}");
            }
            assert_eq!(line(unseen, 10).as_deref(), Ok(""), "{unseen:?}");
        }
        for seen in [
            "می\u{200c}خواهم",
            "👩\u{200d}👩\u{200d}👧",
            "❤\u{fe0f}",
            "क\u{94d}\u{200d}ष",
            "\u{200b}x",
            "\u{301}",
            "\u{600}",
            ".",
        ] {
            assert_eq!(case_name(seen).as_deref(), Ok(seen), "{seen:?}");
            assert_eq!(line(seen, 20).as_deref(), Ok(seen), "{seen:?}");
        }
    }

    #[test]
    fn an_email_is_one_address() {
        for good in ["a@b.example", "Ana.Müller+x@bücher.example", "op@localhost"] {
            assert!(email(good).is_ok(), "{good}");
        }
        for bad in [
            "a",
            "a@",
            "@b.example",
            "a@b",
            "a@b.example, c@d.example",
            "Ana <a@b.example>",
            "a@b..example",
            "a b@c.example",
            "a@b@c.example",
            "a@b.example?bcc=eve%40c.example",
            "a@b.example/x",
            "a@b.\u{202e}example",
        ] {
            assert_eq!(email(bad), Err(FieldErrorCode::Invalid), "{bad}");
        }
        assert_eq!(
            email(&format!("{}@b.example", "x".repeat(300))),
            Err(FieldErrorCode::TooLong)
        );
    }

    #[test]
    fn a_phone_number_has_its_country_code() {
        for good in ["+49 170 1234567", "+499999999", "+44 (7700) 900-142"] {
            assert_eq!(optional_phone(good).as_deref(), Ok(good));
        }
        assert_eq!(
            optional_phone("9999 999"),
            Err(FieldErrorCode::CountryCodeMissing)
        );
        assert_eq!(
            optional_phone("0049 170 1234567"),
            Err(FieldErrorCode::CountryCodeMissing)
        );
        for bad in [
            "+",
            "+49 abc",
            "+0 123456",
            "+49+170 123456",
            "+1234567890123456",
        ] {
            assert_eq!(optional_phone(bad), Err(FieldErrorCode::Invalid), "{bad}");
        }
    }

    #[test]
    fn a_message_keeps_its_lines_and_loses_its_edges() {
        assert_eq!(message(" a\r\nb \n").as_deref(), Ok("a\nb"));
        assert_eq!(message(" \n\t "), Err(FieldErrorCode::Required));
        assert!(message(&"😀".repeat(10_000)).is_ok());
        assert_eq!(message(&"x".repeat(10_001)), Err(FieldErrorCode::TooLong));
        assert_eq!(message("a\0"), Err(FieldErrorCode::ControlCharacters));
    }
}
