//! Errors as HTTP answers: `{"error":{"code","message","fields"}}`.

use crate::error::Error;
use crate::words::Lang;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// What an answer said, for layers that say it in another way instead.
#[derive(Clone, Debug)]
pub struct Said {
    pub status: StatusCode,
    pub error: Arc<Error>,
}

impl Error {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::TimedOut | Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) | Self::Blocked => StatusCode::FORBIDDEN,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::TooLarge(_) | Self::FileTooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::WrongKind(_) => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::NoRoom(_) => StatusCode::INSUFFICIENT_STORAGE,
            Self::TooFast { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Bug(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::NotFound => "not_found",
            Self::BadRequest(_) => "bad_request",
            Self::TimedOut => "timed_out",
            Self::TooSlow => "too_slow",
            Self::WrongMethod => "wrong_method",
            Self::SignIn => "sign_in",
            Self::Forbidden(_) => "forbidden",
            Self::Blocked => "blocked",
            Self::Invalid(_) => "invalid",
            Self::Conflict { code, .. } => code,
            Self::TooLarge(_) | Self::FileTooLarge { .. } => "too_large",
            Self::WrongKind(_) => "wrong_kind",
            Self::NoRoom(_) => "no_room",
            Self::TooFast { .. } => "rate_limited",
            Self::Unavailable { .. } => "unavailable",
            Self::Bug(_) => "internal",
        }
    }

    /// As programs read it.
    pub fn answer(&self, lang: Lang) -> Response {
        let mut body = json!({ "code": self.code(), "message": lang.failure(self) });
        if let Self::Invalid(fields) = self {
            let said: BTreeMap<_, _> = fields.iter().map(|(field, mistake)| (field, lang.refusal(mistake))).collect();
            body["fields"] = json!(said);
        }
        let mut answer = (self.status(), Json(json!({ "error": body }))).into_response();
        if let Some(retry) = self.retry() {
            let seconds = retry.as_secs_f64().ceil().max(1.0);
            if let Ok(value) = HeaderValue::from_str(&format!("{seconds:.0}")) {
                answer.headers_mut().insert(header::RETRY_AFTER, value);
            }
        }
        answer
    }

    fn retry(&self) -> Option<Duration> {
        match self {
            Self::TooFast { retry } | Self::Unavailable { retry, .. } => Some(*retry),
            _ => None,
        }
    }
}

impl IntoResponse for Error {
    fn into_response(self) -> Response {
        if let Self::Bug(cause) = &self {
            tracing::error!(error = format!("{cause:#}"), "request failed");
        }
        let mut answer = self.answer(Lang::En);
        let said = Said { status: self.status(), error: Arc::new(self) };
        answer.extensions_mut().insert(said);
        answer
    }
}
