//! Phone numbers: read in any spelling that names the country, kept as E.164 (ITU-T E.164). Numbering plans change and
//! are not known to the last number, so what can be read but is in no plan is kept and called doubtful.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rlibphonenumber::{PHONE_NUMBER_UTIL, PhoneNumberFormat};

use crate::error::FieldErrorCode;
use crate::limits;

/// A number that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Number {
    /// As it is kept: `+` and digits.
    pub e164: String,
    /// As people read it: the digits in the groups that its country writes (ITU-T E.123, international notation).
    pub formatted: String,
    /// Whether it is in no numbering plan that we know.
    pub doubtful: bool,
}

/// Reads a number with `+` or `00` and country code; blanks and the usual signs between digits do not count.
///
/// # Errors
/// `TooLong`, `CountryCodeMissing`, or `Invalid` for what is no number.
pub fn read(text: &str) -> Result<Number, FieldErrorCode> {
    let text = text.trim();
    if text.chars().count() > limits::PHONE_CHARACTERS_MAX {
        return Err(FieldErrorCode::TooLong);
    }
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '+' | '0'..='9' => plain.push(c),
            ' ' | '\u{a0}' | '\u{202f}' | '-' | '\u{2010}'..='\u{2013}' | '/' | '(' | ')' | '.' => {
                plain.push(' ');
            }
            // Signs of direction come along when a number is copied out of a contact.
            '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {}
            _ => return Err(FieldErrorCode::Invalid),
        }
    }
    let plain = plain.trim();
    if !plain.contains(|c: char| c.is_ascii_digit()) || plain.rfind('+').is_some_and(|at| at > 0) {
        return Err(FieldErrorCode::Invalid);
    }
    let international = match plain.strip_prefix("00") {
        Some(rest) => format!("+{rest}"),
        None if plain.starts_with('+') => plain.to_owned(),
        None => return Err(FieldErrorCode::CountryCodeMissing),
    };
    // The library has met inputs that it did not survive; one more must not take a request with it.
    let parsed = catch_unwind(AssertUnwindSafe(|| {
        let number = PHONE_NUMBER_UTIL.parse(&international, None).ok()?;
        Some(Number {
            e164: number.format_as(PhoneNumberFormat::E164).into_owned(),
            formatted: number
                .format_as(PhoneNumberFormat::International)
                .into_owned(),
            doubtful: !number.is_valid(),
        })
    }));
    match parsed {
        Ok(Some(number)) if is_e164(&number.e164) => Ok(number),
        _ => Err(FieldErrorCode::Invalid),
    }
}

fn is_e164(text: &str) -> bool {
    let digits = text.strip_prefix('+').unwrap_or_default();
    (5..=15).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

/// A stored number; one from before numbers were read that cannot be read is doubtful, and written as it stands.
pub fn stored(value: &str) -> Number {
    read(value).unwrap_or_else(|_| Number {
        e164: value.to_owned(),
        formatted: value.to_owned(),
        doubtful: !value.is_empty(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn e164(text: &str) -> String {
        read(text).map_or_else(|code| format!("{code:?}"), |number| number.e164)
    }

    #[test]
    fn every_spelling_is_the_same_number() {
        for text in [
            "+49 170 1234567",
            "+491701234567",
            "0049 170 1234567",
            "00491701234567",
            "+49 (0)170 1234567",
            "+49/170/1234567",
            "+49-170-123-45-67",
            "+49 170.1234567",
            " +49\u{a0}170\u{202f}1234567 ",
            "\u{202a}+49 170 1234567\u{202c}",
        ] {
            let number = read(text).expect(text);
            assert_eq!(number.e164, "+491701234567", "{text:?}");
            assert!(!number.doubtful, "{text:?}");
        }
    }

    #[test]
    fn numbers_of_the_world() {
        for (text, expected) in [
            ("+44 7700 900142", "+447700900142"),
            ("+39 06 698 12345", "+390669812345"),
            ("+1 (202) 555-0173", "+12025550173"),
            ("+43 1 58858", "+43158858"),
            ("+33 6 12 34 56 78", "+33612345678"),
            ("+995 32 2 12 34 56", "+995322123456"),
        ] {
            assert_eq!(e164(text), expected);
        }
    }

    #[test]
    fn a_number_in_no_plan_is_doubtful_and_kept() {
        let number = read("+49 9999 999").expect("a number");
        assert_eq!(number.e164, "+499999999");
        assert!(number.doubtful);
        assert!(stored("+499999999").doubtful);
        assert!(!stored("+491701234567").doubtful);
        assert!(!stored("").doubtful);
        assert!(stored("+49 abc").doubtful);
    }

    #[test]
    fn a_number_is_written_as_its_country_writes_it() {
        for (kept, expected) in [
            ("+441134960770", "+44 113 496 0770"),
            ("+442079460018", "+44 20 7946 0018"),
            ("+447700900142", "+44 7700 900142"),
            ("+491713920034", "+49 171 3920034"),
            ("+493023125042", "+49 30 23125042"),
            ("+4922147101234", "+49 221 47101234"),
            ("+33199001234", "+33 1 99 00 12 34"),
            ("+12025550173", "+1 202-555-0173"),
            ("+499999999", "+49 9999 999"),
            ("+49 abc", "+49 abc"),
            ("", ""),
        ] {
            assert_eq!(stored(kept).formatted, expected);
        }
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for (text, code) in [
            ("9999 999", FieldErrorCode::CountryCodeMissing),
            ("0170 1234567", FieldErrorCode::CountryCodeMissing),
            ("+", FieldErrorCode::Invalid),
            ("-", FieldErrorCode::Invalid),
            ("+49", FieldErrorCode::Invalid),
            ("+49 abc", FieldErrorCode::Invalid),
            ("+49 170 1234567 ext. 5", FieldErrorCode::Invalid),
            ("+0 123456", FieldErrorCode::Invalid),
            ("+999 123456", FieldErrorCode::Invalid),
            ("+49+170 123456", FieldErrorCode::Invalid),
            ("++49 170 1234567", FieldErrorCode::Invalid),
            ("+12345678901234567890", FieldErrorCode::Invalid),
            ("+49 170 1234567 <script>", FieldErrorCode::Invalid),
        ] {
            assert_eq!(read(text), Err(code), "{text}");
        }
        assert_eq!(read(&"+".repeat(1_000_000)), Err(FieldErrorCode::TooLong));
    }

    #[test]
    fn nothing_makes_it_stumble() {
        let signs = [
            '+', '0', '1', '4', '9', ' ', '-', '(', ')', '/', '.', '٣', '３', ';', '*', '#', 'x',
        ];
        let mut seed = 7_u64;
        for _ in 0..5_000 {
            let mut text = String::from("+");
            for _ in 0..seed % 31 {
                seed = seed
                    .wrapping_mul(6_364_136_223_846_793_005)
                    .wrapping_add(1_442_695_040_888_963_407);
                text.push(signs[(seed >> 33) as usize % signs.len()]);
            }
            if let Ok(number) = read(&text) {
                assert_eq!(
                    read(&number.e164).map(|again| again.e164),
                    Ok(number.e164),
                    "{text}"
                );
            }
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        }
    }
}
