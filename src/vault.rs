//! Where the bytes of files lie: a directory, or a bucket of an S3-compatible store.
//!
//! Promises: what was put is on the disk before `put` returns; what could not be put wholly leaves nothing; a full disk is told
//! apart from a store that is away. Uploads on their way lie in nameless files of a directory on this machine, which are gone
//! with the process. May not know whose a file is.

use crate::config::FilesTarget;
use anyhow::Context;
use bytes::Bytes;
use futures_util::stream::BoxStream;
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::local::LocalFileSystem;
use object_store::path::Path as Key;
use object_store::prefix::PrefixStore;
use object_store::{ClientOptions, ObjectStore, ObjectStoreExt, PutPayload, RetryConfig, WriteMultipart};
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::fs::File;
use tokio::io::{AsyncReadExt, AsyncSeekExt};

/// Larger objects are written in parts of this size.
const PART: usize = 5 * 1024 * 1024;
/// How long a bucket is waited for: somebody waits for the answer.
const CONNECT: Duration = Duration::from_secs(5);
const ANSWER: Duration = Duration::from_secs(30);
const PATIENCE: Duration = Duration::from_secs(20);
/// What a process left behind when it was killed is removed once it is this old.
const LEFT_BEHIND: Duration = Duration::from_hours(2);
/// Nameless files are made in this directory of a vault on disk.
const INCOMING: &str = "incoming";

pub struct Vault {
    store: Arc<dyn ObjectStore>,
    /// Uploads on their way, and before a bucket takes them.
    incoming: PathBuf,
    disk: Option<PathBuf>,
    spooled: AtomicU64,
}

/// Why nothing was stored.
#[derive(Debug, thiserror::Error)]
pub enum Trouble {
    #[error("no space is left")]
    Full,
    #[error("the store of files does not take it: {0}")]
    Away(#[source] anyhow::Error),
}

impl From<io::Error> for Trouble {
    fn from(cause: io::Error) -> Self {
        if is_full(&cause) { Self::Full } else { Self::Away(cause.into()) }
    }
}

impl From<object_store::Error> for Trouble {
    fn from(cause: object_store::Error) -> Self {
        let mut source: Option<&(dyn std::error::Error + 'static)> = Some(&cause);
        while let Some(error) = source {
            if error.downcast_ref::<io::Error>().is_some_and(is_full) {
                return Self::Full;
            }
            source = error.source();
        }
        Self::Away(cause.into())
    }
}

fn is_full(cause: &io::Error) -> bool {
    matches!(cause.kind(), ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge)
}

impl Vault {
    pub fn open(target: &FilesTarget) -> anyhow::Result<Self> {
        match target {
            FilesTarget::Disk(dir) => on_disk(dir),
            FilesTarget::Bucket(url) => in_bucket(url),
        }
    }

    /// A nameless file for an upload on its way: whatever happens to the process, nothing of it stays.
    pub async fn spool(&self) -> io::Result<File> {
        let number = self.spooled.fetch_add(1, Ordering::Relaxed);
        let name = self.incoming.join(format!("{}-{number}", std::process::id()));
        tokio::task::spawn_blocking(move || {
            let file = std::fs::OpenOptions::new().read(true).write(true).create_new(true).open(&name)?;
            std::fs::remove_file(&name)?;
            Ok(File::from_std(file))
        })
        .await
        .map_err(io::Error::other)?
    }

    pub async fn put(&self, key: &str, bytes: Bytes) -> Result<(), Trouble> {
        self.store.put(&Key::from(key), PutPayload::from_bytes(bytes)).await?;
        Ok(())
    }

    /// Copies a whole file.
    pub async fn put_file(&self, key: &str, file: &mut File, size: u64) -> Result<(), Trouble> {
        file.rewind().await?;
        let mut part = Vec::new();
        file.take(PART as u64).read_to_end(&mut part).await?;
        if size <= part.len() as u64 {
            return self.put(key, part.into()).await;
        }
        let mut writing = WriteMultipart::new_with_chunk_size(self.store.put_multipart(&Key::from(key)).await?, PART);
        match copy(&mut writing, file, part).await {
            Ok(()) => writing.finish().await.map(drop).map_err(Trouble::from),
            Err(trouble) => {
                // What cannot be aborted the bucket's own rules remove; a directory is cleaned when it is opened.
                let _ = writing.abort().await;
                Err(trouble)
            }
        }
    }

    /// The bytes of an object and how many they are; `None`: there is none.
    pub async fn get(
        &self,
        key: &str,
    ) -> anyhow::Result<Option<(u64, BoxStream<'static, object_store::Result<Bytes>>)>> {
        match self.store.get(&Key::from(key)).await {
            Ok(found) => Ok(Some((found.meta.size, found.into_stream()))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Also where there is none.
    pub async fn copy(&self, from: &str, to: &str) -> Result<(), Trouble> {
        self.store.copy(&Key::from(from), &Key::from(to)).await?;
        Ok(())
    }

    pub async fn remove(&self, key: &str) -> anyhow::Result<()> {
        match self.store.delete(&Key::from(key)).await {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(cause) => Err(cause.into()),
        }
    }

    /// Writes, reads and removes something.
    pub async fn examine(&self) -> anyhow::Result<()> {
        let (key, text) = ("doctor/probe", Bytes::from_static(b"ok"));
        drop(self.spool().await.context("uploads on their way cannot be written")?);
        self.put(key, text.clone()).await.map_err(anyhow::Error::from)?;
        let found = self.store.get(&Key::from(key)).await?.bytes().await?;
        self.remove(key).await?;
        anyhow::ensure!(found == text, "what was written is not what is read");
        Ok(())
    }

    /// Removes what a killed process left half written in a directory. Blocks.
    pub fn clean(&self) {
        if let Some(dir) = &self.disk {
            clean(dir, 0);
        }
    }
}

async fn copy(writing: &mut WriteMultipart, file: &mut File, first: Vec<u8>) -> Result<(), Trouble> {
    let mut part = first;
    while !part.is_empty() {
        writing.wait_for_capacity(1).await?;
        writing.put(part.into());
        part = Vec::new();
        file.take(PART as u64).read_to_end(&mut part).await?;
    }
    writing.wait_for_capacity(0).await?;
    Ok(())
}

fn on_disk(dir: &Path) -> anyhow::Result<Vault> {
    let incoming = dir.join(INCOMING);
    let unusable = || format!("FILES_URL: {} cannot be used", dir.display());
    private_dir(dir).and_then(|()| private_dir(&incoming)).with_context(unusable)?;
    let store = LocalFileSystem::new_with_prefix(dir).with_context(unusable)?.with_fsync(true);
    Ok(Vault { store: Arc::new(store), incoming, disk: Some(dir.to_owned()), spooled: AtomicU64::default() })
}

/// For its owner alone: it holds what people sent each other.
fn private_dir(dir: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().recursive(true).mode(0o700).create(dir)
}

/// The bucket and prefix of `s3://bucket/prefix`; keys, region and endpoint come from the usual variables.
fn in_bucket(url: &str) -> anyhow::Result<Vault> {
    let parsed = url::Url::parse(url).context("FILES_URL")?;
    let prefix = parsed.path().trim_matches('/').to_owned();
    let bucket = parsed.host_str().context("FILES_URL: s3://bucket/prefix needs a bucket")?.to_owned();
    let builder = AmazonS3Builder::from_env().with_bucket_name(bucket);
    // A store on this machine or in a closed network may go without TLS; the endpoint says so.
    let endpoints = [AmazonS3ConfigKey::S3Endpoint, AmazonS3ConfigKey::Endpoint];
    let endpoint = endpoints.iter().find_map(|key| builder.get_config_value(key));
    let is_plain = endpoint.is_some_and(|at| at.starts_with("http://"));
    let client = ClientOptions::new().with_connect_timeout(CONNECT).with_timeout(ANSWER).with_allow_http(is_plain);
    let retry = RetryConfig { max_retries: 3, retry_timeout: PATIENCE, ..RetryConfig::default() };
    let bucket = builder
        .with_client_options(client)
        .with_retry(retry)
        .build()
        .context("FILES_URL: the bucket cannot be used")?;
    let incoming = std::env::temp_dir().join("deskbell-incoming");
    private_dir(&incoming)
        .with_context(|| format!("{} cannot be used for uploads on their way", incoming.display()))?;
    let store: Arc<dyn ObjectStore> =
        if prefix.is_empty() { Arc::new(bucket) } else { Arc::new(PrefixStore::new(bucket, prefix)) };
    Ok(Vault { store, incoming, disk: None, spooled: AtomicU64::default() })
}

/// Parts of objects have a `#` in their name until they are whole; what lies in `incoming` lost its process between two calls.
fn clean(dir: &Path, depth: usize) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        let name = entry.file_name();
        let is_part = name.to_string_lossy().contains('#') || dir.ends_with(INCOMING);
        let Ok(kind) = entry.file_type() else { continue };
        if kind.is_dir() && depth < 3 {
            clean(&path, depth + 1);
        } else if kind.is_file() && is_part && is_old(&entry) {
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn is_old(entry: &std::fs::DirEntry) -> bool {
    let modified = entry.metadata().and_then(|meta| meta.modified());
    modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age > LEFT_BEHIND))
}
