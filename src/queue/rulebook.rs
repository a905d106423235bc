//! The rules of the shops that somebody waits for, as the settings say now.

use crate::app::App;
use crate::conversations::site_by_id;
use crate::domain::line::{Rulebook, Rules, Waiting};
use crate::error::Result;
use crate::store::sites;
use std::sync::Arc;

pub async fn of(app: &App, waiting: &[Waiting]) -> Result<Rulebook> {
    let mut rulebook = Rulebook::new();
    for shopper in waiting {
        if rulebook.contains_key(&shopper.site_id) {
            continue;
        }
        let site = site_by_id(app, shopper.site_id).await?;
        let teams = sites::teams(&app.db.read, site.id).await?;
        let rules = Rules {
            routing: site.settings.routing.clone(),
            teams: teams.into_iter().map(|team| (team.id, team.settings)).collect(),
        };
        rulebook.insert(site.id, Arc::new(rules));
    }
    Ok(rulebook)
}
