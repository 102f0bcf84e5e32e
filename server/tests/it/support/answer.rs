//! What came back.

use axum::http::HeaderMap;
use serde_json::Value;

/// An answer of the server, already checked against the description.
#[derive(Debug)]
pub struct Answer {
    /// Method and path, for the words of a failure.
    pub asked: String,
    /// The status.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The body as JSON; null when there is none.
    #[track_caller]
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{}: {error}: {}", self.asked, self.text()))
    }

    /// A header as text; empty when it is not there.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    /// The body of an answer that must have this status.
    #[track_caller]
    pub fn expect(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self.json()
    }

    /// The problem of an answer that must have this status and code.
    #[track_caller]
    pub fn problem(&self, status: u16, code: &str) -> Value {
        let problem = self.expect(status);
        assert_eq!(problem["code"], code, "{}: {problem}", self.asked);
        problem
    }

    /// The code of the only field error of an answer that must be `invalid_input`, for this field.
    #[track_caller]
    pub fn field_error(&self, field: &str) -> String {
        let problem = self.problem(422, "invalid_input");
        let errors = problem["errors"].as_array().expect("field errors");
        assert_eq!(errors.len(), 1, "{}: {problem}", self.asked);
        assert_eq!(errors[0]["field"], field, "{}: {problem}", self.asked);
        errors[0]["code"].as_str().expect("a code").to_owned()
    }
}
