//! How texts are compared: small letters, without accents, `ß` as `ss`, one blank where there are several. The index
//! holds folded texts and questions are folded alike, so that both databases find the same. A map leads back to the
//! original, where what was found is marked.

use unicode_normalization::char::{canonical_combining_class, decompose_compatible};

/// A folded text, and where each of its characters stood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folded {
    /// The folded text.
    pub text: String,
    /// For each character of `text`, the byte of the original where its own begins; at the end, where the last one ends.
    places: Vec<usize>,
}

impl Folded {
    /// Where in the original the bytes `from..to` of the folded text stood.
    pub fn original(&self, from: usize, to: usize) -> (usize, usize) {
        let first = self.text[..from].chars().count();
        let count = self.text[from..to].chars().count();
        let begin = self.places[first];
        // Characters that one of the original became stand or fall together.
        let end = self.places[first + count..]
            .iter()
            .find(|place| **place > self.places[(first + count).saturating_sub(1)])
            .or(self.places.last())
            .copied()
            .unwrap_or(begin);
        (begin, end)
    }
}

/// Folds a text.
pub fn fold(text: &str) -> Folded {
    let mut folded = Folded::default();
    let mut blank = None;
    let mut end = 0;
    for (at, c) in text.char_indices() {
        if is_blank(c) {
            blank.get_or_insert(at);
            continue;
        }
        let before = folded.text.len();
        let gap = blank.filter(|_| !folded.text.is_empty());
        let mut put = |c: char| {
            if folded.text.len() == before
                && let Some(at) = gap
            {
                folded.text.push(' ');
                folded.places.push(at);
            }
            folded.text.push(c);
            folded.places.push(at);
        };
        fold_char(c, &mut put);
        if folded.text.len() > before {
            blank = None;
        }
        end = at + c.len_utf8();
    }
    folded.places.push(end);
    folded
}

/// Folds a phone number: its digits alone.
pub fn fold_phone(text: &str) -> Folded {
    let mut folded = Folded::default();
    let mut end = 0;
    for (at, c) in text.char_indices().filter(|(_, c)| c.is_ascii_digit()) {
        folded.text.push(c);
        folded.places.push(at);
        end = at + 1;
    }
    folded.places.push(end);
    folded
}

fn is_blank(c: char) -> bool {
    c.is_whitespace() || c.is_control()
}

fn fold_char(c: char, put: &mut impl FnMut(char)) {
    if c.is_ascii() {
        put(c.to_ascii_lowercase());
        return;
    }
    for small in c.to_lowercase() {
        decompose_compatible(small, |part| {
            if is_blank(part) {
                put(' ');
            } else if canonical_combining_class(part) == 0 && !is_ignorable(part) {
                for part in part.to_lowercase() {
                    plain(part, put);
                }
            }
        });
    }
}

/// Letters and signs that Unicode does not take apart, though people do.
fn plain(c: char, put: &mut impl FnMut(char)) {
    let text = match c {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        'ς' => "σ",
        '\u{2018}'..='\u{201b}' => "'",
        '\u{201c}'..='\u{201f}' | '«' | '»' => "\"",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        _ => return put(c),
    };
    text.chars().for_each(put);
}

/// Characters that are not seen: joiners, marks of direction, variants of emoji, places to break a word.
fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_word_become_one() {
        for (text, folded) in [
            ("Müller", "muller"),
            ("MÜLLER", "muller"),
            ("Mu\u{308}ller", "muller"),
            ("Straße", "strasse"),
            ("STRAẞE", "strasse"),
            ("Ærø", "aero"),
            ("Łódź", "lodz"),
            ("İstanbul", "istanbul"),
            ("ΣΊΣΥΦΟΣ", "σισυφοσ"),
            ("Σίσυφος", "σισυφοσ"),
            ("ﬁnal", "final"),
            ("１２３", "123"),
            ("Don’t", "don't"),
            ("a\u{2011}b", "a-b"),
            ("שָׁלוֹם", "שלום"),
            ("👩‍👩‍👧", "👩👩👧"),
            ("❤️", "❤"),
            ("  two \n\t words  ", "two words"),
            ("co\u{ad}operate", "cooperate"),
            ("", ""),
            (" \u{301} ", ""),
        ] {
            assert_eq!(fold(text).text, folded, "{text:?}");
        }
    }

    /// Where a folded word stands in the original.
    fn found<'t>(text: &'t str, word: &str) -> &'t str {
        let folded = fold(text);
        let from = folded.text.find(word).expect("the word is there");
        let (begin, end) = folded.original(from, from + word.len());
        &text[begin..end]
    }

    #[test]
    fn the_map_leads_back_to_whole_characters() {
        assert_eq!(found("Frau Müller ruft an", "muller"), "Müller");
        assert_eq!(found("Frau Mu\u{308}ller ruft", "muller"), "Mu\u{308}ller");
        assert_eq!(found("die Straße dort", "strasse"), "Straße");
        assert_eq!(found("die Straße", "stras"), "Straß");
        assert_eq!(found("die Straße", "se"), "ße");
        assert_eq!(found("one   two", "one two"), "one   two");
        assert_eq!(found("one   two ", "two"), "two");
        assert_eq!(found("so 👩‍👩‍👧 da", "👩👩👧"), "👩‍👩‍👧");
        assert_eq!(found("x ﬁnal", "f"), "ﬁ");
        assert_eq!(found("ends in e\u{301}", "e"), "e");
        assert_eq!(found("ends in e\u{301}", "in e"), "in e\u{301}");
    }

    #[test]
    fn a_phone_number_is_its_digits() {
        let folded = fold_phone("+49 (170) 12-34");
        assert_eq!(folded.text, "491701234");
        assert_eq!(folded.original(2, 7), (5, 13));
        assert_eq!(folded.original(0, 9), (1, 15));
    }
}
