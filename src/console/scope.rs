//! Whose something that is kept ready is: one's own, a team's, or everybody's of a shop.

use crate::domain::id::{AgentId, TeamId};
use crate::domain::people::Team;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    Me,
    Site,
    Team(TeamId),
}

impl Scope {
    pub fn of(owner: Option<AgentId>, team: Option<TeamId>) -> Self {
        match (owner, team) {
            (Some(_), _) => Self::Me,
            (None, Some(team)) => Self::Team(team),
            (None, None) => Self::Site,
        }
    }

    /// As the form says it: `me`, `site`, `team:ID`.
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "me" => Some(Self::Me),
            "site" => Some(Self::Site),
            other => other.strip_prefix("team:").and_then(|id| id.parse().ok()).map(Self::Team),
        }
    }

    /// What is shared is a supervisor's to change.
    pub fn is_allowed(self, teams: &[Team], may_share: bool) -> bool {
        match self {
            Self::Me => true,
            Self::Site => may_share,
            Self::Team(id) => may_share && teams.iter().any(|team| team.id == id),
        }
    }

    /// Its team and its owner, as they are kept.
    pub fn kept(self, me: AgentId) -> (Option<TeamId>, Option<AgentId>) {
        match self {
            Self::Team(team) => (Some(team), None),
            Self::Site => (None, None),
            Self::Me => (None, Some(me)),
        }
    }
}
