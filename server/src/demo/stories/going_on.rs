//! What is going on at Ashgrove Heating today.

use super::Line::{Arrives, Calls, Ends, Notes, Says, Tells};
use super::Speaker::{Guest, Team};
use super::{DAY, HOUR, Story};
use crate::cases::Language;

pub(super) const STORIES: &[Story] = &[
    Story {
        name: "Amina Haddad",
        email: "amina@haddad.example",
        phone: "+44 113 496 0142",
        reference: "KD-4711",
        notes: "House from 1968, gas boiler 22 years old. Husband Karim decides with her.\nAsk about the attic insulation.",
        tags: &["Heat pump", "Grant"],
        custom: &[
            ("Heating today", "gas"),
            ("Year built", "1968"),
            ("Grant", "applied"),
            ("Interested in", "solar,insulation"),
            ("Plans", "https://files.ashgrove.example/haddad/plans"),
        ],
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
            Tells(
                66,
                0,
                "Karim was there for the second half. They want it done before the winter; the radiators upstairs are from 2003 and may stay.",
                &[],
            ),
        ],
    },
    Story {
        name: "Yusuf Demir",
        email: "yusuf.demir@mail.example",
        phone: "+44 113 496 0618",
        reference: "KD-4698",
        notes: "Underfloor heating, installed by us in 2021. Warranty until March.",
        tags: &["Warranty", "Urgent"],
        custom: &[
            ("Heating today", "gas"),
            ("Year built", "2004"),
            ("Contract until", "2027-03-31"),
            ("Service plan", "true"),
        ],
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
        tags: &["Heat pump"],
        custom: &[("Heating today", "oil"), ("Interested in", "solar")],
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
        tags: &["Heat pump", "Offer"],
        custom: &[
            ("Heating today", "oil"),
            ("Year built", "1994"),
            ("Grant", "not_wanted"),
            (
                "How to get in",
                "Key at the caretaker, 14a, until 16:00.\nRing twice.",
            ),
        ],
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
            Tells(
                19,
                1,
                "@Maren Lindqvist Priya asks for Monday. I am at the school then: can you go, or shall I move them to Tuesday?",
                &[0],
            ),
        ],
    },
    Story {
        name: "Familie Brandt",
        email: "brandt@post.example",
        phone: "+49 171 3920034",
        reference: "KD-4655",
        notes: "Ferienhaus in Whitby, Haus steht bis Mai leer.",
        tags: &["Offer"],
        custom: &[
            ("Heating today", "pellets"),
            ("Year built", "1931"),
            ("How to get in", "Schlüssel bei Familie Cole gegenüber."),
        ],
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
        name: "Harper Street School",
        email: "office@harperstreet.example",
        phone: "+44 113 496 0412",
        reference: "HS-3",
        notes: "Boiler room open from 7:00. Ask for Mr Rowe.",
        tags: &["Visit", "Urgent"],
        custom: &[
            ("Heating today", "gas"),
            ("Year built", "1979"),
            ("Contract until", "2028-08-31"),
            ("Service plan", "true"),
        ],
        language: Language::En,
        team: &[3, 1],
        shown_as_guest: false,
        lines: &[
            Says(
                4 * HOUR + 20,
                Guest,
                "The gym has been at 12 degrees since yesterday, everything else is warm.",
            ),
            Says(
                4 * HOUR + 12,
                Team(3),
                "Good morning Mr Rowe, then it is the pump of that circuit. Ifeoma is in your street today and brings one.",
            ),
            Tells(
                4 * HOUR + 5,
                3,
                "@Ifeoma Okafor the 25-60 is on shelf C. Rowe has lunch duty at noon, be there before.",
                &[1],
            ),
            Says(
                HOUR + 30,
                Guest,
                "She has just left. 17 degrees and rising, the children say thank you.",
            ),
        ],
    },
];
