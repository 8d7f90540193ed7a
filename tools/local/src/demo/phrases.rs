//! Names, requests and phrases of the people in demo data.

pub(super) const FIRST_NAMES: [&str; 24] = [
    "Maria", "Dave", "Sarah", "James", "Aisha", "Wei", "Elena", "Tom", "Priya", "Carlos", "Ingrid", "Noah",
    "Fatima", "Luca", "Grace", "Omar", "Chloé", "Jürgen", "Hana", "Victor", "Nadia", "Ben", "Sofía", "Kwame",
];

pub(super) const LAST_NAMES: [&str; 24] = [
    "Garcia",
    "Miller",
    "Johnson",
    "Nguyen",
    "Patel",
    "Rossi",
    "Schmidt",
    "O'Brien",
    "Kowalski",
    "Haddad",
    "Silva",
    "Tanaka",
    "Larsen",
    "Dubois",
    "Okafor",
    "Peña",
    "Müller",
    "Novak",
    "Kim",
    "Andersson",
    "Costa",
    "Ivanova",
    "Reed",
    "Mensah",
];

pub(super) const COMPANIES: [&str; 8] = [
    "Doe Industries",
    "Harbor Logistics",
    "Green Valley Taxi",
    "Northside Bakery",
    "Lakeview Realty",
    "Summit Couriers",
    "Bluebird Florists",
    "Ridgeway Plumbing",
];

pub(super) const VEHICLES: [&str; 10] = [
    "2019 Toyota Camry",
    "2015 Honda Civic",
    "2021 Ford F-150",
    "2012 VW Golf",
    "2018 Subaru Outback",
    "2020 Tesla Model 3",
    "2009 Volvo V70",
    "2017 Mazda CX-5",
    "2014 BMW 320d",
    "2022 Kia Niro",
];

/// A service, what a caller says it is about, and what the firm asks back.
pub(super) struct Service {
    pub(super) name: &'static str,
    pub(super) complaint: &'static str,
    pub(super) question: &'static str,
    pub(super) detail: &'static str,
}

pub(super) const SERVICES: [Service; 8] = [
    Service {
        name: "Oil Change",
        complaint: "the oil light came on this morning and it has been a while since the last change",
        question: "Do you know how many miles it has been, and whether it takes synthetic oil?",
        detail: "About nine thousand, and yes, full synthetic I think. It said so on the sticker.",
    },
    Service {
        name: "Brake Inspection",
        complaint: "there is a grinding noise whenever I brake, mostly from the front left",
        question: "Does the pedal feel soft, or does the car pull to one side?",
        detail: "It pulls a little to the left. The pedal feels normal. It got worse over the last week.",
    },
    Service {
        name: "Auto Body Repair",
        complaint: "somebody scraped my rear bumper in a parking lot and I would like a quote",
        question: "Is the bumper cracked or is it only the paint, and will you go through insurance?",
        detail: "There is a crack near the corner, maybe four inches long. I would rather pay myself if it is under eight hundred.",
    },
    Service {
        name: "Tire Replacement",
        complaint: "I need four new tires before the road trip next week",
        question: "Do you know the size, and do you want all-season or winter tires?",
        detail: "It should be 225/45 R17. All-season please, something quiet for the highway.",
    },
    Service {
        name: "Battery Check",
        complaint: "the car hardly starts in the morning, it just clicks a few times",
        question: "How old is the battery, and are the lights dim as well?",
        detail: "Five years or so. The dashboard lights flicker while it clicks.",
    },
    Service {
        name: "Air Conditioning Service",
        complaint: "the air conditioning only blows warm air since last weekend",
        question: "Is there any noise when you switch it on, or a smell?",
        detail: "No smell, but a hiss for a second or two. It was recharged the summer before last.",
    },
    Service {
        name: "State Inspection",
        complaint: "my inspection runs out at the end of the month",
        question: "Are any warning lights on at the moment?",
        detail: "Only the tire pressure one, and that has been on for months.",
    },
    Service {
        name: "Transmission Diagnosis",
        complaint: "it jerks when it shifts from second to third and sometimes slips out of gear",
        question: "Does it happen cold as well, and has the fluid ever been changed?",
        detail: "Mostly when it is warm. I bought it used at eighty thousand, so I honestly do not know about the fluid.",
    },
];

pub(super) const REASONS: [&str; 5] = [
    "Asked for a price and gave the vehicle's details",
    "Ready to book, only needs a quote first",
    "Comparing two shops this week",
    "Has a fleet and may become a regular customer",
    "Needs the work done before a fixed date",
];

pub(super) const SMALL_TALK: [(&str, &str); 5] = [
    (
        "Do you have a loaner car?",
        "We have two loaners. They are first come, first served, and I can note that you would like one.",
    ),
    (
        "How long does it usually take?",
        "Most of our customers leave it in the morning and pick it up the same afternoon.",
    ),
    (
        "Is there a place to wait?",
        "There is a waiting room with coffee and Wi-Fi, and the bus stop is right across the street.",
    ),
    ("Can I pay by card?", "Yes, all the usual cards, and you can pay when you pick it up."),
    (
        "Are you open on Saturdays?",
        "We are open on Saturdays from nine to one, though those slots go quickly.",
    ),
];
