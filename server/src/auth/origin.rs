//! Requests that another website makes in a visitor's name are refused: by `Sec-Fetch-Site` where a
//! browser sends it, else by `Origin`. The WebSocket handshake is checked too, although it is a GET.

use axum::http::{HeaderMap, Method};

/// Whether a request may change something, judged by its headers alone.
pub fn is_own(method: &Method, headers: &HeaderMap, public_url: &str) -> bool {
    let handshake = headers.contains_key("upgrade");
    if method.is_safe() && !handshake {
        return true;
    }
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("?"));
    match text("sec-fetch-site") {
        Some("same-origin") => return true,
        Some("none") if !handshake => return true,
        Some(_) => return false,
        None => {}
    }
    match text("origin") {
        // Not a browser: there is no visitor whose cookie could be misused.
        None => true,
        Some(origin) => {
            let same_host = text("host").is_some_and(|host| {
                origin
                    .strip_prefix("https://")
                    .or_else(|| origin.strip_prefix("http://"))
                    .is_some_and(|rest| rest.eq_ignore_ascii_case(host))
            });
            same_host || origin.eq_ignore_ascii_case(public_url.trim_end_matches('/'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(method: Method, headers: &[(&str, &str)]) -> bool {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(
                axum::http::HeaderName::try_from(*name).unwrap(),
                value.parse().unwrap(),
            );
        }
        is_own(&method, &map, "https://desk.example")
    }

    #[test]
    fn only_our_own_pages_change_anything() {
        assert!(
            asked(Method::GET, &[("sec-fetch-site", "cross-site")]),
            "reading a page is free"
        );
        assert!(asked(Method::POST, &[("sec-fetch-site", "same-origin")]));
        assert!(asked(Method::POST, &[("sec-fetch-site", "none")]));
        assert!(!asked(Method::POST, &[("sec-fetch-site", "cross-site")]));
        assert!(
            !asked(Method::DELETE, &[("sec-fetch-site", "same-site")]),
            "a sister domain is a stranger"
        );
        assert!(!asked(
            Method::POST,
            &[("origin", "https://evil.example"), ("host", "desk.example")]
        ));
        assert!(asked(
            Method::POST,
            &[("origin", "https://desk.example"), ("host", "inner:8080")]
        ));
        assert!(asked(
            Method::POST,
            &[
                ("origin", "http://127.0.0.1:8080"),
                ("host", "127.0.0.1:8080")
            ]
        ));
        assert!(!asked(
            Method::POST,
            &[("origin", "null"), ("host", "desk.example")]
        ));
        assert!(
            asked(Method::POST, &[]),
            "a program without cookies of a visitor"
        );
    }

    #[test]
    fn the_handshake_is_checked_although_it_is_a_get() {
        assert!(!asked(
            Method::GET,
            &[
                ("upgrade", "websocket"),
                ("origin", "https://evil.example"),
                ("host", "desk.example")
            ]
        ));
        assert!(!asked(
            Method::GET,
            &[("upgrade", "websocket"), ("sec-fetch-site", "cross-site")]
        ));
        assert!(asked(
            Method::GET,
            &[
                ("upgrade", "websocket"),
                ("origin", "https://desk.example"),
                ("host", "desk.example")
            ]
        ));
    }
}
