//! `/dev/mail`: the mail that was kept instead of sent, for whoever develops. It is there only with `dev.mail`, which
//! the start refuses where others could open it.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use deskside_db::Time;
use deskside_outbound::{Kept, Mailbox, Outbox};

use crate::app::App;
use crate::error::{Error, Tongue};

/// What the page looks like; its policy allows no style inside of it.
const STYLE: &str = "\
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif }
body { max-width: 46rem; margin: 0 auto; padding: 1.5rem 1rem }
h1 { font-size: 1.4rem; margin: 0 0 .25rem }
p { margin: 0 0 1.5rem }
article { border: 1px solid #8886; border-radius: .5rem; padding: 1rem; margin: 0 0 1rem }
h2 { font-size: 1rem; margin: 0 }
dl { display: grid; grid-template-columns: auto 1fr; gap: 0 .75rem; margin: .25rem 0 .75rem; font-size: .875rem; opacity: .8 }
dd { margin: 0; overflow-wrap: anywhere }
pre { font: inherit; margin: 0; white-space: pre-wrap; overflow-wrap: anywhere }
";

/// The policy of the page: its own style, and nothing that runs.
const POLICY: &str = "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The page and its style where mail is kept; nothing elsewhere.
pub fn pages(app: &App) -> Router<App> {
    match &app.outbox {
        Some(Outbox::Mailbox(_)) => Router::new()
            .route("/dev/mail", get(page))
            .route("/dev/mail.css", get(style)),
        _ => Router::new(),
    }
}

async fn style() -> Response {
    let kind = HeaderValue::from_static("text/css; charset=utf-8");
    ([(header::CONTENT_TYPE, kind)], STYLE).into_response()
}

async fn page(State(app): State<App>, headers: HeaderMap) -> Result<Response, Error> {
    let Some(Outbox::Mailbox(mailbox)) = &app.outbox else {
        return Err(Error::NotFound);
    };
    if !is_local(&headers) {
        return Err(Error::CrossSite);
    }
    let tongue = Tongue::accepted(headers.get(header::ACCEPT_LANGUAGE));
    let fixed = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_SECURITY_POLICY, fixed(POLICY)),
        (header::CACHE_CONTROL, fixed("no-store")),
    ];
    Ok((headers, Html(render(mailbox, tongue))).into_response())
}

/// Whether the browser knows this server by a local name: a site that has its own name point here reads no mail.
fn is_local(headers: &HeaderMap) -> bool {
    let host = headers
        .get(header::HOST)
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let name = match host.strip_prefix('[') {
        Some(v6) => v6.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    ["localhost", "127.0.0.1", "::1"].contains(&name)
}

fn render(mailbox: &Mailbox, tongue: Tongue) -> String {
    let kept = mailbox.newest_first();
    let (lang, title, about, empty) = match tongue {
        Tongue::En => (
            "en",
            "Mail",
            "What would have been sent, newest first. It is kept in memory until the server stops.",
            "No mail yet.",
        ),
        Tongue::De => (
            "de",
            "E-Mails",
            "Was verschickt worden wäre, Neuestes zuerst. Es bleibt im Speicher, bis der Server endet.",
            "Noch keine E-Mail.",
        ),
    };
    let mut page = format!(
        "<!doctype html>\n<html lang=\"{lang}\">\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<title>{title} ({count}) · Deskside</title>\n\
         <link rel=\"stylesheet\" href=\"/dev/mail.css\">\n<main>\n<h1>{title}</h1>\n<p>{about}</p>\n",
        count = kept.len()
    );
    if kept.is_empty() {
        page += &format!("<p>{empty}</p>\n");
    }
    for kept in &kept {
        page += &article(kept, tongue);
    }
    page + "</main>\n</html>\n"
}

fn article(kept: &Kept, tongue: Tongue) -> String {
    let mail = &kept.mail;
    let (from, to, at) = match tongue {
        Tongue::En => ("From", "To", "At"),
        Tongue::De => ("Von", "An", "Um"),
    };
    format!(
        "<article id=\"mail-{number}\">\n<h2>{subject}</h2>\n<dl><dt>{from}</dt><dd>{from_name}</dd><dt>{to}</dt><dd>{address}</dd>\
         <dt>{at}</dt><dd>{time}</dd></dl>\n<pre>{text}</pre>\n</article>\n",
        number = kept.number,
        subject = escape(&mail.subject),
        from_name = escape(&mail.from_name),
        address = escape(&mail.to),
        time = Time::from_millis(mail.at_ms),
        text = linked(&mail.text),
    )
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out += "&amp;",
            '<' => out += "&lt;",
            '>' => out += "&gt;",
            '"' => out += "&quot;",
            '\'' => out += "&#39;",
            c => out.push(c),
        }
    }
    out
}

/// Text with its web addresses as links; an address ends at the next space.
fn linked(text: &str) -> String {
    text.split_inclusive(char::is_whitespace)
        .map(|piece| {
            let word = piece.trim_end();
            let space = &piece[word.len()..];
            if word.starts_with("http://") || word.starts_with("https://") {
                let word = escape(word);
                format!("<a href=\"{word}\">{word}</a>{space}")
            } else {
                escape(piece)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_text_and_addresses_are_links() {
        assert_eq!(
            linked("Hi <b>,\n\nhttp://localhost/reset/x\nx=\"1\" & javascript:alert(1)"),
            "Hi &lt;b&gt;,\n\n<a href=\"http://localhost/reset/x\">http://localhost/reset/x</a>\nx=&quot;1&quot; &amp; javascript:alert(1)"
        );
        assert_eq!(
            linked("https://a.example/\"onclick=\"x"),
            "<a href=\"https://a.example/&quot;onclick=&quot;x\">https://a.example/&quot;onclick=&quot;x</a>"
        );
    }

    #[test]
    fn only_a_local_name_opens_the_mailbox() {
        let named = |host: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static(host));
            is_local(&headers)
        };
        for host in ["localhost:8080", "127.0.0.1:9", "[::1]:8080", "localhost"] {
            assert!(named(host), "{host}");
        }
        for host in [
            "evil.example",
            "localhost.evil.example:8080",
            "192.168.0.7",
            "",
        ] {
            assert!(!named(host), "{host}");
        }
    }
}
