//! What a number, a date and a link look like as values of custom fields.

use crate::error::FieldErrorCode;
use crate::limits;
use crate::text;

/// The text as it is kept, or what is wrong with it.
type Check = Result<String, FieldErrorCode>;

/// A decimal number: digits, at most one point, perhaps a minus. Needless zeros before it go.
pub(super) fn number(text: &str) -> Check {
    if text.len() > limits::CUSTOM_NUMBER_CHARACTERS_MAX {
        return Err(FieldErrorCode::TooLong);
    }
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let is_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_digits(whole) || !fraction.is_none_or(is_digits) {
        return Err(FieldErrorCode::Invalid);
    }
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        trimmed => trimmed,
    };
    let number = match fraction {
        Some(fraction) => format!("{whole}.{fraction}"),
        None => whole.to_owned(),
    };
    let is_zero = number.bytes().all(|b| b == b'0' || b == b'.');
    Ok(if is_zero {
        number
    } else {
        format!("{sign}{number}")
    })
}

/// A day of the calendar as `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Check {
    let bytes = text.as_bytes();
    let is_shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            _ => byte.is_ascii_digit(),
        });
    if is_shaped && text.parse::<jiff::civil::Date>().is_ok() {
        Ok(text.to_owned())
    } else {
        Err(FieldErrorCode::Invalid)
    }
}

/// An address of the web, kept as typed: `http` or `https` with a host, and nobody's name or password in it.
pub(super) fn link(text: &str) -> Check {
    let text = text::line(text, limits::CUSTOM_LINK_CHARACTERS_MAX)?;
    let is_right = url::Url::parse(&text).is_ok_and(|url| {
        matches!(url.scheme(), "http" | "https")
            && url.host_str().is_some_and(|host| !host.is_empty())
            && url.username().is_empty()
            && url.password().is_none()
    });
    if is_right && !text.contains(char::is_whitespace) {
        Ok(text)
    } else {
        Err(FieldErrorCode::Invalid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_decimals() {
        for (typed, kept) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.00", "0.00"),
            ("007", "7"),
            ("00.50", "0.50"),
            ("-12.5", "-12.5"),
            (
                "123456789012345678901234567890",
                "123456789012345678901234567890",
            ),
        ] {
            assert_eq!(number(typed).as_deref(), Ok(kept), "{typed}");
        }
        for bad in [
            "-", ".", "1.", ".5", "1,5", "1e9", "+1", "0x1", "NaN", "1 000", "--1", "1.2.3", "١",
        ] {
            assert_eq!(number(bad), Err(FieldErrorCode::Invalid), "{bad}");
        }
        assert_eq!(number(&"9".repeat(41)), Err(FieldErrorCode::TooLong));
    }

    #[test]
    fn dates_are_days_of_the_calendar() {
        for good in ["2026-11-22", "2024-02-29", "0001-01-01", "9999-12-31"] {
            assert_eq!(date(good).as_deref(), Ok(good));
        }
        for bad in [
            "2026-02-29",
            "2026-13-01",
            "2026-00-10",
            "22.11.2026",
            "2026-1-1",
            "20261122",
            "2026-11-22T10:00",
            "+02026-11-22",
        ] {
            assert_eq!(date(bad), Err(FieldErrorCode::Invalid), "{bad}");
        }
    }

    #[test]
    fn links_lead_to_the_web_and_nowhere_else() {
        for good in [
            "https://desk.example",
            "http://desk.example:8080/a?b=c#d",
            "HTTPS://Bücher.example/Straße",
            "https://[::1]/x",
        ] {
            assert_eq!(link(good).as_deref(), Ok(good));
        }
        for bad in [
            "desk.example",
            "javascript:alert(1)",
            "data:text/html,x",
            "file:///etc/passwd",
            "ftp://desk.example",
            "https://",
            "https://me:secret@desk.example",
            "https://me@desk.example",
            "https://a b.example",
            "https://desk.example/a b",
            "//desk.example",
        ] {
            assert_eq!(link(bad), Err(FieldErrorCode::Invalid), "{bad}");
        }
    }
}
