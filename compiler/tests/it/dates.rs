//! Dates and times that cannot be as they were meant.

use journeyc::{LoadedProject, compile};

/// The codes that are said about steps of a journey in a zone.
fn said(zone: &str, header: &str, steps: &str) -> Vec<&'static str> {
    let settings = format!("[project]\nname = \"x\"\ntimezone = \"{zone}\"\n");
    let text = format!("event visit {{ page: text }}\njourney j {{\n  {header}\n{steps}}}\n");
    let files = [
        ("a.journey", text.as_str()),
        ("journey.toml", settings.as_str()),
    ];
    let compilation = compile(&LoadedProject::from_texts(files));
    compilation.problems.iter().map(|it| it.code).collect()
}

#[test]
fn a_date_that_has_gone_by_is_reported() {
    let visit = "enter when visit";
    for (header, steps, count) in [
        (visit, "wait until 2027-04-01\n wait until 2027-03-01\n", 1),
        (visit, "wait until 2027-03-01\n wait until 2027-04-01\n", 0),
        (
            visit,
            "wait until 2027-03-01\n wait 40 days\n wait until 2027-04-01\n",
            1,
        ),
        (
            visit,
            "wait until 2027-03-01\n wait 4 weeks\n wait until 2027-04-01\n",
            0,
        ),
        (
            visit,
            "wait until 2027-03-01 at 09:00\n wait until 2027-03-01 at 10:00\n",
            0,
        ),
        (
            "enter on 2027-05-01 at 10:00 for everyone",
            "wait until 2027-04-01\n",
            1,
        ),
        (
            visit,
            "if did visit at least 2 times { wait until 2027-04-01 }\n wait until 2027-03-01\n",
            0,
        ),
    ] {
        let codes = said("Asia/Seoul", header, steps);
        assert_eq!(codes, vec!["J0306"; count], "{header} {steps}");
    }
}

#[test]
fn a_date_outside_of_the_time_in_which_a_journey_is_open_is_reported() {
    let open = "enter when visit\n  starts at 2027-03-01\n  ends at 2027-03-15";
    let once = |day: &str| {
        format!(
            "enter on {day} at 10:00 for everyone\n  starts at 2027-03-01\n  ends at 2027-03-15"
        )
    };
    for (header, steps, count) in [
        (open, "wait until 2027-02-20\n", 1),
        (open, "wait until 2027-03-10\n", 0),
        (open, "wait until 2027-03-14 at 23:00\n", 0),
        (open, "wait until 2027-03-15\n wait 1 day\n", 1),
        (open, "wait until 2027-04-01\n", 1),
        (open, "wait 14 days\n", 1),
        (open, "wait 13 days\n", 0),
        (open, "wait 10 days\n wait 5 days\n wait 1 day\n", 1),
        (
            "enter when visit\n  ends at 2027-03-15",
            "wait 30 days\n",
            0,
        ),
        (&once("2027-02-28"), "add tag \"a\"\n", 1),
        (&once("2027-03-15"), "wait 30 days\n", 1),
        (&once("2027-03-14"), "add tag \"a\"\n", 0),
    ] {
        let codes = said("Asia/Seoul", header, steps);
        assert_eq!(codes, vec!["J0306"; count], "{header} {steps}");
    }
}

#[test]
fn people_with_a_zone_of_their_own_may_come_a_day_earlier_or_later() {
    let codes = |day: &str| -> Vec<&'static str> {
        let text = format!(
            "contact {{ timezone: timezone, optional }}\nevent visit {{ page: text }}\njourney j {{\n  enter when visit\n  ends at 2027-03-15\n  wait until {day}\n}}\n"
        );
        let compilation = compile(&LoadedProject::from_texts([("a.journey", text.as_str())]));
        compilation.problems.iter().map(|it| it.code).collect()
    };
    assert!(codes("2027-03-15 at 20:00").is_empty());
    assert_eq!(codes("2027-03-17"), ["J0306"]);
}

#[test]
fn a_time_that_the_clock_leaves_out_is_reported() {
    let step = "wait until 2027-03-28 at 02:30\n";
    assert_eq!(said("Europe/Berlin", "enter when visit", step), ["J0306"]);
    assert!(said("Asia/Seoul", "enter when visit", step).is_empty());
    let header = "enter on 2027-03-28 at 02:30 for everyone";
    assert_eq!(said("Europe/Berlin", header, "add tag \"a\"\n"), ["J0306"]);
}

#[test]
fn a_month_beside_about_as_many_days_is_reported() {
    let codes = |definition: &str| -> Vec<&'static str> {
        let text = format!("event visit {{ page: text }}\n{definition}\n");
        let compilation = compile(&LoadedProject::from_texts([("a.journey", text.as_str())]));
        compilation.problems.iter().map(|it| it.code).collect()
    };
    let confused = "lifecycle l {\n  a when did visit in the last 30 days\n  b when did visit at least 2 times in the last 1 month\n  c otherwise\n}";
    assert_eq!(codes(confused), ["J0305"]);
    for fine in [
        "lifecycle l {\n  a when did visit in the last 30 days\n  b when did visit in the last 1 year\n  c otherwise\n}",
        "lifecycle l {\n  a when did visit in the last 1 month\n  b when did visit in the last 3 months\n  c otherwise\n}",
        "segment a { did visit in the last 30 days }\nsegment b { did visit in the last 1 month }",
    ] {
        assert!(codes(fine).is_empty(), "{fine}");
    }
}
