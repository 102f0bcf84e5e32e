//! Customers nobody has taken yet, and those who are served.

use super::Line::{Completes, Leaves, Says};
use super::Speaker::{Guest, Team};
use super::{DAY, Story};
use crate::cases::Language;

pub(super) const STORIES: &[Story] = &[
    Story {
        name: "Grace Adeyemi",
        email: "grace.adeyemi@mail.example",
        phone: "+44 113 496 0855",
        reference: "",
        notes: "",
        tags: &["Urgent"],
        custom: &[],
        language: Language::En,
        team: &[1],
        shown_as_guest: false,
        lines: &[
            Says(
                33,
                Guest,
                "Hello, is anybody there? There is no hot water since this morning.",
            ),
            Says(31, Guest, "The display says F28."),
            Leaves(30, 1),
        ],
    },
    Story {
        name: "Mateus Oliveira",
        email: "mateus@oliveira.example",
        phone: "",
        reference: "",
        notes: "",
        tags: &["Offer"],
        custom: &[],
        language: Language::En,
        team: &[2],
        shown_as_guest: false,
        lines: &[
            Says(
                14,
                Guest,
                "Olá! I would like an offer for solar thermal on a flat roof.",
            ),
            Leaves(12, 2),
        ],
    },
    Story {
        name: "Chen Wei",
        email: "chen.wei@lab.example",
        phone: "+44 113 496 0231",
        reference: "KD-4590",
        notes: "",
        tags: &["Warranty"],
        custom: &[("Heating today", "pump"), ("Year built", "2019")],
        language: Language::En,
        team: &[0],
        shown_as_guest: false,
        lines: &[
            Says(
                20 * DAY,
                Guest,
                "您好, the thermostat app shows the house at 5 degrees, but it is warm. Is the sensor broken?",
            ),
            Says(
                20 * DAY - 10,
                Team(0),
                "Hello Mr Chen, it lost its connection. Please take the batteries out for ten seconds.",
            ),
            Says(20 * DAY - 30, Guest, "That helped. Thank you!"),
            Completes(20 * DAY - 60, 0),
        ],
    },
    Story {
        name: "Marlene Köhler",
        email: "m.koehler@post.example",
        phone: "+49 30 23125 042",
        reference: "KD-4588",
        notes: "Rechnung bezahlt am 3.",
        tags: &["Invoice"],
        custom: &[
            ("Heating today", "pump"),
            ("Grant", "granted"),
            ("Service plan", "true"),
        ],
        language: Language::De,
        team: &[0, 2],
        shown_as_guest: false,
        lines: &[
            Says(
                25 * DAY,
                Guest,
                "Guten Morgen, auf der Rechnung steht eine Anfahrt zu viel.",
            ),
            Says(
                25 * DAY - 45,
                Team(2),
                "Guten Morgen Frau Köhler, Sie haben recht, das war unser Fehler. Die berichtigte Rechnung ist unterwegs.",
            ),
            Says(
                24 * DAY,
                Guest,
                "Angekommen, vielen Dank für die schnelle Hilfe.",
            ),
            Completes(24 * DAY - 20, 2),
        ],
    },
    Story {
        name: "Amina Haddad, radiators",
        email: "amina@haddad.example",
        phone: "+44 113 496 0142",
        reference: "KD-4633",
        notes: "Two valves replaced, paid on site.",
        tags: &["Visit"],
        custom: &[
            ("Heating today", "gas"),
            ("Year built", "1968"),
            ("Grant", "not_wanted"),
        ],
        language: Language::En,
        team: &[3, 0],
        shown_as_guest: false,
        lines: &[
            Says(
                45 * DAY,
                Guest,
                "Good morning, two radiators upstairs stay cold however far I turn them up.",
            ),
            Says(
                45 * DAY - 20,
                Team(3),
                "Good morning Ms Haddad, that sounds like stuck valves. Keiko can come on Wednesday between nine and eleven.",
            ),
            Says(
                43 * DAY,
                Guest,
                "She was here and it is warm. Thank you both!",
            ),
            Completes(43 * DAY - 15, 3),
        ],
    },
];
