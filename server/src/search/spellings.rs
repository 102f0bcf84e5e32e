//! Other ways to write what someone typed: a day as custom fields hold it, and German words with or without their dots.

use unicode_normalization::UnicodeNormalization as _;

use super::fold::fold;

/// Shorter words are not read as holding `ae`, `oe` or `ue` for a letter with dots: too many of them are other words
/// then, `poet` a `pot` and `guest` a part of `August`.
const TRANSCRIBED_CHARACTERS_MIN: usize = 6;

/// The months in English and German, folded, with what they are shortened to.
const MONTHS: [&[&str]; 12] = [
    &["january", "januar", "jan"],
    &["february", "februar", "feb"],
    &["march", "marz", "maerz", "mar", "mrz"],
    &["april", "apr"],
    &["may", "mai"],
    &["june", "juni", "jun"],
    &["july", "juli", "jul"],
    &["august", "aug"],
    &["september", "sept", "sep"],
    &["october", "oktober", "oct", "okt"],
    &["november", "nov"],
    &["december", "dezember", "dec", "dez"],
];

/// A day as it is stored (ISO 8601), if all that was typed is one: `29.03.2027`, `29/3/2027`, `29 March 2027`,
/// `March 29, 2027`, `29. März 2027`. Of two numbers the first is the day, as in both languages of the screen, unless
/// only the other way round it is one. `folded` is what was typed, folded.
pub fn day(folded: &str) -> Option<String> {
    let is_between = |c: char| " .,/".contains(c);
    let parts: Vec<&str> = folded
        .split(is_between)
        .filter(|part| !part.is_empty())
        .collect();
    let [first, second, year] = parts[..] else {
        return None;
    };
    let year = (year.len() == 4).then(|| digits(year))??;
    let month = |name: &str| {
        let at = MONTHS.iter().position(|names| names.contains(&name))?;
        i8::try_from(at + 1).ok()
    };
    let short = |text: &str| (text.len() <= 2).then(|| digits(text))?;
    let iso = |month: i8, day: i16| {
        let date = jiff::civil::Date::new(year, month, i8::try_from(day).ok()?).ok()?;
        Some(date.to_string())
    };
    match (short(first), short(second)) {
        (Some(one), Some(other)) => {
            iso(i8::try_from(other).ok()?, one).or_else(|| iso(i8::try_from(one).ok()?, other))
        }
        (Some(day), None) => iso(month(second)?, day),
        (None, Some(day)) => iso(month(first)?, day),
        (None, None) => None,
    }
}

fn digits(text: &str) -> Option<i16> {
    text.bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| text.parse().ok())?
}

/// What was typed in the other German spelling, folded: `müller` as `mueller`, and `mueller` as `muller`, which is what
/// `Müller` is folded to. None where there is no other.
pub fn transcribed(typed: &str) -> Option<String> {
    let small: String = typed.nfc().flat_map(char::to_lowercase).collect();
    let spelled = small
        .replace('ä', "ae")
        .replace('ö', "oe")
        .replace('ü', "ue");
    if spelled != small {
        return Some(fold(&spelled).text);
    }
    let folded = fold(typed).text;
    let words: Vec<String> = folded.split(' ').map(with_dots).collect();
    let other = words.join(" ");
    (other != folded).then_some(other)
}

/// A folded word with one letter for `ae`, `oe` and `ue`, where these may stand for one with dots: not at its end
/// (`issue`), and no `ue` behind a vowel or `q` (`Steuer`, `Quelle`).
fn with_dots(word: &str) -> String {
    if word.chars().count() < TRANSCRIBED_CHARACTERS_MIN {
        return word.to_owned();
    }
    let letters: Vec<char> = word.chars().collect();
    let mut other = String::new();
    let mut at = 0;
    while let Some(letter) = letters.get(at) {
        other.push(*letter);
        let before = at.checked_sub(1).map(|before| letters[before]);
        let pair = matches!(letter, 'a' | 'o' | 'u') && letters.get(at + 1) == Some(&'e');
        let stands_for_one = letters.get(at + 2).is_some_and(|next| next.is_alphabetic())
            && !(*letter == 'u' && before.is_some_and(|before| "aeiouq".contains(before)));
        at += if pair && stands_for_one { 2 } else { 1 };
    }
    other
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_read_as_people_write_it() {
        for typed in [
            "29.03.2027",
            "29.3.2027",
            "29. 3. 2027",
            "29/03/2027",
            "03/29/2027",
            "29 March 2027",
            "29 Mar 2027",
            "March 29, 2027",
            "29. März 2027",
            "29 MAERZ 2027",
        ] {
            let day = day(&fold(typed).text);
            assert_eq!(day.as_deref(), Some("2027-03-29"), "{typed}");
        }
        assert_eq!(day("03/04/2027").as_deref(), Some("2027-04-03"));
        assert_eq!(day("29.02.2028").as_deref(), Some("2028-02-29"));
        for typed in [
            "29.02.2027",
            "2027-03-29",
            "0170 12 2027",
            "29.03.27",
            "29 heizung 2027",
            "march 2027",
            "1 2 3",
            "13/13/2027",
            "29.03.2027 x",
            "+1 2 2027",
        ] {
            assert_eq!(day(typed), None, "{typed}");
        }
    }

    #[test]
    fn a_german_word_has_two_spellings() {
        for (typed, other) in [
            ("Mueller", "muller"),
            ("Müller", "mueller"),
            ("Mu\u{308}ller", "mueller"),
            ("Frau Jaeger", "frau jager"),
            ("Öl", "oel"),
            ("GUENTHER", "gunther"),
            ("schoen-thaler", "schon-thaler"),
        ] {
            assert_eq!(transcribed(typed).as_deref(), Some(other), "{typed}");
        }
        for typed in [
            "Muller",
            "guest",
            "poet",
            "fuel",
            "value",
            "Steuer",
            "Quelle",
            "treuer",
            "request",
            "résumé",
            "0170 1234567",
            "joe, joe",
        ] {
            assert_eq!(transcribed(typed), None, "{typed}");
        }
    }
}
