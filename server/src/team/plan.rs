//! What an organization has booked: its plan.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The plans, each with all of those before it. Whoever runs the server sets them; without a word it is the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Plan {
    /// Cases, chat and calls.
    Starter,
    /// With custom fields (S156).
    Professional,
    /// With the customer's location.
    Enterprise,
}

impl Plan {
    /// As stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Plan::Starter => "starter",
            Plan::Professional => "professional",
            Plan::Enterprise => "enterprise",
        }
    }

    /// From what is stored or typed; none for an unknown word.
    pub fn parse(text: &str) -> Option<Self> {
        [Plan::Starter, Plan::Professional, Plan::Enterprise]
            .into_iter()
            .find(|plan| plan.as_str() == text)
    }
}
