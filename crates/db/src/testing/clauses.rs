//! What the clauses of a source file say. They are read from the source as it stands, so a clause is one of the few
//! shapes that `org_sql!` describes, and every other shape is an error, never a guess.

use proc_macro2::{TokenStream, TokenTree};
use syn::{
    Ident, LitInt, LitStr, Token,
    parse::{ParseStream, Parser},
    punctuated::Punctuated,
    visit::Visit,
};

/// The `macro_rules!` of a source file, of which some are clauses.
#[derive(Default)]
pub(super) struct Clauses(Vec<(Ident, TokenStream)>);

/// An arm of a clause: what it says on one database.
struct Arm {
    dialect: Ident,
    /// The name of its number.
    number: Option<Ident>,
    words: Vec<Word>,
}

enum Word {
    Text(String),
    Number(Ident),
}

impl<'ast> Visit<'ast> for Clauses {
    fn visit_item_macro(&mut self, item: &'ast syn::ItemMacro) {
        if let Some(name) = &item.ident {
            self.0.push((name.clone(), item.mac.tokens.clone()));
        }
    }
}

impl Clauses {
    /// Those of a file.
    pub(super) fn of(file: &syn::File) -> Clauses {
        let mut clauses = Clauses::default();
        clauses.visit_file(file);
        clauses
    }

    /// What a clause says on a database, with its number put in.
    ///
    /// # Errors
    /// For a clause that is no macro of this file, or is one of another shape.
    pub(super) fn text(
        &self,
        clause: &Ident,
        dialect: &str,
        number: Option<&LitInt>,
    ) -> syn::Result<String> {
        let mut named = self.0.iter().filter(|(name, _)| name == clause);
        let (Some((_, rules)), None) = (named.next(), named.next()) else {
            let what = format!("`{clause}` is not one macro of this file");
            return Err(syn::Error::new(clause.span(), what));
        };
        let arms = arms.parse2(rules.clone())?;
        let mut fitting = arms
            .iter()
            .filter(|arm| arm.dialect == dialect && arm.number.is_some() == number.is_some());
        let (Some(arm), None) = (fitting.next(), fitting.next()) else {
            let what = format!("`{clause}` has not one arm for {dialect} that fits");
            return Err(syn::Error::new(clause.span(), what));
        };
        let words = arm.words.iter().map(|word| match (word, number) {
            (Word::Text(text), _) => Ok(text.as_str()),
            (Word::Number(name), Some(number)) if arm.number.as_ref() == Some(name) => {
                Ok(number.base10_digits())
            }
            (Word::Number(name), _) => Err(syn::Error::new(name.span(), "an unknown number")),
        });
        words.collect()
    }
}

fn arms(input: ParseStream<'_>) -> syn::Result<Vec<Arm>> {
    let arms = Punctuated::<Arm, Token![;]>::parse_terminated_with(input, |input| {
        let (dialect, number) = matcher.parse2(group(input)?)?;
        input.parse::<Token![=>]>()?;
        let words = body.parse2(group(input)?)?;
        Ok(Arm {
            dialect,
            number,
            words,
        })
    })?;
    Ok(arms.into_iter().collect())
}

fn group(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    match input.parse()? {
        TokenTree::Group(group) => Ok(group.stream()),
        other => Err(syn::Error::new(other.span(), "expected a group")),
    }
}

/// `dialect` or `dialect, $number:literal`.
fn matcher(input: ParseStream<'_>) -> syn::Result<(Ident, Option<Ident>)> {
    let dialect = input.parse()?;
    if input.is_empty() {
        return Ok((dialect, None));
    }
    input.parse::<Token![,]>()?;
    input.parse::<Token![$]>()?;
    let number = input.parse()?;
    input.parse::<Token![:]>()?;
    let kind: Ident = input.parse()?;
    if kind != "literal" {
        return Err(syn::Error::new(kind.span(), "expected literal"));
    }
    Ok((dialect, Some(number)))
}

/// `"text"` or `concat!("text", $number, …)`.
fn body(input: ParseStream<'_>) -> syn::Result<Vec<Word>> {
    if input.peek(LitStr) {
        return Ok(vec![word(input)?]);
    }
    let name: Ident = input.parse()?;
    if name != "concat" {
        return Err(syn::Error::new(name.span(), "expected a text or concat!"));
    }
    input.parse::<Token![!]>()?;
    let words =
        |input: ParseStream<'_>| Punctuated::<Word, Token![,]>::parse_terminated_with(input, word);
    Ok(words.parse2(group(input)?)?.into_iter().collect())
}

fn word(input: ParseStream<'_>) -> syn::Result<Word> {
    if input.peek(Token![$]) {
        input.parse::<Token![$]>()?;
        return Ok(Word::Number(input.parse()?));
    }
    Ok(Word::Text(input.parse::<LitStr>()?.value()))
}
