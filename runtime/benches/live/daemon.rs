//! The daemon as it runs, and the small project that answers a purchase with a mail.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use journey_ir as ir;
use journeyd::clock::SystemClock;
use journeyd::daemon::{Daemon, Facing, Options};
use journeyd::deliver::connector::guard::Reach;
use journeyd::secrets::Secrets;

/// A size from the environment.
pub(crate) fn size(name: &str, usual: usize) -> usize {
    let set = std::env::var(name).ok().and_then(|text| text.parse().ok());
    set.unwrap_or(usual)
}

/// Starts a daemon whose write key is `key`.
pub(crate) async fn start(program: ir::Program, data: &Path) -> Daemon {
    let options = Options {
        program,
        renamed_from: None,
        data: data.to_owned(),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        public_url: None,
        secrets: Secrets::fixed([]),
        reach: Reach::Public,
        clock: Arc::new(SystemClock),
        environment: |name| (name == "JOURNEY_WRITE_KEYS").then(|| "bench:key".to_owned()),
        facing: Facing::default(),
    };
    Daemon::start(options, &mut |_| {}).await.unwrap()
}

/// What is said of a purchase: with both its forms, about 5 kB on the wire.
const PARAGRAPH: &str = "We have packed {{ order_id }} with care, and the carrier fetches it before six \
this evening. You will find the **number of the parcel** in your account as soon as it is on its way, and a card with \
the names of those who made what is in it. Should anything be missing, write to us within two weeks: we make it good.\n\n";

/// The project: a purchase is answered with a receipt by this mail server, after `wait` where one is written.
pub(crate) fn receipts(folder: &Path, smtp_port: u16, wait: &str) -> ir::Program {
    let write = |path: &str, text: &str| {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "journey.toml",
        &format!(
            "[project]\nname = \"bench\"\ntimezone = \"Asia/Seoul\"\ncurrency = \"KRW\"\ndefault_language = \"en\"\n\
             [limits]\naccept_late = \"3 days\"\nlate_after = \"1 day\"\n\
             [channels.email]\nsender = \"shop\"\nsmtp = \"smtp://127.0.0.1:{smtp_port}?tls=none\"\n\
             [senders.shop]\nfrom = \"Bench <hello@shop.example>\"\n"
        ),
    );
    write(
        "schema/people.journey",
        "contact {\n  email: email address, optional, private\n}\n\n\
         event purchase {\n  order_id: text, key\n  total: money in KRW\n}\n",
    );
    write(
        "journeys/receipt.journey",
        &format!(
            "journey receipt {{\n  enter when purchase\n  one run per purchase.order_id\n  reenter any time\n\n  \
             {wait}send email receipt with (order_id: purchase.order_id)\n}}\n"
        ),
    );
    write(
        "templates/email/receipt.md",
        &format!(
            "+++\nsubject = \"Your order {{{{ order_id }}}}\"\npurpose = \"transactional\"\nneeds = {{ order_id = \"text\" }}\n+++\n# Thank you\n\n{}",
            PARAGRAPH.repeat(5)
        ),
    );
    let project = journeyc::load(folder).unwrap();
    let compilation = journeyc::compile(&project);
    let problems = &compilation.problems;
    compilation
        .program
        .unwrap_or_else(|| panic!("{problems:?}"))
}
