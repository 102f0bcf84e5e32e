//! What is asked: the words of a search field, as the index is asked for them.

use super::Place;
use super::fold::fold;
use super::spellings;

/// Stands twice before the number of a case in its details.
pub const BEFORE_NUMBER: char = '\u{1}';
/// Stands twice before texts whose beginnings are found by one or two characters: name and internal reference.
pub const BEFORE_START: char = '\u{2}';
/// Stands twice before all other texts of the details.
pub const BEFORE_OTHER: char = '\u{3}';

/// Fewer characters are no trigram: the index cannot be asked for them.
pub const TRIGRAM: usize = 3;

/// As many characters of a word are looked for in an index or by SQL; the rest is compared with what is found. A long
/// word costs its length times that of a text where it nearly stands everywhere, such as one letter ten thousand times.
const SOUGHT_CHARACTERS_MAX: usize = 16;

/// A question: one way to be right, or either of two, each of them all of some words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    ways: Vec<Vec<String>>,
    /// All that was asked, folded; of a number its digits.
    whole: String,
    /// The same as the other way has it.
    other: Option<String>,
}

impl Question {
    /// Reads what someone typed; none when there is nothing in it to look for.
    ///
    /// Words must all be in one text, in any order; in quotes they must stand together. `#` asks for a number. One or
    /// two characters ask for beginnings. A day is also looked for as it is stored, German words also in their other
    /// spelling, with `ue` or with `ü`; what looks like a phone number also by its digits, without what stands for the
    /// country's exit or trunk. Of these only one is asked for besides what was typed: each costs as much again.
    pub fn read(typed: &str) -> Option<Self> {
        let whole = fold(typed).text;
        if let Some(digits) = number(&whole) {
            let ways = vec![vec![doubled(BEFORE_NUMBER, &digits)]];
            return Some(Self {
                ways,
                whole: digits,
                other: None,
            });
        }
        match whole.chars().count() {
            0 => None,
            count if count < TRIGRAM => Some(Self::beginning(whole)),
            _ => Some(Self::anywhere(typed, whole)),
        }
    }

    fn beginning(whole: String) -> Self {
        let mut ways = vec![vec![doubled(BEFORE_START, &whole)]];
        if whole.chars().all(|c| c.is_ascii_digit()) {
            ways.push(vec![doubled(BEFORE_NUMBER, &whole)]);
        }
        Self {
            ways,
            whole,
            other: None,
        }
    }

    fn anywhere(typed: &str, whole: String) -> Self {
        let other = spellings::day(&whole)
            .or_else(|| phone(&whole))
            .or_else(|| spellings::transcribed(typed));
        let mut ways = vec![way(&whole)];
        let other = other.filter(|other| ways[0] != way(other));
        ways.extend(other.as_deref().map(way));
        Self { ways, whole, other }
    }

    /// Whether a folded text is an answer.
    pub fn is_in(&self, text: &str) -> bool {
        self.ways
            .iter()
            .any(|way| way.iter().all(|word| text.contains(word)))
    }

    /// The words to be marked in a text.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.ways
            .iter()
            .flatten()
            .map(|word| word.trim_start_matches([BEFORE_NUMBER, BEFORE_START, BEFORE_OTHER]))
    }

    /// How many of the words stand in a folded text.
    pub fn count_in(&self, text: &str) -> usize {
        let of_way = |way: &Vec<String>| {
            let stands = |word: &&String| match word.strip_prefix([BEFORE_NUMBER, BEFORE_START]) {
                Some(rest) => text.starts_with(&rest[1..]),
                None => text.contains(word.as_str()),
            };
            way.iter().filter(stands).count()
        };
        self.ways.iter().map(of_way).max().unwrap_or_default()
    }

    /// Whether this kind of text is asked for.
    pub fn asks_for(&self, place: Place) -> bool {
        let mut words = self.ways.iter().flatten();
        match place {
            Place::Number => words.any(|word| !word.starts_with(BEFORE_START)),
            Place::Name | Place::InternalReference => {
                words.any(|word| !word.starts_with(BEFORE_NUMBER))
            }
            _ => !self.is_beginning(),
        }
    }

    /// Whether only beginnings are asked for.
    pub fn is_beginning(&self) -> bool {
        self.ways
            .iter()
            .flatten()
            .all(|word| word.starts_with([BEFORE_NUMBER, BEFORE_START]))
    }

    /// How well the details of a case fit: 0 when one of them is just what was asked, 1 when name, reference or number
    /// begins with it, 2 for anything else.
    pub fn distance(&self, details: &str) -> u8 {
        let starts = |before: char, whole: &str| {
            let sought = doubled(before, whole);
            let mut best = 2;
            for (at, _) in details.match_indices(&sought) {
                let next = details[at + sought.len()..].chars().next();
                if next.is_none_or(|next| next <= BEFORE_OTHER) {
                    return 0;
                }
                best = 1;
            }
            best
        };
        let best_of =
            |whole: &str| match starts(BEFORE_NUMBER, whole).min(starts(BEFORE_START, whole)) {
                _ if starts(BEFORE_OTHER, whole) == 0 => 0,
                best => best,
            };
        let other = self.other.as_deref().map_or(2, best_of);
        best_of(&self.whole).min(other)
    }

    /// As FTS5 is asked: phrases of the words that it can find. Where shorter ones were typed too, it finds more than
    /// the answers.
    pub fn as_match(&self) -> String {
        let ways: Vec<String> = self
            .ways
            .iter()
            .map(|way| {
                let phrases: Vec<String> = way
                    .iter()
                    .filter(|word| is_indexed(word))
                    .map(|word| format!("\"{}\"", sought(word).replace('"', "\"\"")))
                    .collect();
                format!("({})", phrases.join(" AND "))
            })
            .collect();
        ways.join(" OR ")
    }

    /// The beginning of the longest word of each way, twice the only one: every answer holds one of them.
    pub fn hints(&self) -> [&str; 2] {
        let mut hints = self.ways.iter().filter_map(|way| {
            let longest = way.iter().max_by_key(|word| word.chars().count());
            longest.map(|word| sought(word))
        });
        let first = hints.next().unwrap_or_default();
        [first, hints.next().unwrap_or(first)]
    }
}

/// The words of a way to be right. Where none is long enough for the index, all together are one.
fn way(whole: &str) -> Vec<String> {
    let words = words(whole);
    match words.iter().any(|word| is_indexed(word)) {
        true => words,
        false => vec![whole.to_owned()],
    }
}

/// The beginning of a word, as much as is looked for.
fn sought(word: &str) -> &str {
    let end = word.char_indices().nth(SOUGHT_CHARACTERS_MAX);
    end.map_or(word, |(end, _)| &word[..end])
}

fn is_indexed(word: &str) -> bool {
    word.chars().count() >= TRIGRAM
}

fn doubled(before: char, text: &str) -> String {
    format!("{before}{before}{text}")
}

/// The digits of `#29`.
fn number(whole: &str) -> Option<String> {
    let digits = whole.strip_prefix('#')?.trim();
    let right = (1..=18).contains(&digits.len()) && digits.chars().all(|c| c.is_ascii_digit());
    right
        .then(|| digits.trim_start_matches('0').to_owned())
        .filter(|digits| !digits.is_empty())
}

/// The words: what blanks separate, and what quotes hold together. A word within another one asks for nothing more.
fn words(whole: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    // A quote that nothing closes is a character like any other: 5" pipe.
    let quoted = whole.matches('"').count().is_multiple_of(2);
    if quoted {
        for (index, piece) in whole.split('"').enumerate() {
            if index % 2 == 1 {
                found.push(piece.trim().to_owned());
            } else {
                found.extend(piece.split(' ').map(str::to_owned));
            }
        }
    } else {
        found.extend(whole.split(' ').map(str::to_owned));
    }
    found.retain(|word| !word.is_empty());
    found.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    let mut words: Vec<String> = Vec::new();
    for word in found {
        if !words.iter().any(|longer| longer.contains(&word)) {
            words.push(word);
        }
    }
    words
}

/// The digits by which a stored number is found, if this looks like one: `+49 170…`, `0049 170…` and `0170…` all end
/// in the digits that stand in E.164 (ITU-T E.164) too.
fn phone(whole: &str) -> Option<String> {
    if !whole
        .chars()
        .all(|c| c.is_ascii_digit() || " +-/().".contains(c))
    {
        return None;
    }
    let plain = whole.replace("(0)", "");
    let is_international = plain.trim_start().starts_with('+');
    let digits: String = plain.chars().filter(char::is_ascii_digit).collect();
    let digits = match digits.strip_prefix("00") {
        Some(rest) => rest,
        None if is_international => &digits,
        None => digits.strip_prefix('0').unwrap_or(&digits),
    };
    (digits.len() >= TRIGRAM).then(|| digits.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(typed: &str) -> Question {
        Question::read(typed).expect("something to look for")
    }

    #[test]
    fn words_are_found_in_any_order_and_quotes_hold_them_together() {
        let text = fold("Die Heizung ist kalt, seit gestern Abend").text;
        assert!(read("heizung").is_in(&text));
        assert!(read("Abend HEIZUNG").is_in(&text));
        assert!(read("eizun").is_in(&text));
        assert!(read("kalt ab").is_in(&text));
        assert!(!read("kalt xy").is_in(&text));
        assert!(read("\"ist kalt\"").is_in(&text));
        assert!(!read("\"kalt ist\"").is_in(&text));
        assert!(!read("heizung warm").is_in(&text));
        assert!(read("ist kalt, seit").is_in(&text));
    }

    #[test]
    fn of_a_long_word_the_beginning_is_looked_for_and_the_rest_compared() {
        let question = read("übermäßig-lange-Worte kurz");
        assert_eq!(question.hints(), ["ubermassig-lange", "uebermaessig-lan"]);
        assert_eq!(
            question.as_match(),
            "(\"ubermassig-lange\" AND \"kurz\") OR (\"uebermaessig-lan\" AND \"kurz\")"
        );
        assert!(question.is_in(&fold("kurz: übermäßig-lange-Worte").text));
        assert!(!question.is_in(&fold("kurz: übermäßig-lange-Sätze").text));
        let letters = read(&"a".repeat(200));
        assert_eq!(letters.as_match(), format!("(\"{}\")", "a".repeat(16)));
        assert!(!letters.is_in(&"a".repeat(199)));
    }

    #[test]
    fn nothing_is_no_question() {
        for typed in ["", "  ", "\u{301}", "\u{200b}\n", "\0"] {
            assert_eq!(Question::read(typed), None, "{typed:?}");
        }
    }

    #[test]
    fn signs_of_the_index_s_language_are_characters() {
        for (typed, asked) in [
            ("rohr OR ventil", r#"("ventil" AND "rohr")"#),
            ("NEAR(rohr", r#"("near(rohr")"#),
            ("ventil*", r#"("ventil*")"#),
            (r#"5" rohr"#, r#"("rohr")"#),
            (r#"12" "rohr"#, r#"("rohr")"#),
            (r#"a"bcd"#, r#"("a""bcd")"#),
            ("-ventil ^x {y}: z", r#"("-ventil" AND "{y}:")"#),
        ] {
            assert_eq!(read(typed).as_match(), asked, "{typed}");
        }
    }

    #[test]
    fn one_or_two_characters_ask_for_beginnings() {
        let details = "\u{1}\u{1}4711\u{2}\u{2}anna\u{2}\u{2}kd-1\u{3}\u{3}bx@mail.example\u{3}";
        for typed in ["a", "an", "AN", "k", "4", "47", "#4", "#47", "#4711"] {
            assert!(read(typed).is_in(details), "{typed}");
        }
        for typed in ["n", "nn", "b", "bx", "7", "#7", "#711"] {
            assert!(!read(typed).is_in(details), "{typed}");
        }
        assert_eq!(read("#4711").distance(details), 0);
        assert_eq!(read("4711").distance(details), 0);
        assert_eq!(read("kd-1").distance(details), 0);
        assert_eq!(read("anna").distance(details), 0);
        assert_eq!(read("ann").distance(details), 1);
        assert_eq!(read("bx@mail.example").distance(details), 0);
        assert_eq!(read("mail").distance(details), 2);
    }

    #[test]
    fn a_name_fits_as_well_in_the_other_spelling() {
        let details = "\u{1}\u{1}1\u{2}\u{2}muller\u{2}\u{2}\u{3}\u{3}2027-03-29\u{3}";
        for (typed, distance) in [
            ("mueller", 0),
            ("Müller", 0),
            ("29.03.2027", 0),
            ("29. März 2027", 0),
            ("ueller", 2),
        ] {
            assert_eq!(read(typed).distance(details), distance, "{typed}");
        }
        // What has one spelling is asked for once.
        assert_eq!(read("heizung").as_match(), "(\"heizung\")");
        assert_eq!(read("guest").hints(), ["guest", "guest"]);
        assert_eq!(read("29/03/2027").hints(), ["29/03/2027", "2027-03-29"]);
    }

    #[test]
    fn a_phone_number_is_found_in_every_spelling() {
        let details = "\u{1}\u{1}1\u{2}\u{2}nick\u{2}\u{2}\u{3}\u{3}\u{3}\u{3}491701234567\u{3}";
        for typed in [
            "+49 170 1234567",
            "+491701234567",
            "0170 1234567",
            "0170/1234567",
            "(0170) 12 34 567",
            "0049 170 1234567",
            "+49 (0)170 1234567",
            "1701234567",
            "49170123",
            "0170-123",
        ] {
            assert!(read(typed).is_in(details), "{typed}");
        }
        assert!(!read("0171 1234567").is_in(details));
        assert_eq!(read("0049 170 1234567").distance(details), 0);
        assert_eq!(read("0170 1234567").distance(details), 2);
    }

    #[test]
    fn a_hint_stands_in_every_answer() {
        assert_eq!(read("kalt heizung").hints(), ["heizung", "heizung"]);
        assert_eq!(read("0170 1234567").hints(), ["1234567", "1701234567"]);
        assert_eq!(read("an").hints(), ["\u{2}\u{2}an", "\u{2}\u{2}an"]);
    }
}
