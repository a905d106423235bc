//! The log as the database holds it, to compare with what people were told.

use super::{Desk, Socket};
use serde_json::Value;
use uuid::Uuid;

#[derive(Clone, Debug, PartialEq, Eq, sqlx::FromRow)]
pub struct Row {
    pub seq: i64,
    pub shopper_seq: Option<i64>,
    pub id: Uuid,
    pub cid: Option<Uuid>,
    pub kind: String,
    pub author: String,
    pub body: Option<String>,
}

impl Desk {
    pub async fn stored(&self, conversation: &str) -> Vec<Row> {
        sqlx::query_as(
            "select seq, shopper_seq, id, cid, kind, author, body from events where conversation_id = $1 order by seq",
        )
        .bind(conversation.parse::<Uuid>().unwrap())
        .fetch_all(&self.app.db.read)
        .await
        .unwrap()
    }
}

async fn head(desk: &Desk, conversation: &str) -> (i64, i64) {
    sqlx::query_as("select last_seq, shopper_seq from conversations where id = $1")
        .bind(conversation.parse::<Uuid>().unwrap())
        .fetch_one(&desk.app.db.read)
        .await
        .unwrap()
}

/// Both numberings begin at 1 and have no gap, no client id is there twice, and the head says so.
pub async fn assert_gapless(desk: &Desk, conversation: &str) -> Vec<Row> {
    let (head, rows) = loop {
        let head = head(desk, conversation).await;
        let rows = desk.stored(conversation).await;
        // What is written between the two readings would belong to neither.
        if head == self::head(desk, conversation).await {
            break (head, rows);
        }
    };
    let staff: Vec<_> = rows.iter().map(|row| row.seq).collect();
    assert_eq!(staff, (1..=rows.len() as i64).collect::<Vec<_>>(), "staff numbering of {conversation}");
    let shopper: Vec<_> = rows.iter().filter_map(|row| row.shopper_seq).collect();
    assert_eq!(shopper, (1..=shopper.len() as i64).collect::<Vec<_>>(), "shopper numbering of {conversation}");
    assert!(rows.iter().all(|row| row.kind != "note" || row.shopper_seq.is_none()), "a note has a shopper's number");
    let mut cids: Vec<_> = rows.iter().filter_map(|row| Some((&row.author, row.cid?))).collect();
    let all = cids.len();
    cids.sort_unstable();
    cids.dedup();
    assert_eq!(cids.len(), all, "a message is stored twice in {conversation}");
    assert_eq!(head, (staff.len() as i64, shopper.len() as i64), "the head of {conversation}");
    rows
}

/// What a socket heard, own messages by their acknowledgements, is what is stored: same order, same ids.
pub fn assert_same_as_staff(socket: &Socket, conversation: &str, rows: &[Row]) {
    socket.assert_sound();
    let heard = told(socket, conversation);
    let stored: Vec<_> = rows.iter().map(|row| (row.seq, row.id.to_string())).collect();
    assert_eq!(heard, stored, "a member of staff was told another log of {conversation}");
}

pub fn assert_same_as_shopper(socket: &Socket, conversation: &str, rows: &[Row]) {
    socket.assert_sound();
    let heard = told(socket, conversation);
    let stored: Vec<_> = rows.iter().filter_map(|row| Some((row.shopper_seq?, row.id.to_string()))).collect();
    assert_eq!(heard, stored, "a shopper was told another log of {conversation}");
}

/// Numbers and ids this socket knows: events, and acknowledgements of what it sent itself.
fn told(socket: &Socket, conversation: &str) -> Vec<(i64, String)> {
    let id = |value: &Value| value["id"].as_str().unwrap_or_default().to_owned();
    let mut told: std::collections::BTreeMap<i64, String> =
        socket.log(conversation).iter().map(|event| (event["seq"].as_i64().unwrap(), id(event))).collect();
    for ack in socket.heard(|f| f["type"] == "ack" && f["conversation"] == conversation && f["seq"].is_i64()) {
        let before = told.insert(ack["seq"].as_i64().unwrap(), id(&ack));
        assert!(before.is_none_or(|known| known == id(&ack)), "an acknowledgement names another event: {ack}");
    }
    told.into_iter().collect()
}
