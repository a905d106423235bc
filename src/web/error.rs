//! Errors as HTTP answers: `{"error":{"code","message","fields"}}`.

use crate::error::Error;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::time::Duration;

/// What an answer said, for layers that show it as a page instead.
#[derive(Clone, Debug)]
pub struct Said {
    pub status: StatusCode,
    pub message: String,
}

impl Error {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::TimedOut | Self::TooSlow => StatusCode::REQUEST_TIMEOUT,
            Self::WrongMethod => StatusCode::METHOD_NOT_ALLOWED,
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden(_) => StatusCode::FORBIDDEN,
            Self::Invalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
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
            Self::Invalid(_) => "invalid",
            Self::Conflict { code, .. } => code,
            Self::TooLarge(_) => "too_large",
            Self::WrongKind(_) => "wrong_kind",
            Self::NoRoom(_) => "no_room",
            Self::TooFast { .. } => "rate_limited",
            Self::Unavailable { .. } => "unavailable",
            Self::Bug(_) => "internal",
        }
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
        let (status, message) = (self.status(), self.to_string());
        let mut body = json!({ "code": self.code(), "message": message });
        if let Self::Invalid(fields) = &self {
            body["fields"] = json!(fields);
        }
        let mut answer = (status, Json(json!({ "error": body }))).into_response();
        if let Some(retry) = self.retry() {
            let seconds = retry.as_secs_f64().ceil().max(1.0);
            if let Ok(value) = HeaderValue::from_str(&format!("{seconds:.0}")) {
                answer.headers_mut().insert(header::RETRY_AFTER, value);
            }
        }
        answer.extensions_mut().insert(Said { status, message });
        answer
    }
}
