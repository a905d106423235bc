//! Which replies of a group were written without knowing of a colleague's. Asked under the locks, of those alone behind whose
//! number something stands.

use super::Append;
use crate::domain::conversation::Head;
use crate::domain::id::ConversationId;
use sqlx::PgConnection;
use std::collections::{HashMap, HashSet};

/// By their place in the group.
pub async fn find(
    tx: &mut PgConnection,
    group: &[Append],
    heads: &HashMap<ConversationId, Head>,
) -> sqlx::Result<HashSet<usize>> {
    let is_behind = |append: &Append| heads.get(&append.conversation).is_some_and(|h| append.shown < Some(h.last_seq));
    let behind: Vec<_> =
        (0_i32..).zip(group).filter(|(_, append)| append.shown.is_some() && is_behind(append)).collect();
    if behind.is_empty() {
        return Ok(HashSet::new());
    }
    let sites: Vec<_> = behind.iter().map(|(_, a)| a.site).collect();
    let conversations: Vec<_> = behind.iter().map(|(_, a)| a.conversation).collect();
    let authors: Vec<_> = behind.iter().map(|(_, a)| a.draft.by.uuid()).collect();
    let shown: Vec<_> = behind.iter().map(|(_, a)| a.shown).collect();
    let places: Vec<i32> = behind.iter().map(|(n, _)| *n).collect();
    let stale: Vec<i32> = sqlx::query_scalar(
        "select a.n
        from unnest($1::int[], $2::uuid[], $3::uuid[], $4::uuid[], $5::bigint[]) as a (n, site_id, conversation_id, author_id, shown)
        where exists (select from events e
            where e.site_id = a.site_id and e.conversation_id = a.conversation_id and e.seq > a.shown
                and e.kind = 'message' and e.author = 'agent' and e.author_id is distinct from a.author_id and e.body is not null)",
    )
    .bind(places)
    .bind(sites)
    .bind(conversations)
    .bind(authors)
    .bind(shown)
    .fetch_all(tx)
    .await?;
    Ok(stale.into_iter().filter_map(|n| usize::try_from(n).ok()).collect())
}
