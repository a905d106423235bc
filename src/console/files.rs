//! Files that agents send: one at a time by script, or with the form itself where there is none.

use super::answer::{Command, Fields};
use super::thread::{self, Place, Problem};
use crate::app::App;
use crate::auth::SignedIn;
use crate::conversations::site_by_id;
use crate::domain::event::Author;
use crate::domain::id::{ConversationId, FileId, SiteId};
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::files::form::{Form, Part};
use crate::files::{Upload, intake, rules_for, take_one};
use crate::web::address;
use crate::web::form::Wanted;
use axum::Json;
use axum::extract::{ConnectInfo, FromRequest, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Uploads one file for a message to come.
pub async fn take(
    State(app): State<Arc<App>>,
    who: SignedIn,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    Path(id): Path<ConversationId>,
    request: Request,
) -> Result<(StatusCode, Json<Value>)> {
    let summary = thread::find(&app, &who.agent, id).await?;
    take_at(&app, &who, (peer, summary.site_id), request).await
}

/// For a message at this shop.
pub async fn take_at(
    app: &Arc<App>,
    who: &SignedIn,
    (peer, site): (SocketAddr, SiteId),
    request: Request,
) -> Result<(StatusCode, Json<Value>)> {
    let site = site_by_id(app, site).await?;
    let ip = address::client(peer.ip(), request.headers(), &app.config.trusted_proxies);
    let file = take_one(app, upload(&site, who, ip), request).await?;
    Ok((StatusCode::CREATED, Json(json!(file))))
}

pub fn upload<'a>(site: &'a Site, who: &SignedIn, ip: IpAddr) -> Upload<'a> {
    Upload { site, by: Author::Agent(who.agent.id), ip }
}

/// What the form of a reply or note sent: its fields, and the files that came with it.
pub struct Posted {
    pub fields: Fields,
    /// Why a file was not taken.
    pub refused: Option<Error>,
}

/// Reads either kind of form.
pub async fn posted(app: &App, who: &SignedIn, (peer, site): (SocketAddr, SiteId), request: Request) -> Result<Posted> {
    if !is_multipart(request.headers()) {
        return Ok(Posted { fields: plain(request).await?, refused: None });
    }
    let site = site_by_id(app, site).await?;
    let ip = address::client(peer.ip(), request.headers(), &app.config.trusted_proxies);
    with_files(app, upload(&site, who, ip), request).await
}

fn is_multipart(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.trim_start().to_ascii_lowercase().starts_with("multipart/")
}

async fn plain<T: DeserializeOwned>(request: Request) -> Result<T> {
    let fields = axum::Form::<T>::from_request(request, &()).await;
    fields
        .map(|form| form.0)
        .map_err(|_| Error::BadRequest("This form could not be understood. Go back and try again."))
}

/// What a form with files brought.
pub struct Brought {
    pub fields: Vec<(String, String)>,
    pub files: Vec<FileId>,
    /// Why a file was not taken.
    pub refused: Option<Error>,
}

/// All of it is read, also after a file was refused: what was typed is kept, and the browser hears why. A form without files
/// may come the plain way.
pub async fn read(app: &App, upload: &Upload<'_>, request: Request) -> Result<Brought> {
    if !is_multipart(request.headers()) {
        return Ok(Brought { fields: plain(request).await?, files: Vec::new(), refused: None });
    }
    let rules = rules_for(app, upload.site);
    let (max, most) = rules.map_or((0, 1), |rules| (rules.max_bytes(), rules.per_message() as u64));
    let mut form = Form::open(request, max, most).await?;
    let noted = form.noted();
    let (mut fields, mut files, mut refused) = (Vec::new(), Vec::new(), None);
    while let Some(part) = form.next().await? {
        match part {
            Part::Text(name, text) => fields.push((name, text)),
            // A browser sends an empty part where nothing was chosen.
            Part::File(field) if refused.is_some() || field.file_name() == Some("") => {}
            Part::File(field) => match take_another(app, upload, *field, &noted).await {
                Ok(file) => files.push(file),
                Err(error) => refused = Some(error),
            },
        }
    }
    Ok(Brought { fields, files, refused })
}

async fn with_files(app: &App, upload: Upload<'_>, request: Request) -> Result<Posted> {
    let Brought { mut fields, files, refused } = read(app, &upload, request).await?;
    let named = files.iter().map(FileId::to_string).collect::<Vec<_>>().join(",");
    fields.retain(|(name, _)| name != "files");
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(&fields)
        .append_pair("files", &named)
        .finish();
    let again = Request::builder()
        .method("POST")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(query.into())
        .map_err(Error::bug)?;
    Ok(Posted { fields: plain(again).await?, refused })
}

async fn take_another(
    app: &App,
    upload: &Upload<'_>,
    field: axum::extract::multipart::Field<'_>,
    noted: &crate::files::Noted,
) -> Result<FileId> {
    let (_, _under_way) = upload.begin(app).await?;
    Ok(intake::take(app, upload, field, noted).await?.id)
}

impl Posted {
    /// The answer where a file was refused: the page again, with the reason at its form and what was typed.
    pub async fn refusal(&mut self, command: &Command<'_>, wanted: Wanted) -> Result<Option<Response>> {
        let Some(error) = self.refused.take() else { return Ok(None) };
        if wanted == Wanted::Json {
            return Err(error);
        }
        let typed = super::answer::keep(command).await?;
        let (status, message) = (error.status(), command.who.lang().failure(&error));
        let place = Place { view: command.fields.view, ..Place::default() };
        let (form, replies) = (command.form, command.fields.replies.clone());
        let problem = Problem { status, form, message, typed, replies, reason: String::new() };
        thread::show(command.app, command.who, command.summary.id, place, Some(problem)).await.map(Some)
    }
}
