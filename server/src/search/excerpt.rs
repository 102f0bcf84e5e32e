//! What is shown of a hit: a piece of the original text around the first word that was found, and where the found
//! words stand in it.

use serde::{Deserialize, Serialize};
use unicode_segmentation::UnicodeSegmentation as _;
use utoipa::ToSchema;

use super::fold::Folded;
use super::question::Question;
use crate::limits;

/// A piece of a text with what was found in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Excerpt {
    /// The piece, on one line; `…` stands for what was left out.
    pub text: String,
    /// Where the found words begin and end, in UTF-16 code units of `text`.
    pub marks: Vec<[u32; 2]>,
}

/// Bytes of `text` in which words of the question stand; in order, none touching another.
pub fn marks(question: &Question, text: &str, folded: &Folded) -> Vec<(usize, usize)> {
    let mut found: Vec<(usize, usize)> = Vec::new();
    for word in question.words().filter(|word| !word.is_empty()) {
        // One or two characters are marked where they were looked for: at the beginning.
        let everywhere = !question.is_beginning();
        let places = places(&folded.text, word).take_while(|at| everywhere || *at == 0);
        found.extend(places.map(|at| folded.original(at, at + word.len())));
    }
    found.sort_unstable();
    let mut joined: Vec<(usize, usize)> = Vec::new();
    for (begin, end) in found {
        match joined.last_mut() {
            Some(last) if begin <= last.1 => last.1 = last.1.max(end),
            _ => joined.push((begin, end)),
        }
    }
    debug_assert!(
        joined
            .iter()
            .all(|(begin, end)| text.get(*begin..*end).is_some())
    );
    joined
}

/// Where a word stands in a text, also where it stands over itself: `aba` twice in `ababa`.
fn places<'a>(text: &'a str, word: &'a str) -> impl Iterator<Item = usize> + 'a {
    let step = word.chars().next().map_or(1, char::len_utf8);
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + text.get(from..)?.find(word)?;
        from = at + step;
        Some(at)
    })
}

impl Excerpt {
    /// The piece of `text` around the first mark.
    pub fn of(text: &str, marks: &[(usize, usize)]) -> Self {
        let first = marks.first().copied().unwrap_or((0, 0));
        let (begin, end) = window(text, first);
        let mut excerpt = Self {
            text: String::new(),
            marks: Vec::new(),
        };
        if begin > 0 {
            excerpt.text.push('…');
        }
        let mut units = if begin > 0 { 1 } else { 0 };
        let mut places = Vec::with_capacity(end - begin + 1);
        for c in text[begin..end].chars() {
            places.extend(std::iter::repeat_n(units, c.len_utf8()));
            // Marks stay right: a line's end is one unit, and so is a blank.
            excerpt.text.push(if c.is_control() || c.is_whitespace() {
                ' '
            } else {
                c
            });
            units += u32::try_from(c.len_utf16()).unwrap_or(1);
        }
        places.push(units);
        if end < text.len() {
            excerpt.text.push('…');
        }
        for (from, to) in marks {
            let (from, to) = ((*from).clamp(begin, end), (*to).clamp(begin, end));
            if from < to {
                excerpt
                    .marks
                    .push([places[from - begin], places[to - begin]]);
            }
        }
        excerpt
    }
}

/// The bytes to show: some words before the first mark, as much as there is room for behind it. Never cuts what a
/// reader sees as one character.
fn window(text: &str, first: (usize, usize)) -> (usize, usize) {
    let before: Vec<(usize, &str)> = text[..first.0].grapheme_indices(true).collect();
    let mut begin = before
        .len()
        .saturating_sub(limits::EXCERPT_BEFORE_CHARACTERS);
    // The beginning of a word, if one is near.
    if begin > 0
        && let Some(blank) = before[begin..]
            .iter()
            .position(|(_, piece)| piece.trim().is_empty())
    {
        begin += blank + 1;
    }
    let begin = before.get(begin).map_or(first.0, |(at, _)| *at);
    let mut end = text.len();
    let mut bytes = 0;
    for (count, (at, piece)) in text[begin..].grapheme_indices(true).enumerate() {
        bytes += piece.len();
        if count >= limits::EXCERPT_CHARACTERS || bytes > limits::EXCERPT_BYTES_MAX {
            end = begin + at;
            break;
        }
    }
    (begin, end)
}

#[cfg(test)]
mod tests {
    use super::super::fold::fold;
    use super::*;

    /// The excerpt of a text with its marks in brackets.
    fn shown(typed: &str, text: &str) -> String {
        let question = Question::read(typed).expect("a question");
        let marks = marks(&question, text, &fold(text));
        let excerpt = Excerpt::of(text, &marks);
        let units: Vec<u16> = excerpt.text.encode_utf16().collect();
        let mut shown = String::new();
        let mut at = 0;
        let piece = |from: u32, to: u32| {
            String::from_utf16(&units[from as usize..to as usize]).expect("whole characters")
        };
        for [from, to] in excerpt.marks {
            shown += &format!("{}[{}]", piece(at, from), piece(from, to));
            at = to;
        }
        shown + &piece(at, u32::try_from(units.len()).expect("short"))
    }

    #[test]
    fn what_was_found_is_marked_in_the_original() {
        assert_eq!(shown("muller", "Frau Müller"), "Frau [Müller]");
        assert_eq!(
            shown("strasse haus", "Haus an der Straße"),
            "[Haus] an der [Straße]"
        );
        assert_eq!(shown("😀👍🏽", "da 😀👍🏽 ist"), "da [😀👍🏽] ist");
        assert_eq!(shown("kalt", "so\nkalt\tda"), "so [kalt] da");
        assert_eq!(shown("שלום", "הוא אמר שָׁלוֹם לכולם"), "הוא אמר [שָׁלוֹם] לכולם");
        assert_eq!(shown("aba bab", "ababa ab"), "[ababa] ab");
        assert_eq!(shown("ab", "abab ab"), "[ab]ab ab");
    }

    #[test]
    fn a_long_text_is_cut_around_the_first_mark() {
        let text = format!("{} needle {}", "before ".repeat(100), "behind ".repeat(100));
        let shown = shown("needle", &text);
        assert!(shown.starts_with("…before "), "{shown}");
        assert!(shown.contains(" [needle] behind "), "{shown}");
        assert!(shown.ends_with('…'), "{shown}");
        assert!(
            shown.chars().count() < limits::EXCERPT_CHARACTERS + 5,
            "{shown}"
        );
        let heavy = format!("{}needle", "e\u{301}".repeat(5_000));
        assert!(self::shown("needle", &heavy).contains("[needle]"));
        let one = format!("a{}", "\u{301}".repeat(50_000));
        let question = Question::read("xyz").expect("a question");
        let marks = marks(&question, &one, &fold(&one));
        assert!(Excerpt::of(&one, &marks).text.len() <= limits::EXCERPT_BYTES_MAX + 3);
    }
}
