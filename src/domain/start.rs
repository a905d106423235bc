//! An owner's first steps, and which of them are done: told by what is there, and never by a mark that could lie.

use super::id::SiteId;

/// One after the other, though none waits for another but all for the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// A shop with a name and an address.
    Site,
    /// Its widget was loaded by a page of that address.
    Snippet,
    /// Somebody wrote, and was answered.
    Chat,
    /// Somebody else works here.
    People,
    /// The shop says when it is open.
    Hours,
}

impl Step {
    pub const ALL: [Self; 5] = [Self::Site, Self::Snippet, Self::Chat, Self::People, Self::Hours];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Site => "site",
            Self::Snippet => "snippet",
            Self::Chat => "chat",
            Self::People => "people",
            Self::Hours => "hours",
        }
    }

    /// One that may be left out: nothing works without a shop.
    pub fn skippable(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| *step != Self::Site && step.as_str() == name)
    }
}

/// What is there of the installation's first shop.
#[derive(Clone, Debug, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Facts {
    /// The oldest one.
    pub site: Option<SiteId>,
    pub has_origin: bool,
    /// Addresses of its own whose pages have loaded the widget.
    pub seen_at: Vec<String>,
    /// A shopper wrote, and somebody answered.
    pub was_answered: bool,
    /// How many work here, whoever was invited among them.
    pub people: i64,
    pub has_hours: bool,
    /// Steps that are left out.
    pub skipped: Vec<String>,
}

impl Facts {
    pub fn is_done(&self, step: Step) -> bool {
        match step {
            Step::Site => self.has_origin,
            Step::Snippet => !self.seen_at.is_empty(),
            Step::Chat => self.was_answered,
            Step::People => self.people > 1,
            Step::Hours => self.has_hours,
        }
    }

    /// Left out, and not done all the same.
    pub fn is_skipped(&self, step: Step) -> bool {
        !self.is_done(step) && self.skipped.iter().any(|skipped| Step::skippable(skipped) == Some(step))
    }

    /// How many are done.
    pub fn done(&self) -> usize {
        Step::ALL.into_iter().filter(|step| self.is_done(*step)).count()
    }

    /// Whether nothing is left to do.
    pub fn is_complete(&self) -> bool {
        Step::ALL.into_iter().all(|step| self.is_done(step) || self.is_skipped(step))
    }
}

#[cfg(test)]
mod tests {
    use super::{Facts, Step};

    #[test]
    fn steps_are_done_by_what_is_there_and_left_out_by_choice_alone() {
        let mut facts = Facts { people: 1, ..Facts::default() };
        assert_eq!((facts.done(), facts.is_complete()), (0, false));
        facts.skipped = ["snippet", "chat", "people", "hours", "site"].map(str::to_owned).into();
        assert!(!facts.is_complete() && facts.is_skipped(Step::Hours));
        facts.has_origin = true;
        assert!(facts.is_complete());
        assert_eq!(facts.done(), 1);
        (facts.has_hours, facts.people) = (true, 2);
        assert!(!facts.is_skipped(Step::Hours) && facts.is_done(Step::People));
        assert_eq!(facts.done(), 3);
        assert_eq!((Step::skippable("site"), Step::skippable("hours")), (None, Some(Step::Hours)));
        assert_eq!(Step::skippable("x"), None);
    }
}
