//! Roles: what each may do, and who has which.

use super::form::Choice;
use crate::app::App;
use crate::auth::Admin;
use crate::domain::id::AgentId;
use crate::domain::people::Role;
use crate::error::Result;
use crate::shell::{Section, Shell, print};
use crate::store::staff;
use crate::words::{Key, Sentence, filters};
use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use std::sync::Arc;

pub const ROLES: [Role; 3] = [Role::Agent, Role::Supervisor, Role::Admin];

/// What somebody may do from which role on.
const RIGHTS: [(Key, Role); 15] = [
    (Key("right-chats"), Role::Agent),
    (Key("right-rooms"), Role::Agent),
    (Key("right-own"), Role::Agent),
    (Key("right-customers"), Role::Agent),
    (Key("right-block"), Role::Agent),
    (Key("right-oversee"), Role::Supervisor),
    (Key("right-recall"), Role::Supervisor),
    (Key("right-merge"), Role::Supervisor),
    (Key("right-shared"), Role::Supervisor),
    (Key("right-reports"), Role::Supervisor),
    (Key("right-letters"), Role::Supervisor),
    (Key("right-shops"), Role::Admin),
    (Key("right-people"), Role::Admin),
    (Key("right-privacy"), Role::Admin),
    (Key("right-all"), Role::Admin),
];

#[derive(Template)]
#[template(path = "admin/roles.html")]
struct RolesPage {
    shell: Shell,
    /// Each with those who have it.
    roles: Vec<(Role, Vec<(AgentId, String)>)>,
}

impl RolesPage {
    fn rights() -> &'static [(Key, Role)] {
        &RIGHTS
    }
}

pub async fn page(State(app): State<Arc<App>>, Admin(who): Admin) -> Result<Response> {
    let people = staff::people(&app.db.read).await?;
    let having =
        |role| people.iter().filter(move |one| one.role == role).map(|one| (one.id, one.name.clone())).collect();
    let roles = ROLES.map(|role| (role, having(role))).into();
    let shell = Shell::of(&app, &who.agent, Section::Sites, who.lang().say("roles-title")).await?;
    print(who.reader(), StatusCode::OK, &RolesPage { shell, roles })
}

/// To choose one from.
pub fn choices(chosen: &str) -> impl Iterator<Item = Choice> + '_ {
    ROLES.into_iter().map(move |role| Choice::of(role.as_str(), role.into(), chosen))
}

pub fn parse(sent: &str) -> std::result::Result<Role, Sentence> {
    ROLES.into_iter().find(|role| role.as_str() == sent).ok_or_else(|| Sentence::of("crew-mistake-role"))
}
