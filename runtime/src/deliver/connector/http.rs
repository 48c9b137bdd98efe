//! Connectors that are an HTTP request written in the settings: an action's request and its inputs go in, how the
//! attempt ended comes out.

use journey_ir::project::Request;
use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use serde_json::Value as Json;
use url::Url;

use super::client::{Call, Client};
use super::inputs::Inputs;
use super::template::{Place, Template};
use super::{Order, SettingError};
use crate::deliver::Reason;
use crate::deliver::attempt::Attempt;
use crate::secrets::Secrets;

/// A request with its secrets filled in.
#[derive(Debug)]
pub(super) struct HttpAction {
    method: Method,
    url: Template,
    headers: Vec<(HeaderName, Template)>,
    body: Option<Template>,
    expect: Vec<u16>,
    key_header: HeaderName,
}

impl HttpAction {
    pub(super) fn new(request: &Request, secrets: &Secrets) -> Result<Self, SettingError> {
        let method = Method::from_bytes(request.method.to_ascii_uppercase().as_bytes())
            .map_err(|_| SettingError::Method(request.method.clone()))?;
        let mut headers = Vec::new();
        for (name, value) in &request.headers {
            let value = Template::parse(value, Place::Plain, secrets)?;
            headers.push((header_name(name)?, value));
        }
        let written = request
            .headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case(CONTENT_TYPE.as_str()));
        let place = written.map_or(Place::Json, |(_, value)| Place::of_content_type(value));
        if written.is_none() && method != Method::GET {
            let json = Template::parse("application/json", Place::Plain, secrets)?;
            headers.push((CONTENT_TYPE, json));
        }
        let body = request.body.as_ref();
        let key_header = request.idempotency_header.as_deref();
        Ok(Self {
            method,
            url: Template::parse(&request.url, Place::Url, secrets)?,
            headers,
            body: body
                .map(|body| Template::parse(body, place, secrets))
                .transpose()?,
            expect: request.expect.clone(),
            key_header: header_name(key_header.unwrap_or("Idempotency-Key"))?,
        })
    }

    pub(super) async fn call(&self, client: &Client, order: &Order) -> Attempt {
        let call = match self.fill(&order.inputs, &order.key) {
            Ok(call) => call,
            Err(error) => {
                return Attempt::refused(Reason::quoting("the call cannot be made", &error));
            }
        };
        match client.send(call).await {
            Err(attempt) => attempt,
            Ok(answer) if answer.is_expected(&self.expect) => Attempt::done(id_in(&answer.body)),
            Ok(answer) => answer.failure(),
        }
    }

    fn fill(&self, inputs: &Inputs, key: &str) -> Result<Call, String> {
        let url = self.url.fill(inputs).map_err(|error| error.to_string())?;
        let url = Url::parse(&url).map_err(|error| format!("the address is wrong: {error}"))?;
        let mut headers = Vec::new();
        for (name, value) in &self.headers {
            let value = value.fill(inputs).map_err(|error| error.to_string())?;
            headers.push((name.clone(), header_value(name, &value)?));
        }
        headers.push((
            self.key_header.clone(),
            header_value(&self.key_header, key)?,
        ));
        let body = match &self.body {
            Some(body) => Some(body.fill(inputs).map_err(|error| error.to_string())?),
            None if self.method == Method::GET => None,
            None => Some(Json::Object(inputs.clone()).to_string()),
        };
        Ok(Call {
            method: self.method.clone(),
            url,
            headers,
            body,
        })
    }
}

fn header_name(name: &str) -> Result<HeaderName, SettingError> {
    name.parse()
        .map_err(|_| SettingError::Header(name.to_owned()))
}

fn header_value(name: &HeaderName, value: &str) -> Result<HeaderValue, String> {
    HeaderValue::from_bytes(value.as_bytes())
        .map_err(|_| format!("the header `{name}` holds a control character"))
}

/// What the provider calls what it made: the `id` of a JSON answer.
fn id_in(body: &str) -> Option<String> {
    let answer: Json = serde_json::from_str(body).ok()?;
    match answer.get("id")? {
        Json::String(id) if id.len() <= 200 => Some(id.clone()),
        Json::Number(id) => Some(id.to_string()),
        _ => None,
    }
}
