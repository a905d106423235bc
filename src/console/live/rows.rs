//! What a page was told of its list, so that it is told what changed and nothing else: a list of three hundred rows is not
//! drawn anew for one of them.

use super::ops::{Op, Ops};
use crate::console::inbox::List;
use crate::domain::id::ConversationId;
use crate::error::Result;
use crate::words::Lang;
use std::hash::{DefaultHasher, Hash, Hasher};

#[derive(Default)]
pub struct Rows {
    /// Each row with what it looked like; `None`: nothing was told yet.
    told: Option<Told>,
}

struct Told {
    rows: Vec<(ConversationId, u64)>,
    /// Where the next page begins.
    older: Option<String>,
}

impl Rows {
    pub fn tell(&mut self, lang: Lang, list: &List, ops: &mut Ops) -> Result<()> {
        let mut printed = Vec::with_capacity(list.rows.len());
        for row in &list.rows {
            printed.push((row.id, list.print_row(lang, row)?));
        }
        let rows: Vec<_> = printed.iter().map(|(id, html)| (*id, hash(html))).collect();
        let now = Told { rows, older: list.older.clone() };
        match self.told.take().filter(|told| told.is_like(&now)) {
            None => ops.push(Op::list(list.print(lang)?)),
            Some(told) => {
                let fresh = printed.into_iter().zip(&now.rows).filter(|(_, row)| !told.rows.contains(row));
                let html: String = fresh.map(|((_, html), _)| html).collect();
                let is_moved = told.ids().ne(now.ids());
                if is_moved || !html.is_empty() {
                    let order: Option<Vec<_>> = is_moved.then(|| now.ids().collect());
                    ops.push(Op::rows(html, order.as_deref()));
                }
            }
        }
        self.told = Some(now);
        Ok(())
    }
}

impl Told {
    fn ids(&self) -> impl Iterator<Item = ConversationId> {
        self.rows.iter().map(|(id, _)| *id)
    }

    /// Beside its rows the list looks the same.
    fn is_like(&self, other: &Self) -> bool {
        !self.rows.is_empty() && !other.rows.is_empty() && self.older.is_some() == other.older.is_some()
    }
}

fn hash(html: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    html.hash(&mut hasher);
    hasher.finish()
}
