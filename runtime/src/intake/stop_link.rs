//! The link at the end of an advertising message. Opening it only asks: mail scanners open every link. The button, and
//! the one-click request of mail programs (RFC 8058), do it.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse, Response};
use journey_arrivals::{Arrival, Who};
use journey_engine::Item;

use super::Intake;
use super::answer::Refusal;
use crate::process::Batch;

/// What the page says, in the language of the project.
struct Words {
    question: &'static str,
    button: &'static str,
    done: &'static str,
    unknown: &'static str,
}

const KOREAN: Words = Words {
    question: "광고성 정보 수신을 거부하시겠습니까?",
    button: "수신거부",
    done: "수신거부가 처리되었습니다. 더 이상 광고성 정보를 보내지 않습니다.",
    unknown: "이 링크는 더 이상 사용할 수 없습니다.",
};

const ENGLISH: Words = Words {
    question: "Do you want to stop receiving these messages?",
    button: "Unsubscribe",
    done: "You are unsubscribed. You will not receive these messages any more.",
    unknown: "This link is no longer valid.",
};

fn words(intake: &Intake) -> &'static Words {
    if intake.handle.program().ir().project.language == "ko" {
        &KOREAN
    } else {
        &ENGLISH
    }
}

fn page(status: StatusCode, body: &str) -> Response {
    let html = format!(
        "<!doctype html><html><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\">\
         <meta name=\"robots\" content=\"noindex\"></head>\
         <body style=\"font-family:sans-serif;max-width:32em;margin:4em auto;padding:0 1em\">{body}</body></html>"
    );
    (status, Html(html)).into_response()
}

/// `GET /unsubscribe/TOKEN`
pub(super) async fn ask(State(intake): State<Arc<Intake>>, Path(token): Path<String>) -> Response {
    let words = words(&intake);
    if intake.unsubscribe.read(&token).is_none() {
        return page(StatusCode::NOT_FOUND, &format!("<p>{}</p>", words.unknown));
    }
    let body = format!(
        "<p>{}</p><form method=\"post\"><button>{}</button></form>",
        words.question, words.button
    );
    page(StatusCode::OK, &body)
}

/// `POST /unsubscribe/TOKEN`
pub(super) async fn stop(
    State(intake): State<Arc<Intake>>,
    Path(token): Path<String>,
) -> Result<Response, Refusal> {
    let words = words(&intake);
    let Some((contact, channel)) = intake.unsubscribe.read(&token) else {
        return Ok(page(
            StatusCode::NOT_FOUND,
            &format!("<p>{}</p>", words.unknown),
        ));
    };
    let now = intake.clock.now();
    let batch = Batch {
        arrivals: vec![Arrival {
            who: Who::Known(contact),
            received_at: now,
            id: None,
            item: Some(Item::Unsubscribe {
                channel: Some(channel),
                occurred_at: now,
            }),
        }],
        ..Batch::default()
    };
    intake.handle.submit(batch, token.len()).await?;
    Ok(page(StatusCode::OK, &format!("<p>{}</p>", words.done)))
}
