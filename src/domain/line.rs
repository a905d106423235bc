//! The line and who may serve it, as the queue decides on them. Plain data: the same for a running node, a replay and a
//! simulation.

use super::id::{AgentId, ConversationId, ShopperId, SiteId, TeamId};
use super::routing::{Routing, TeamSettings};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::sync::Arc;

/// A shopper in line.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub site_id: SiteId,
    pub id: ConversationId,
    pub shopper_id: ShopperId,
    pub team_id: Option<TeamId>,
    pub priority: i16,
    pub queued_at: DateTime<Utc>,
    pub locale: String,
    pub previous_agent_id: Option<AgentId>,
    pub required_skills: Vec<String>,
    pub preferred_skills: Vec<String>,
    /// Who would not have this chat.
    pub refused: Vec<Refused>,
    /// A place is kept for them already: it rings, or they are being called.
    pub is_reserved: bool,
    /// The shopper left, and asked to be called when their turn is near.
    pub is_to_be_called: bool,
    /// They were called and did not come: passed over until they do.
    pub has_missed: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    pub agent: AgentId,
    pub at: DateTime<Utc>,
}

/// An agent who is here and available.
#[derive(Clone, Debug)]
pub struct Candidate {
    pub id: AgentId,
    pub name: String,
    pub capacity: i16,
    /// What their chats count, in hundredths of a chat; reserved places among them.
    pub load: i64,
    /// How many chats that is.
    pub chats: i64,
    pub last_assigned_at: Option<DateTime<Utc>>,
    pub languages: Vec<String>,
    pub memberships: Vec<Membership>,
    /// When each chat they have now began.
    pub busy_since: Vec<DateTime<Utc>>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    pub site: SiteId,
    pub team: TeamId,
    #[serde(default)]
    pub skills: Vec<String>,
}

/// The rules of one shop.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    pub routing: Routing,
    pub teams: HashMap<TeamId, TeamSettings>,
}

/// The rules of every shop that somebody waits for.
pub type Rulebook = HashMap<SiteId, Arc<Rules>>;

/// Why a place of an agent is kept for a chat.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::Type)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum Reason {
    /// The queue offers a waiting chat.
    Offer,
    /// The shopper is being called back.
    Hold,
    /// A colleague, who has the chat until then, asks to take it over.
    Transfer,
}

/// What rings at an agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, sqlx::FromRow)]
pub struct Ringing {
    pub site_id: SiteId,
    pub id: ConversationId,
    #[serde(rename = "gen")]
    #[sqlx(rename = "gen")]
    pub generation: i32,
    pub until: DateTime<Utc>,
    pub reason: Reason,
}

/// What a shop's chats were like lately.
#[derive(Clone, Debug, Default)]
pub struct Recent {
    /// In seconds, shortest first.
    pub handle_times: Vec<f64>,
    /// How many of those in line leave it each second, as a share.
    pub leaving: f64,
    pub arrivals: Vec<Arrives>,
}

/// How often somebody of one team and class comes.
#[derive(Clone, Copy, Debug)]
pub struct Arrives {
    pub team: Option<TeamId>,
    pub priority: i16,
    pub per_s: f64,
}
