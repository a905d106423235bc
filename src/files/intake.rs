//! Taking a file in: may this person send one now, its bytes, what they are, room for them, and then the store.

use super::form::{Form, Part, broken, too_large};
use super::key;
use super::kinds::{self, Seen};
use super::meter::Noted;
use super::pictures::{self, Drawn, Refused};
use super::sweep::remove;
use crate::admission;
use crate::app::{self, App};
use crate::domain::event::Author;
use crate::domain::file::{Class, Copy, File, FileRules, tidy_name};
use crate::domain::id::{FileId, SiteId};
use crate::domain::site::Site;
use crate::error::{Error, Result};
use crate::pace::{Key, Quota};
use crate::store::files::{self as store, NewFile};
use crate::vault::{Trouble, Vault};
use axum::extract::Request;
use axum::extract::multipart::Field;
use chrono::TimeDelta;
use std::io::{Read, Seek};
use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;
use tokio::fs;
use tokio::io::AsyncWriteExt;

/// Who sends a file, and to which shop.
#[derive(Clone, Copy)]
pub struct Upload<'a> {
    pub site: &'a Site,
    pub by: Author,
    pub ip: IpAddr,
}

pub const NONE_TAKEN: Error = Error::Forbidden("Files are not taken here. Put what matters into the message.");
const NO_FILE: Error = Error::BadRequest("Send the file as the part `file` of a multipart form.");
const DISK_FULL: Error =
    Error::NoRoom("There is no room for more files at the moment. Your message can go without it.");
pub const SHOP_FULL: Error = Error::NoRoom("This shop has no room for more files. Your message can go without it.");

/// What a shop takes, as it is now; `None`: nothing.
pub fn rules_for<'a>(app: &App, site: &'a Site) -> Option<&'a FileRules> {
    Some(&site.settings.files).filter(|rules| rules.on && app.vault.is_some())
}

impl<'a> Upload<'a> {
    /// Whether this person may send a file now. What is given is held while it comes.
    pub async fn begin(&self, app: &App) -> Result<(&'a FileRules, admission::Upload)> {
        let rules = rules_for(app, self.site).ok_or(NONE_TAKEN)?;
        let person = self.by.uuid().unwrap_or_default();
        let under_way = app.uploads.begin(self.ip, person).ok_or(Error::TooFast { retry: Duration::from_secs(5) })?;
        let quota = Quota::every(20, Duration::from_secs(3));
        let paced = app.paces.take(Key::Uploads(self.site.id, person), quota, app::instant());
        paced.map_err(|retry| Error::TooFast { retry })?;
        if matches!(self.by, Author::Shopper(_)) {
            let day = app.clock.now() - TimeDelta::days(1);
            let sent = store::uploaded_since(&app.db.read, (self.site.id, self.by), day).await?;
            if sent >= i64::from(rules.per_day) {
                return Err(Error::TooFast { retry: Duration::from_hours(1) });
            }
        }
        Ok((rules, under_way))
    }
}

/// A request that is one file: the part `file` of a form.
pub async fn take_one(app: &App, upload: Upload<'_>, request: Request) -> Result<File> {
    let (rules, _under_way) = upload.begin(app).await?;
    let mut form = Form::open(request, rules.max_bytes(), 1).await?;
    let noted = form.noted();
    while let Some(part) = form.next().await? {
        if let Part::File(field) = part
            && field.name() == Some("file")
        {
            return take(app, &upload, *field, &noted).await;
        }
    }
    Err(NO_FILE)
}

/// One file of a form.
pub async fn take(app: &App, upload: &Upload<'_>, field: Field<'_>, noted: &Noted) -> Result<File> {
    let rules = rules_for(app, upload.site).ok_or(NONE_TAKEN)?;
    let vault = app.vault.as_ref().ok_or(NONE_TAKEN)?;
    let name = field.file_name().unwrap_or_default().to_owned();
    let taken = async {
        let spooled = receive(vault, field, noted, rules.max_bytes()).await?;
        Box::pin(keep(app, vault, upload, (spooled, &name))).await
    };
    let taken = taken.await;
    let outcome = match &taken {
        Ok(_) => "kept",
        Err(Error::TooLarge(_) | Error::FileTooLarge { .. }) => "too_large",
        Err(Error::WrongKind(_)) => "wrong_kind",
        Err(Error::NoRoom(_)) => "no_room",
        Err(Error::TooSlow | Error::BadRequest(_)) => "broken",
        Err(_) => "failed",
    };
    metrics::counter!("deskbell_uploads_total", "outcome" => outcome).increment(1);
    taken
}

/// An upload that has come whole.
struct Spooled {
    file: std::fs::File,
    size: u64,
}

/// Reads it to its end, also where it is too large already: whoever sends it would not hear why otherwise.
async fn receive(vault: &Vault, mut field: Field<'_>, noted: &Noted, max: u64) -> Result<Spooled> {
    let mut file = vault.spool().await.map_err(not_stored)?;
    let mut size = 0;
    while let Some(bytes) = field.chunk().await.map_err(|error| broken(noted, &error))? {
        noted.read(bytes.len());
        if size <= max {
            size += bytes.len() as u64;
            if size > max {
                file.set_len(0).await.map_err(not_stored)?;
            } else {
                file.write_all(&bytes).await.map_err(not_stored)?;
            }
        }
    }
    if size > max {
        return Err(too_large(max));
    }
    file.flush().await.map_err(not_stored)?;
    Ok(Spooled { file: file.into_std().await, size })
}

pub fn not_stored(cause: impl Into<Trouble>) -> Error {
    match cause.into() {
        Trouble::Full => {
            tracing::error!("no space is left for files");
            DISK_FULL
        }
        Trouble::Away(cause) => {
            tracing::error!(error = format!("{cause:#}"), "the store of files does not take them");
            Error::Unavailable { what: "Files cannot be stored at the moment.", retry: Duration::from_secs(10) }
        }
    }
}

/// Looks at it, takes room for it, and puts it into the store. Its row is first, so that nothing is stored that no row knows.
async fn keep(app: &App, vault: &Vault, upload: &Upload<'_>, (spooled, name): (Spooled, &str)) -> Result<File> {
    let Spooled { file, size } = spooled;
    let (file, seen) = blocking(move || look(file)).await??;
    if !upload.site.settings.files.classes.contains(&seen.class) {
        return Err(wrong_kind(seen, &head_of(file).await?));
    }
    let (mut bytes, drawn) = if seen.class == Class::Pictures {
        let drawn = draw(app, file).await?;
        (None, Some(drawn))
    } else {
        (Some(fs::File::from_std(file)), None)
    };
    let kept = describe(name, seen, size, drawn.as_ref());
    let small = drawn.as_ref().and_then(|drawn| drawn.small.as_ref());
    let thumb_size = small.map(|small| i64::try_from(small.len()).unwrap_or(i64::MAX));
    let new = NewFile { site: upload.site.id, by: upload.by, file: &kept, thumb_size };
    if !store::add(&app.db.read, &new, upload.site.settings.files.quota_bytes(), app.clock.now()).await? {
        return Err(SHOP_FULL);
    }
    let (whole, thumb) = (key(upload.site.id, kept.id, Copy::Whole), key(upload.site.id, kept.id, Copy::Thumb));
    let put = async {
        match (drawn, &mut bytes) {
            (Some(drawn), _) => {
                vault.put(&whole, drawn.bytes.into()).await?;
                if let Some(small) = drawn.small {
                    vault.put(&thumb, small.into()).await?;
                }
                Ok(())
            }
            (None, Some(file)) => vault.put_file(&whole, file, size).await,
            (None, None) => Ok(()),
        }
    };
    settle(app, vault, (upload.site.id, kept.id), put.await).await?;
    Ok(kept)
}

/// What was stored counts from here on; what was not, or was doomed meanwhile, leaves nothing behind.
pub(super) async fn settle(
    app: &App,
    vault: &Vault,
    (site, id): (SiteId, FileId),
    put: Result<(), Trouble>,
) -> Result<()> {
    let put = put.map_err(not_stored);
    if put.is_ok() && store::set_ready(&app.db.read, id, app.clock.now()).await? {
        return Ok(());
    }
    // Whoever doomed it meanwhile may have removed the row before there were bytes.
    let copies = [Copy::Whole, Copy::Thumb].map(|copy| key(site, id, copy));
    if let Err(error) = remove(vault, &copies).await {
        tracing::warn!(file = %id, error = format!("{error:#}"), "a file could not be removed");
    }
    store::give_up(&app.db.read, id, app.clock.now()).await?;
    app.signals.files.notify_one();
    put.and(Err(Error::busy("The file took too long to be stored.")))
}

fn describe(name: &str, seen: Seen, size: u64, drawn: Option<&Drawn>) -> File {
    let (mime, size, endings) = match drawn {
        Some(drawn) if drawn.mime == seen.mime => (drawn.mime, drawn.bytes.len() as u64, seen.endings.to_vec()),
        Some(drawn) => (drawn.mime, drawn.bytes.len() as u64, vec![drawn.ending]),
        None => (seen.mime, size, seen.endings.to_vec()),
    };
    // Drawn anew in another format, it takes that one's ending in place of its own.
    let stem =
        name.rsplit_once('.').filter(|(_, ending)| seen.endings.iter().any(|fit| ending.eq_ignore_ascii_case(fit)));
    let name = match stem {
        Some((stem, _)) if !endings.iter().any(|fit| seen.endings.contains(fit)) => format!("{stem}.{}", endings[0]),
        _ => name.to_owned(),
    };
    let side = |pixels: u32| i32::try_from(pixels).ok();
    File {
        id: FileId(app::random_id()),
        name: tidy_name(&name, &endings),
        size: i64::try_from(size).unwrap_or(i64::MAX),
        mime: mime.to_owned(),
        width: drawn.and_then(|drawn| side(drawn.width)),
        height: drawn.and_then(|drawn| side(drawn.height)),
    }
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    tokio::task::spawn_blocking(work).await.map_err(Error::bug)
}

fn look(mut file: std::fs::File) -> Result<(std::fs::File, Seen)> {
    let seen = kinds::look(&mut file).map_err(not_stored)?;
    Ok((file, seen))
}

async fn head_of(mut file: std::fs::File) -> Result<Vec<u8>> {
    let read = move || {
        let mut head = Vec::new();
        file.rewind()?;
        file.take(kinds::HEAD as u64).read_to_end(&mut head)?;
        Ok(head)
    };
    blocking(read).await?.map_err(|error: std::io::Error| not_stored(error))
}

fn wrong_kind(seen: Seen, head: &[u8]) -> Error {
    Error::WrongKind(match seen.class {
        _ if kinds::is_heic(head) => "Pictures of the kind HEIC cannot be shown here. Save it as JPEG and send that.",
        Class::Other => "Files of this kind are not taken: they might run on the computer of whoever opens them.",
        _ => "This shop does not take files of this kind.",
    })
}

/// Taken of the room for pictures to read one and look at its head, in MiB.
const LOOKING: u32 = 16;

async fn draw(app: &App, mut file: std::fs::File) -> Result<Drawn> {
    let room = &app.uploads.pictures;
    let one = Arc::clone(room).acquire_many_owned(LOOKING).await.map_err(Error::bug)?;
    let read = move || {
        let mut bytes = Vec::new();
        file.rewind().and_then(|()| file.read_to_end(&mut bytes)).map_err(not_stored)?;
        let head = pictures::head(&bytes).map_err(not_drawn)?;
        Ok::<_, Error>((bytes, head))
    };
    let (bytes, head) = blocking(read).await??;
    drop(one);
    let room = Arc::clone(room).acquire_many_owned(head.takes).await.map_err(Error::bug)?;
    // It keeps its room until it is drawn, also where nobody waits for it any more.
    let drawing = move || {
        let drawn = pictures::draw(&bytes, head);
        drop(room);
        drawn
    };
    blocking(drawing).await?.map_err(not_drawn)
}

fn not_drawn(refused: Refused) -> Error {
    match refused {
        Refused::TooLarge => Error::TooLarge("This picture has too many pixels. Make it smaller and send it again."),
        Refused::TooLong => Error::TooLarge("This animation has too many pictures. Make it shorter and send it again."),
        Refused::Broken => Error::WrongKind("This picture is broken, or not what it seems. Send another."),
    }
}
