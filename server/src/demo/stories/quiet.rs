//! Cases in which little happens now.

use super::Line::{AsksWhere, HandsOver, Refuses, Says, SharesWhere, Snoozes};
use super::Speaker::{Guest, Team};
use super::{DAY, HOUR, Story};
use crate::cases::Language;

pub(super) const STORIES: &[Story] = &[
    Story {
        name: "Lucía Fernández",
        email: "lucia@fernandez.example",
        phone: "",
        reference: "",
        notes: "",
        tags: &["Visit"],
        custom: &[],
        language: Language::En,
        team: &[0],
        shown_as_guest: false,
        lines: &[
            Says(
                26 * HOUR,
                Guest,
                "Hola, soy Lucía. El técnico no vino el viernes. ¿Qué pasó?",
            ),
            Says(
                26 * HOUR - 6,
                Team(0),
                "Hola Lucía, lo siento mucho: la furgoneta tuvo una avería. El técnico va el lunes a las nueve, y la visita no le cuesta nada.",
            ),
            Says(26 * HOUR - 11, Guest, "Gracias, así está bien."),
            Says(
                2 * HOUR,
                Team(0),
                "The fitter comes on Monday at nine. I have put it into the calendar for you.",
            ),
            AsksWhere(26 * HOUR - 8, 0),
            Refuses(26 * HOUR - 10),
        ],
    },
    Story {
        name: "Owen Gallagher",
        email: "",
        phone: "+44 113 496 0377",
        reference: "",
        notes: "Prefers the phone in the mornings.",
        tags: &["Visit"],
        custom: &[("Heating today", "gas"), ("Contract until", "2026-12-31")],
        language: Language::En,
        team: &[0],
        shown_as_guest: false,
        lines: &[
            Says(
                4 * DAY,
                Guest,
                "You said someone would ring me about the radiator valves?",
            ),
            Says(
                4 * DAY - 4,
                Team(0),
                "Sorry Mr Gallagher, I tried at nine and at half past. Shall we say tomorrow at ten?",
            ),
            Says(
                3 * HOUR,
                Guest,
                "Ten is fine. Which number will you call from, so that I pick up?",
            ),
            Says(3 * HOUR - 5, Team(0), "From 0113 496 0000."),
            AsksWhere(2 * HOUR + 50, 0),
            SharesWhere(2 * HOUR + 48, 53.801_277, -1.548_567, 18.0),
        ],
    },
    Story {
        name: "Sofia Marchetti",
        email: "sofia.marchetti@studio.example",
        phone: "+39 320 123 4567",
        reference: "B-209",
        notes: "",
        tags: &["Grant"],
        custom: &[("Heating today", "gas"), ("Grant", "granted")],
        language: Language::En,
        team: &[0, 1],
        shown_as_guest: false,
        lines: &[
            Says(
                9 * DAY,
                Guest,
                "Buongiorno! My landlord asks for the efficiency certificate of the new boiler.",
            ),
            Says(
                9 * DAY - 70,
                Team(1),
                "Buongiorno Ms Marchetti, the registration number is 4471-882. You find the certificate on page 3 of the grant form.",
            ),
            Says(6 * DAY, Guest, "Found it, thank you so much!"),
            Says(
                6 * DAY - 30,
                Team(1),
                "Grant form, page 3: that was quick. Is there anything else?",
            ),
            Snoozes(6 * DAY - 40, 0, 3 * DAY),
        ],
    },
    Story {
        name: "Noah Bergström",
        email: "noah@bergstrom.example",
        phone: "",
        reference: "",
        notes: "Student flat, landlord pays.",
        tags: &[],
        custom: &[],
        language: Language::En,
        team: &[1],
        shown_as_guest: false,
        lines: &[
            Says(
                7 * DAY,
                Guest,
                "Hej, the radiator in my room is cold at the top.",
            ),
            Says(
                7 * DAY - 15,
                Team(1),
                "Hello Noah, that is air. Turn the small screw at the side with the radiator key until water comes, then close it again.",
            ),
            Says(
                7 * DAY - 55,
                Guest,
                "I do not have a key… Thanks, I will ask my landlord",
            ),
            Says(5 * HOUR, Guest, "He had one. It is warm now 🎉"),
            HandsOver(
                4 * HOUR,
                1,
                2,
                "He lives round the corner from you. If it is cold again, the valve in the cellar needs a look.",
            ),
        ],
    },
    Story {
        name: "Fatou Diallo",
        email: "fatou.diallo@cabinet.example",
        phone: "+33 1 99 00 12 34",
        reference: "KD-4702",
        notes: "",
        tags: &["Offer"],
        custom: &[("Heating today", "oil"), ("Interested in", "solar,service")],
        language: Language::En,
        team: &[1, 2],
        shown_as_guest: false,
        lines: &[
            Says(
                10 * DAY,
                Guest,
                "Bonjour, pourriez-vous comparer une pompe à chaleur avec une chaudière à granulés pour notre cabinet ?",
            ),
            Says(
                10 * DAY - 130,
                Team(1),
                "Bonjour Madame Diallo, bien sûr. Quelle surface faut-il chauffer, et jusqu’à quelle heure le soir ?",
            ),
            Says(9 * DAY, Guest, "240 m², jusqu’à 19 h, fermé le week-end."),
            Says(
                8 * DAY + 3 * HOUR,
                Team(2),
                "Here is the comparison in one line: the pump costs £4,100 more and saves £900 a year. Call me and I explain the assumptions.",
            ),
        ],
    },
];
