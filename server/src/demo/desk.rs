//! How Ashgrove Heating has set its desk up: fields, tags, quick responses, colour.

use crate::custom_fields::{FieldIcon, FieldKind};
use crate::quick_responses::Scope;

/// The organization.
pub(super) const NAME: &str = "Ashgrove Heating";
/// Its colour.
pub(super) const BRAND_COLOR: &str = "#1f6f54";

/// A custom field.
pub(super) struct FieldOf {
    pub(super) label: &'static str,
    pub(super) kind: FieldKind,
    pub(super) icon: FieldIcon,
    pub(super) help: &'static str,
    /// Whether a case is completed only with it.
    pub(super) required: bool,
    pub(super) default_value: &'static str,
    /// Id and label of each option.
    pub(super) options: &'static [(&'static str, &'static str)],
}

const fn field(label: &'static str, kind: FieldKind, icon: FieldIcon) -> FieldOf {
    FieldOf {
        label,
        kind,
        icon,
        help: "",
        required: false,
        default_value: "",
        options: &[],
    }
}

/// What Ashgrove wants to know about every customer.
pub(super) const FIELDS: &[FieldOf] = &[
    FieldOf {
        options: &[
            ("gas", "Gas boiler"),
            ("oil", "Oil boiler"),
            ("pellets", "Pellet boiler"),
            ("pump", "Heat pump"),
        ],
        ..field("Heating today", FieldKind::Choice, FieldIcon::Wrench)
    },
    FieldOf {
        help: "Of the house, not of the heating.",
        ..field("Year built", FieldKind::Number, FieldIcon::Home)
    },
    FieldOf {
        required: true,
        default_value: "open",
        help: "Must be applied for before the customer signs.",
        options: &[
            ("open", "Not asked yet"),
            ("not_wanted", "Not wanted"),
            ("applied", "Applied for"),
            ("granted", "Granted"),
            ("declined", "Declined"),
        ],
        ..field("Grant", FieldKind::Choice, FieldIcon::Star)
    },
    FieldOf {
        options: &[
            ("solar", "Solar thermal"),
            ("floor", "Underfloor heating"),
            ("insulation", "Insulation"),
            ("service", "Service plan"),
        ],
        ..field("Interested in", FieldKind::Choices, FieldIcon::Tag)
    },
    field("Service plan", FieldKind::Checkbox, FieldIcon::Shield),
    field("Contract until", FieldKind::Date, FieldIcon::Calendar),
    field("Plans", FieldKind::Link, FieldIcon::Clip),
    FieldOf {
        help: "Keys, gates, dogs.",
        ..field("How to get in", FieldKind::LongText, FieldIcon::Pin)
    },
];

/// Labels on cases.
pub(super) const TAGS: &[&str] = &[
    "Grant",
    "Heat pump",
    "Invoice",
    "Offer",
    "Urgent",
    "Visit",
    "Warranty",
];

/// A quick response of a member of the team.
pub(super) struct ResponseOf {
    pub(super) member: usize,
    pub(super) scope: Scope,
    pub(super) shortcut: &'static str,
    pub(super) title: &'static str,
    pub(super) text: &'static str,
}

const fn global(shortcut: &'static str, title: &'static str, text: &'static str) -> ResponseOf {
    ResponseOf {
        member: 0,
        scope: Scope::Global,
        shortcut,
        title,
        text,
    }
}

const fn private(
    member: usize,
    shortcut: &'static str,
    title: &'static str,
    text: &'static str,
) -> ResponseOf {
    ResponseOf {
        member,
        scope: Scope::Private,
        shortcut,
        title,
        text,
    }
}

/// Answers written once.
pub(super) const RESPONSES: &[ResponseOf] = &[
    global(
        "hello",
        "Greeting",
        "Good morning {case_name}, this is {operator_name} of {organization_name}. How can I help you?",
    ),
    global(
        "noise",
        "Noise outside",
        "At four metres you will hear about as much as a fridge in the next room. We measure it at your house before anything is ordered.",
    ),
    global(
        "plate",
        "Ask for the type plate",
        "Could you read me what is on the type plate? It is the small silver label on the side of the boiler, usually on the right.",
    ),
    global(
        "grant",
        "Grant first",
        "The grant pays 35 % if it is applied for before you sign. We fill in the form with you; it takes ten minutes.",
    ),
    global(
        "link",
        "Link to this page",
        "You can come back to this conversation at any time here: {guest_link}",
    ),
    global(
        "phone",
        "Where to ring",
        "You reach us from 7:00 to 18:00 at {contact_phone} or at {contact_email}. Your number with us is #{case_number}.",
    ),
    private(
        0,
        "bye",
        "My sign-off",
        "Warm regards from a cold cellar, {operator_name}",
    ),
    private(
        1,
        "late",
        "Running late",
        "I am so sorry, the job before yours takes longer. I will be with you in about half an hour.",
    ),
];
