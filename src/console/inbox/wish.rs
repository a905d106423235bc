//! How somebody wants a list: its sort and its filters. They stand in its address, and are remembered for each person and list.

use crate::domain::id::{SiteId, TagId, TeamId};
use crate::store::conversations::{Narrow, Order};
use url::form_urlencoded::{Serializer, parse};

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    /// As the list is by itself: the line in its order, the others by time.
    #[default]
    Own,
    Oldest,
    Newest,
    Priority,
    /// Whose answer is due first.
    Due,
}

impl Sort {
    pub const ALL: [Self; 5] = [Self::Own, Self::Oldest, Self::Newest, Self::Priority, Self::Due];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Own => "own",
            Self::Oldest => "oldest",
            Self::Newest => "newest",
            Self::Priority => "priority",
            Self::Due => "due",
        }
    }

    /// The key of its name.
    pub fn label(self) -> &'static str {
        match self {
            Self::Own => "sort-own",
            Self::Oldest => "sort-oldest",
            Self::Newest => "sort-newest",
            Self::Priority => "sort-priority",
            Self::Due => "sort-due",
        }
    }

    fn named(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|sort| sort.as_str() == text)
    }

    /// What is due is worked out from opening hours, not by the database.
    pub fn order(self) -> Order {
        match self {
            Self::Own => Order::Own,
            Self::Oldest => Order::Oldest,
            Self::Due => Order::Due,
            Self::Newest => Order::Newest,
            Self::Priority => Order::Priority,
        }
    }
}

/// The default asks for nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wish {
    pub sort: Sort,
    pub tag: Option<TagId>,
    pub team: Option<TeamId>,
    pub site: Option<SiteId>,
    pub is_unread: bool,
    pub is_unassigned: bool,
}

impl Wish {
    /// What an address asks for; `None`: it does not say. What is not understood is left out.
    pub fn parse(query: &str) -> Option<Self> {
        let mut wish = Self::default();
        let mut says = false;
        for (name, value) in parse(query.as_bytes()) {
            match &*name {
                "sort" => wish.sort = Sort::named(&value).unwrap_or_default(),
                "tag" => wish.tag = value.parse().ok(),
                "team" => wish.team = value.parse().ok(),
                "site" => wish.site = value.parse().ok(),
                "unread" => wish.is_unread = value == "1",
                "unassigned" => wish.is_unassigned = value == "1",
                _ => continue,
            }
            says = true;
        }
        says.then_some(wish)
    }

    /// As it stands in an address; nothing where nothing is asked for.
    pub fn query(&self) -> String {
        let mut query = Serializer::new(String::new());
        if self.sort != Sort::Own {
            query.append_pair("sort", self.sort.as_str());
        }
        let ids = [
            ("tag", self.tag.map(|id| id.to_string())),
            ("team", self.team.map(|id| id.to_string())),
            ("site", self.site.map(|id| id.to_string())),
        ];
        for (name, id) in ids {
            if let Some(id) = id {
                query.append_pair(name, &id);
            }
        }
        for (name, is_on) in [("unread", self.is_unread), ("unassigned", self.is_unassigned)] {
            if is_on {
                query.append_pair(name, "1");
            }
        }
        query.finish()
    }

    /// As a link says it, which must say something: else what is remembered would be meant.
    pub fn link(&self) -> String {
        let query = self.query();
        if query.is_empty() { "sort=own".into() } else { query }
    }

    pub fn is_narrow(&self) -> bool {
        *self != Self { sort: self.sort, ..Self::default() }
    }

    pub fn narrow(&self) -> Narrow {
        Narrow {
            tag: self.tag,
            team: self.team,
            site: self.site,
            is_unread: self.is_unread,
            is_unassigned: self.is_unassigned,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Sort, Wish};

    #[test]
    fn a_wish_comes_back_from_its_address_as_it_went_in() {
        let id = "0190b1b4-0000-7000-8000-000000000001";
        let all = Wish {
            sort: Sort::Due,
            tag: id.parse().ok(),
            team: id.parse().ok(),
            site: id.parse().ok(),
            is_unread: true,
            is_unassigned: true,
        };
        for wish in [all, Wish { sort: Sort::Oldest, ..Wish::default() }, Wish { is_unread: true, ..Wish::default() }] {
            assert_eq!(Wish::parse(&wish.query()), Some(wish), "{}", wish.query());
        }
        assert_eq!(Wish::default().query(), "");
        assert_eq!(Wish::parse(&Wish::default().link()), Some(Wish::default()));
    }

    #[test]
    fn what_an_address_does_not_say_or_says_badly_asks_for_nothing() {
        for silent in ["", "before=2026-01-01", "x=y&&%00"] {
            assert_eq!(Wish::parse(silent), None, "{silent}");
        }
        for bad in ["sort=' or 1=1", "tag=x&team=&site=%00", "unread=yes"] {
            assert_eq!(Wish::parse(bad), Some(Wish::default()), "{bad}");
        }
    }
}
