//! The account PostgreSQL runs under: ours, or another one when we are root, because PostgreSQL refuses root.
//!
//! Promises: as root only the database's own directory changes hands, and a directory the account cannot enter is named
//! before anything is started. It may not create accounts.

use std::fs::File;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown, fchown};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use nix::unistd::{Gid, Uid, User};
use tokio::process::Command;

/// Accounts that are there on most systems and are not root, best first.
const LIKELY: [&str; 3] = ["postgres", "nobody", "daemon"];

#[derive(Debug, Clone)]
pub(super) struct Account {
    name: String,
    uid: u32,
    gid: u32,
    /// Whether children have to change to it, which only root can do.
    changes: bool,
}

impl Account {
    pub(super) fn of_this_process() -> Self {
        let (uid, gid) = (Uid::effective(), Gid::effective());
        let name = User::from_uid(uid).ok().flatten().map_or_else(|| uid.to_string(), |user| user.name);
        Self { name, uid: uid.as_raw(), gid: gid.as_raw(), changes: false }
    }

    /// The owner of existing data, else the best of the likely accounts when we are root.
    pub(super) fn choose(data: &Path) -> Result<Self> {
        let ours = Self::of_this_process();
        let owner = std::fs::metadata(data).ok().map(|m| m.uid());
        if ours.uid != 0 {
            if owner.is_some_and(|uid| uid != ours.uid) {
                bail!(
                    "The data in {} belong to another account. Run the demo as that account, or begin anew with --data-dir.",
                    data.display()
                );
            }
            return Ok(ours);
        }
        let user = match owner.filter(|uid| *uid != 0) {
            Some(uid) => User::from_uid(Uid::from_raw(uid)).ok().flatten().with_context(|| {
                format!("The data in {} belong to account {uid}, which this machine does not know.", data.display())
            })?,
            None => LIKELY.iter().find_map(|name| User::from_name(name).ok().flatten()).context(
                "PostgreSQL refuses to run as root, and none of the accounts postgres, nobody and daemon exists here. \
                 Run the demo as a normal user, or set DATABASE_URL to a database of your own.",
            )?,
        };
        Ok(Self { name: user.name, uid: user.uid.as_raw(), gid: user.gid.as_raw(), changes: true })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn uid(&self) -> u32 {
        self.uid
    }

    /// A program run under this account, with an environment that cannot redirect or translate it.
    pub(super) fn command(&self, program: &Path, cwd: &Path) -> Command {
        let mut command = Command::new(program);
        for (name, _) in std::env::vars_os() {
            let text = name.to_string_lossy();
            if text.starts_with("PG") || text.starts_with("LC_") || text.starts_with("LANG") {
                command.env_remove(&name);
            }
        }
        command.env("LC_ALL", "C").current_dir(cwd).stdin(Stdio::null());
        if self.changes {
            command.uid(self.uid).gid(self.gid);
        }
        command
    }

    fn own(&self, path: &Path) -> Result<()> {
        if !self.changes {
            return Ok(());
        }
        chown(path, Some(self.uid), Some(self.gid))
            .with_context(|| format!("{} cannot be handed to the account {}.", path.display(), self.name))
    }

    /// By handle, because the name may lead elsewhere by now.
    pub(super) fn own_file(&self, file: &File) -> Result<()> {
        if !self.changes {
            return Ok(());
        }
        fchown(file, Some(self.uid), Some(self.gid))
            .with_context(|| format!("The log cannot be handed to {}.", self.name))
    }

    /// A directory of this account's that nobody else may enter.
    pub(super) fn private_dir(&self, path: &Path) -> Result<()> {
        match std::fs::create_dir(path) {
            Ok(()) => self.own(path)?,
            Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => self.is_ours(path)?,
            Err(cause) => return Err(cause).with_context(|| format!("{} cannot be made.", path.display())),
        }
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))
            .with_context(|| format!("{} cannot be closed to others.", path.display()))
    }

    /// A stranger may have put something in this place, above all in the system's temporary directory.
    fn is_ours(&self, path: &Path) -> Result<()> {
        let found = std::fs::symlink_metadata(path).with_context(|| format!("{} cannot be read.", path.display()))?;
        if !found.is_dir() || found.uid() != self.uid {
            bail!("{} is not a directory of the account {}; move it away.", path.display(), self.name);
        }
        Ok(())
    }

    /// Every directory above `path` must let this account pass.
    pub(super) fn reaches(&self, path: &Path) -> Result<()> {
        if !self.changes {
            return Ok(());
        }
        for above in path.ancestors() {
            let found = std::fs::metadata(above).with_context(|| format!("{} cannot be read.", above.display()))?;
            let needed = match (found.uid() == self.uid, found.gid() == self.gid) {
                (true, _) => 0o100,
                (false, true) => 0o010,
                (false, false) => 0o001,
            };
            if found.mode() & needed == 0 {
                bail!(
                    "As root the demo runs PostgreSQL as the account {}, which cannot enter {}. \
                     Choose another place, for example --data-dir /var/tmp/deskbell-demo, or run the demo as a normal user.",
                    self.name,
                    above.display()
                );
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_directory_above_is_named_before_anything_starts() {
        let dir = std::env::temp_dir().join(format!("deskbell-account-{}", std::process::id()));
        std::fs::create_dir_all(dir.join("inner")).unwrap();
        std::fs::set_permissions(&dir, std::fs::Permissions::from_mode(0o700)).unwrap();
        let stranger = Account { name: "stranger".into(), uid: 64123, gid: 64123, changes: true };
        let refusal = stranger.reaches(&dir.join("inner")).unwrap_err().to_string();
        assert!(refusal.contains("cannot enter") && refusal.contains(&dir.display().to_string()), "{refusal}");
        assert!(Account::of_this_process().reaches(&dir.join("inner")).is_ok());
        std::fs::remove_dir_all(dir).unwrap();
    }

    #[test]
    fn a_strangers_directory_is_not_used() {
        let dir = std::env::temp_dir().join(format!("deskbell-stranger-{}", std::process::id()));
        std::fs::create_dir_all(&dir).unwrap();
        let mut account = Account::of_this_process();
        assert!(account.private_dir(&dir).is_ok());
        account.uid += 1;
        assert!(account.private_dir(&dir).unwrap_err().to_string().contains("move it away"));
        std::fs::remove_dir_all(dir).unwrap();
    }
}
