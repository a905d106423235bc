//! A team as a form.

use crate::admin::form::{Choice, Mistakes, Sent, number, skills};
use crate::admin::hours::HoursForm;
use crate::domain::id::AgentId;
use crate::domain::people::{Role, Team, tidy_name};
use crate::domain::routing::TeamSettings;
use crate::domain::site::Site;
use crate::domain::span;
use crate::store::staff::Person;
use crate::words::{Key, Sentence};

pub struct TeamForm {
    pub name: String,
    pub chats_max: String,
    pub overflow_team: String,
    pub overflow_after: String,
    pub has_own_hours: bool,
    pub hours: HoursForm,
    pub members: Vec<MemberRow>,
}

/// Somebody who may be in the team.
pub struct MemberRow {
    pub id: AgentId,
    pub name: String,
    pub role: Role,
    /// Separated by commas.
    pub languages: String,
    pub is_in: bool,
    pub skills: String,
}

const CHATS_MAX: u32 = 10_000;
/// In seconds.
const OVERFLOW: std::ops::RangeInclusive<u32> = 5..=86_400;

impl TeamForm {
    pub fn of(team: &Team, site: &Site, people: &[Person], members: &[(AgentId, Vec<String>)]) -> Self {
        let settings = &team.settings;
        let skills_of = |id| members.iter().find(|(agent, _)| *agent == id).map(|(_, skills)| skills.join(", "));
        Self {
            name: team.name.clone(),
            chats_max: settings.chats_max.to_string(),
            overflow_team: settings.overflow_team.map(|team| team.to_string()).unwrap_or_default(),
            overflow_after: match settings.overflow_after_s {
                0 => String::new(),
                seconds => span::spell(seconds),
            },
            has_own_hours: settings.hours.is_some(),
            hours: HoursForm::of(settings.hours.as_ref().unwrap_or(&site.settings.hours)),
            members: people.iter().map(|person| MemberRow::new(person, skills_of(person.id))).collect(),
        }
    }

    pub fn read(fields: &[(String, String)], people: &[Person]) -> Self {
        let sent = Sent(fields);
        let skills_of = |id: AgentId| sent.text(format!("skills_{id}"));
        let row = |person: &Person| MemberRow {
            is_in: sent.has(format!("member_{}", person.id)),
            ..MemberRow::new(person, Some(skills_of(person.id)))
        };
        Self {
            name: sent.text("name"),
            chats_max: sent.text("chats_max"),
            overflow_team: sent.text("overflow_team"),
            overflow_after: sent.text("overflow_after"),
            has_own_hours: sent.has("has_own_hours"),
            hours: HoursForm::read(&sent),
            members: people.iter().map(row).collect(),
        }
    }

    /// Changes the team where everything is valid, and gives its members; otherwise says what is not.
    pub fn apply(&self, team: &mut Team, others: &[Team]) -> (Vec<(AgentId, Vec<String>)>, Mistakes) {
        let mut mistakes = Mistakes::default();
        let name = tidy_name(&self.name);
        if name.is_empty() {
            mistakes.add("name", Sentence::of("crew-mistake-name"));
        }
        let chats_max = mistakes.note("chats_max", number(&self.chats_max, 0, CHATS_MAX)).unwrap_or_default();
        let (overflow_team, overflow_after_s) = self.overflow(others, &mut mistakes);
        let hours = if self.has_own_hours { self.hours.parse(&mut mistakes) } else { None };
        let mut members = Vec::new();
        for row in self.members.iter().filter(|row| row.is_in) {
            if let Some(skills) = mistakes.note(format!("skills_{}", row.id), skills(&row.skills)) {
                members.push((row.id, skills));
            }
        }
        if mistakes.is_empty() {
            team.name = name;
            team.settings = TeamSettings { chats_max, hours, overflow_after_s, overflow_team };
        }
        (members, mistakes)
    }

    fn overflow(&self, others: &[Team], mistakes: &mut Mistakes) -> (Option<crate::domain::id::TeamId>, u32) {
        let team = others.iter().find(|team| team.id.to_string() == self.overflow_team).map(|team| team.id);
        if team.is_none() && !self.overflow_team.is_empty() {
            mistakes.add("overflow_team", Sentence::of("crew-mistake-other"));
        }
        if self.overflow_team.is_empty() && matches!(self.overflow_after.as_str(), "" | "0") {
            return (None, 0);
        }
        if self.overflow_team.is_empty() {
            mistakes.add("overflow_team", Sentence::of("crew-mistake-helper"));
        }
        let after = span::parse(&self.overflow_after).filter(|seconds| OVERFLOW.contains(seconds));
        if after.is_none() {
            mistakes.add("overflow_after", Sentence::of("crew-mistake-after"));
        }
        (team, after.unwrap_or_default())
    }

    pub fn helpers(&self, others: &[Team]) -> Vec<Choice> {
        let nobody = Choice::of("", Key("crew-nobody"), &self.overflow_team);
        let each = others.iter().map(|team| Choice::named(team.id, &team.name, &self.overflow_team));
        std::iter::once(nobody).chain(each).collect()
    }
}

impl MemberRow {
    fn new(person: &Person, skills: Option<String>) -> Self {
        Self {
            id: person.id,
            name: person.name.clone(),
            role: person.role,
            languages: person.languages.join(", "),
            is_in: skills.is_some(),
            skills: skills.unwrap_or_default(),
        }
    }
}
