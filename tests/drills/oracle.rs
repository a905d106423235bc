//! Compares what people were told with what PostgreSQL holds.

use crate::harness::log::Row;
use crate::people::{Agent, Log, Shopper};
use sqlx::PgPool;
use std::collections::HashMap;
use std::fmt::{self, Display, Formatter};

#[derive(Default)]
pub struct Verdict {
    pub acked: usize,
    /// Acknowledged and not there, or not what was acknowledged, or absent on a client that is up to date.
    pub missing: usize,
    pub doubled: usize,
    pub out_of_order: usize,
    faults: Vec<String>,
}

impl Display for Verdict {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { acked, missing, doubled, out_of_order, .. } = self;
        write!(f, "acked={acked} missing={missing} doubled={doubled} out_of_order={out_of_order}")
    }
}

impl Verdict {
    pub fn assert_clean(&self) {
        assert!(
            self.missing + self.doubled + self.out_of_order == 0 && self.faults.is_empty(),
            "{self}: {:#?}",
            self.faults
        );
    }
}

async fn stored(db: &PgPool, chat: &str) -> Vec<Row> {
    let chat: uuid::Uuid = chat.parse().unwrap();
    let rows = sqlx::query_as(
        "select seq, shopper_seq, id, cid, kind, author, body from events where conversation_id = $1 order by seq",
    );
    rows.bind(chat).fetch_all(db).await.unwrap()
}

pub async fn judge(db: &PgPool, shoppers: &[Shopper], agents: &[Agent]) -> Verdict {
    let mut verdict = Verdict::default();
    for shopper in shoppers {
        let chat = shopper.chat.as_ref().expect("everybody came to say something");
        let rows = stored(db, chat).await;
        judge_acks(&mut verdict, &shopper.story.acked, &rows, |row| row.shopper_seq);
        judge_bodies(&mut verdict, &rows);
        let expected: Log = rows.iter().filter_map(|row| Some((row.shopper_seq?, row.id.to_string()))).collect();
        compare(&mut verdict, chat, &shopper.story.logs[chat], &expected);
        let numbers = expected.keys().copied();
        verdict.out_of_order += usize::from(numbers.zip(1..).any(|(seq, n)| seq != n));
        verdict.out_of_order += usize::from(rows.iter().zip(1..).any(|(row, n)| row.seq != n));
        verdict.faults.extend(shopper.story.faults.iter().cloned());
    }
    for agent in agents {
        let mut acked = agent.story.acked.clone();
        for (chat, log) in &agent.story.logs {
            let rows = stored(db, chat).await;
            let expected: Log = rows.iter().map(|row| (row.seq, row.id.to_string())).collect();
            let theirs: HashMap<_, _> =
                acked.extract_if(|_, (id, _)| rows.iter().any(|row| row.id.to_string() == *id)).collect();
            judge_acks(&mut verdict, &theirs, &rows, |row| Some(row.seq));
            // An agent holds a part: what lies between has no hole, and is the same.
            let whole = log.keys().zip(*log.keys().next().unwrap()..).all(|(seq, n)| *seq == n);
            verdict.out_of_order += usize::from(!whole);
            let part: Log = expected.into_iter().filter(|(seq, _)| log.contains_key(seq)).collect();
            compare(&mut verdict, chat, log, &part);
        }
        verdict.missing += acked.len();
        verdict.faults.extend(agent.story.faults.iter().cloned());
    }
    verdict
}

fn judge_acks(
    verdict: &mut Verdict,
    acked: &HashMap<String, (String, i64)>,
    rows: &[Row],
    number: impl Fn(&Row) -> Option<i64>,
) {
    let by_cid: HashMap<_, _> = rows.iter().filter_map(|row| Some((row.cid?.to_string(), row))).collect();
    verdict.acked += acked.len();
    for (cid, (id, seq)) in acked {
        let is_there = by_cid.get(cid).is_some_and(|row| row.id.to_string() == *id && number(row) == Some(*seq));
        if !is_there {
            verdict.missing += 1;
            verdict.faults.push(format!("acknowledged as {id} number {seq}, and not there: {cid}"));
        }
    }
}

/// What a shopper says is numbered, so that a double shows even where its client id is another.
fn judge_bodies(verdict: &mut Verdict, rows: &[Row]) {
    let said = |row: &Row| row.body.as_deref()?.strip_prefix("message ")?.split(' ').next()?.parse::<i64>().ok();
    let said: Vec<_> = rows.iter().filter(|row| row.author == "shopper").filter_map(said).collect();
    verdict.doubled += said.windows(2).filter(|pair| pair[0] == pair[1]).count();
    verdict.out_of_order += said.windows(2).filter(|pair| pair[0] > pair[1]).count();
}

fn compare(verdict: &mut Verdict, chat: &str, told: &Log, expected: &Log) {
    if told == expected {
        return;
    }
    let lacks: Vec<_> = expected.iter().filter(|(seq, id)| told.get(seq) != Some(id)).map(|(seq, _)| seq).collect();
    let more: Vec<_> = told.keys().filter(|seq| !expected.contains_key(seq)).collect();
    verdict.missing += lacks.len().max(1);
    let shown = |numbers: &[&i64]| format!("{:?} of {}", &numbers[..numbers.len().min(20)], numbers.len());
    verdict.faults.push(format!(
        "{chat}: {} events, lacks {}, has too many {}",
        expected.len(),
        shown(&lacks),
        shown(&more)
    ));
}
