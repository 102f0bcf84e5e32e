//! Who works at Ashgrove Heating, and what their customers wrote.

use crate::auth::Role;
use crate::cases::Language;

/// Name, email address, role.
pub(super) const TEAM: &[(&str, &str, Role)] = &[
    (
        "Maren Lindqvist",
        "maren@ashgrove.example",
        Role::Administrator,
    ),
    ("Ifeoma Okafor", "ifeoma@ashgrove.example", Role::Operator),
    ("Tomasz Wilk", "tomasz@ashgrove.example", Role::Operator),
];

/// Who speaks: the guest, or a member of [`TEAM`].
pub(super) enum Speaker {
    Guest,
    Team(usize),
}

/// Something that happened, so many minutes before now.
pub(super) enum Line {
    Says(i64, Speaker, &'static str),
    Arrives(i64),
    Notes(i64, usize, &'static str),
    Leaves(i64, usize),
    Calls(i64, usize),
    Ends(i64, usize),
    Completes(i64, usize),
}

impl Line {
    pub(super) fn minutes_ago(&self) -> i64 {
        match self {
            Line::Says(minutes, ..)
            | Line::Arrives(minutes)
            | Line::Notes(minutes, ..)
            | Line::Leaves(minutes, _)
            | Line::Calls(minutes, _)
            | Line::Ends(minutes, _)
            | Line::Completes(minutes, _) => *minutes,
        }
    }
}

/// A case of the sample organization. `team` names who is on it, the first opened it.
pub(super) struct Story {
    pub(super) name: &'static str,
    pub(super) email: &'static str,
    pub(super) phone: &'static str,
    pub(super) reference: &'static str,
    pub(super) notes: &'static str,
    pub(super) language: Language,
    pub(super) team: &'static [usize],
    pub(super) shown_as_guest: bool,
    pub(super) lines: &'static [Line],
}

use Line::{Arrives, Calls, Completes, Ends, Leaves, Notes, Says};
use Speaker::{Guest, Team};

const HOUR: i64 = 60;
const DAY: i64 = 24 * HOUR;

pub(super) const STORIES: &[Story] = &[
    Story {
        name: "Amina Haddad",
        email: "amina@haddad.example",
        phone: "+44 7700 900142",
        reference: "KD-4711",
        notes: "House from 1968, gas boiler 22 years old. Husband Karim decides with her.\nAsk about the attic insulation.",
        language: Language::En,
        team: &[0, 1],
        shown_as_guest: true,
        lines: &[
            Arrives(2 * DAY + 4 * HOUR),
            Says(
                2 * DAY + 4 * HOUR - 3,
                Guest,
                "Hello, our gas boiler is 22 years old and will not pass the next inspection. We are thinking of a heat pump, but the house is from 1968. Does that work at all?",
            ),
            Says(
                2 * DAY + 4 * HOUR - 9,
                Team(0),
                "Good afternoon Ms Haddad. In most houses of that age it does. Could you tell me last year’s gas use? Then Thursday will be short and useful.",
            ),
            Says(
                DAY + 2 * HOUR,
                Guest,
                "It was 21,400 kWh. The bill was hard to find!",
            ),
            Says(
                DAY + HOUR + 40,
                Team(0),
                "Thank you. That is about 9.8 kW at the coldest day, so the smaller unit is enough. The grant pays 35 % if you apply before you sign: https://www.gov.uk/apply-boiler-upgrade-scheme",
            ),
            Arrives(95),
            Calls(93, 0),
            Ends(69, 0),
            Says(
                41,
                Guest,
                "Thank you, that was very clear. My husband has one question: how loud is it outside? The neighbour’s bedroom is four metres away.",
            ),
            Says(38, Guest, "And can we keep the old radiators upstairs?"),
        ],
    },
    Story {
        name: "Yusuf Demir",
        email: "yusuf.demir@mail.example",
        phone: "+44 7700 900618",
        reference: "KD-4698",
        notes: "Underfloor heating, installed by us in 2021. Warranty until March.",
        language: Language::En,
        team: &[0],
        shown_as_guest: true,
        lines: &[
            Says(
                5 * DAY,
                Guest,
                "Hi, the pressure in the heating keeps dropping. I top it up to 1.5 bar and two days later it is at 0.9.",
            ),
            Says(
                5 * DAY - 35,
                Team(0),
                "Hello Mr Demir, that points to the expansion vessel. Is the floor wet anywhere around the boiler?",
            ),
            Says(5 * DAY - 50, Guest, "No, everything is dry 👍"),
            Says(
                4 * DAY,
                Team(0),
                "Good. Please close the valve at the manifold tonight and tell me tomorrow what the gauge says.",
            ),
            Says(9, Guest, "The pressure is down to 0.8 bar again"),
            Says(
                6,
                Guest,
                "with the valve closed, so it is not the floor, right?",
            ),
        ],
    },
    Story {
        name: "Katarzyna Nowak",
        email: "k.nowak@poczta.example",
        phone: "+48 501 234 567",
        reference: "",
        notes: "Writes Polish, reads English well. Tomasz knows the house.",
        language: Language::En,
        team: &[2, 0],
        shown_as_guest: true,
        lines: &[
            Says(
                3 * DAY,
                Guest,
                "Dzień dobry, czy mogą Państwo zamontować pompę ciepła jeszcze przed zimą?",
            ),
            Says(
                3 * DAY - 12,
                Team(2),
                "Dzień dobry, tak, najbliższy termin mamy w przyszłym tygodniu. Proszę o zdjęcie kotłowni, wtedy powiem, ile to potrwa.",
            ),
            Says(
                3 * DAY - 40,
                Guest,
                "Super! Kotłownia jest mała, 2 × 3 metry.",
            ),
            Says(
                50,
                Team(2),
                "To wystarczy. Możemy porozmawiać o czternastej?",
            ),
            Says(47, Guest, "Brzmi dobrze, do usłyszenia o drugiej."),
        ],
    },
    Story {
        name: "Hillside Housing Association",
        email: "estates@hillside.example",
        phone: "+44 113 496 0770",
        reference: "HHA-14",
        notes: "14 flats, one plant room. Decision by the board in two weeks.\nContact: Priya Raman, estates.",
        language: Language::En,
        team: &[0, 1, 2],
        shown_as_guest: false,
        lines: &[
            Says(
                8 * DAY,
                Guest,
                "Good morning, we look after 14 flats with one oil boiler from 1994. Could one plant replace it without touching the flats?",
            ),
            Says(
                8 * DAY - 25,
                Team(0),
                "Good morning Ms Raman. Yes, a cascade of two units in the plant room does that. May I ask for the heating bills of three years?",
            ),
            Says(
                7 * DAY,
                Guest,
                "Sent by post today. The board also wants to know how long the flats will be cold during the works.",
            ),
            Says(
                7 * DAY - 90,
                Team(1),
                "Not at all: we put a mobile unit in the yard for the four days. I will put that into the offer.",
            ),
            Notes(
                7 * DAY - 120,
                1,
                "14 flats, one plant room. Decision by the board in two weeks.\nContact: Priya Raman, estates.\nMobile unit for four days: 1 850 £, agreed with Maren.",
            ),
            Says(
                22,
                Guest,
                "14 flats, plans are in the plant room. Can you come on Monday?",
            ),
        ],
    },
    Story {
        name: "Familie Brandt",
        email: "brandt@post.example",
        phone: "+49 170 1234567",
        reference: "KD-4655",
        notes: "Ferienhaus in Whitby, Haus steht bis Mai leer.",
        language: Language::De,
        team: &[0],
        shown_as_guest: true,
        lines: &[
            Says(
                2 * DAY,
                Guest,
                "Guten Tag, wir haben Ihre Adresse von Nachbarn. Unser Ferienhaus steht bis Mai leer. Kann die Heizung so lange auf Frostschutz bleiben?",
            ),
            Says(
                2 * DAY - 18,
                Team(0),
                "Guten Tag Familie Brandt, ja, das geht. Stellen Sie bitte alle Thermostate auf das Schneeflocken-Symbol und lassen Sie den Strom an.",
            ),
            Says(
                DAY + 3 * HOUR,
                Guest,
                "Das haben wir gemacht. Können Sie aus der Ferne sehen, ob etwas ausfällt?",
            ),
            Says(
                DAY + 2 * HOUR + 30,
                Team(0),
                "Mit einem kleinen Modul am Regler ja. Ich schicke Ihnen ein Angebot über 190 £ inklusive Einbau.",
            ),
            Says(75, Guest, "Das nehmen wir gern. Wann könnte jemand kommen?"),
        ],
    },
    Story {
        name: "Lucía Fernández",
        email: "lucia@fernandez.example",
        phone: "",
        reference: "",
        notes: "",
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
        ],
    },
    Story {
        name: "Owen Gallagher",
        email: "",
        phone: "+44 7700 900377",
        reference: "",
        notes: "Prefers the phone in the mornings.",
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
        ],
    },
    Story {
        name: "Sofia Marchetti",
        email: "sofia.marchetti@studio.example",
        phone: "+39 320 123 4567",
        reference: "B-209",
        notes: "",
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
        ],
    },
    Story {
        name: "Noah Bergström",
        email: "noah@bergstrom.example",
        phone: "",
        reference: "",
        notes: "Student flat, landlord pays.",
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
        ],
    },
    Story {
        name: "Fatou Diallo",
        email: "fatou.diallo@cabinet.example",
        phone: "+33 6 12 34 56 78",
        reference: "KD-4702",
        notes: "",
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
                "Here is the comparison in one line: the pump costs 4 100 £ more and saves 900 £ a year. Call me and I explain the assumptions.",
            ),
        ],
    },
    Story {
        name: "Grace Adeyemi",
        email: "grace.adeyemi@mail.example",
        phone: "+44 7700 900855",
        reference: "",
        notes: "",
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
        phone: "+44 7700 900231",
        reference: "KD-4590",
        notes: "",
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
        phone: "+49 30 9018 20",
        reference: "KD-4588",
        notes: "Rechnung bezahlt am 3.",
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
];
