//! Real talk, played by shoppers and agents through their sockets: what is stored, what the agent saw and the transcript
//! equal the source, character for character.

use crate::harness::people::from_start;
use crate::harness::{Agent, Desk, Hire, Setup, Shopper, cid, text};
use futures_util::StreamExt;
use futures_util::stream;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Dialogues played at the same time, and agents who answer them.
const AT_ONCE: usize = 24;
const AGENTS: usize = 8;

#[derive(Clone, Debug, PartialEq, Eq)]
struct Turn {
    by_shopper: bool,
    text: String,
}

struct Dialogue {
    id: String,
    turns: Vec<Turn>,
}

fn read(dir: &Path) -> Vec<Dialogue> {
    let files = std::fs::read_dir(dir).unwrap_or_else(|error| panic!("{}: {error}", dir.display()));
    let mut paths: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ext| ext == "jsonl"));
    paths.sort();
    let mut dialogues = Vec::new();
    for path in paths {
        let lines = std::fs::read_to_string(&path).unwrap();
        dialogues.extend(lines.lines().filter(|line| !line.trim().is_empty()).map(dialogue));
    }
    assert!(!dialogues.is_empty(), "{} holds no dialogues", dir.display());
    dialogues
}

fn dialogue(line: &str) -> Dialogue {
    let source: Value = serde_json::from_str(line).unwrap();
    let turn = |turn: &Value| Turn { by_shopper: turn["speaker"] == "customer", text: text(turn, "text").to_owned() };
    let mut turns: Vec<_> = source["turns"].as_array().unwrap().iter().map(turn).collect();
    turns.retain(|turn| turn.text.chars().any(|c| !c.is_whitespace()));
    // A chat begins with a shopper who writes.
    if !turns.first().is_some_and(|first| first.by_shopper) {
        turns.insert(0, Turn { by_shopper: true, text: "Hello?".into() });
    }
    Dialogue { id: text(&source, "id").to_owned(), turns }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_corpus_comes_out_as_it_went_in() {
    let dialogues = read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus"));
    assert!(dialogues.len() >= 40, "{}", dialogues.len());
    play_all(dialogues).await;
}

/// More of them, where the environment names a directory: `DESKBELL_DIALOGUES=DIR`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_dialogues_of_a_directory_come_out_as_they_went_in() {
    if let Some(dir) = std::env::var_os("DESKBELL_DIALOGUES").filter(|dir| !dir.is_empty()) {
        play_all(read(Path::new(&dir))).await;
    }
}

async fn play_all(dialogues: Vec<Dialogue>) {
    let desk = Arc::new(Setup::default().site(|site| site.settings.routing.grace_s = 3_600).open().await);
    let team = desk.team("Orders").await;
    let mut agents = Vec::new();
    for n in 0..AGENTS {
        let staff = desk.hire(&format!("Agent {n}"), Hire::agent(team, 10)).await;
        let agent = desk.sign_in(&staff).await;
        agent.available(true).await;
        agents.push(agent);
    }
    let agents: Arc<HashMap<_, _>> =
        Arc::new(agents.into_iter().map(|agent| (agent.staff.name.clone(), agent)).collect());
    let (count, mut messages) = (dialogues.len(), 0);
    let mut playing = stream::iter(dialogues)
        .map(|dialogue| {
            let (desk, agents) = (Arc::clone(&desk), Arc::clone(&agents));
            tokio::spawn(async move { play(&desk, &agents, dialogue).await })
        })
        .buffer_unordered(AT_ONCE);
    while let Some(played) = playing.next().await {
        messages += played.unwrap();
    }
    for agent in agents.values() {
        agent.assert_sound();
    }
    println!("dialogues played={count} messages={messages} different=0");
}

/// Plays one dialogue and compares; gives the number of messages.
async fn play(desk: &Desk, agents: &HashMap<String, Agent>, dialogue: Dialogue) -> usize {
    let shopper = Shopper::come(desk).await;
    let chat = shopper.open(&dialogue.turns[0].text).await;
    let assigned = shopper.kind(&chat, "assigned").await;
    let agent = &agents[text(&assigned["agent"], "name")];
    agent.given(&chat).await;
    let mut last = 3;
    for run in dialogue.turns[1..].chunk_by(|a, b| a.by_shopper == b.by_shopper) {
        // A side that goes on does not wait for its acknowledgements; the other side answers what it has read.
        let (who, other) =
            if run[0].by_shopper { (&shopper.socket, &agent.socket) } else { (&agent.socket, &shopper.socket) };
        for turn in run {
            who.send(&json!({ "type": "send", "cid": cid(), "body": turn.text, "files": [], "conversation": chat }));
            last += 1;
        }
        reached(other, &chat, last, &dialogue.id).await;
    }
    agent.close(&chat).await;
    shopper.kind(&chat, "closed").await;
    compare(desk, agent, &shopper, &chat, &dialogue).await;
    dialogue.turns.len()
}

async fn reached(who: &crate::harness::Socket, chat: &str, seq: i64, dialogue: &str) {
    who.until(&format!("message {seq} of {dialogue}"), |state| {
        state.logs.get(chat)?.events.contains_key(&seq).then_some(())
    })
    .await;
}

async fn compare(desk: &Desk, agent: &Agent, shopper: &Shopper, chat: &str, dialogue: &Dialogue) {
    let id = &dialogue.id;
    let stored: Vec<_> = crate::harness::log::assert_gapless(desk, chat)
        .await
        .into_iter()
        .filter(|row| row.kind == "message")
        .map(|row| Turn { by_shopper: row.author == "shopper", text: row.body.unwrap_or_default() })
        .collect();
    assert_eq!(stored, dialogue.turns, "{id}: the log");
    // Own messages come back as acknowledgements; what the other side wrote comes as events.
    let by = |by_shopper: bool| -> Vec<_> {
        dialogue.turns.iter().filter(|turn| turn.by_shopper == by_shopper).cloned().collect()
    };
    let mut heard = messages(&agent.log(chat));
    heard.retain(|turn| turn.by_shopper);
    assert_eq!(heard, by(true), "{id}: the agent's socket");
    let mut heard = messages(&shopper.log(chat));
    heard.retain(|turn| !turn.by_shopper);
    assert_eq!(heard, by(false), "{id}: the shopper's socket");
    let late = shopper.again(desk, from_start(chat)).await;
    late.kind(chat, "closed").await;
    assert_eq!(messages(&late.log(chat)), dialogue.turns, "{id}: the replay");
    shopper.assert_sound();
    let transcript = deskbell::transcripts::load(&desk.app.db, chat.parse().unwrap()).await.unwrap().unwrap();
    let json = transcript.json();
    let written: Vec<_> = json["events"].as_array().unwrap().iter().cloned().map(Arc::new).collect();
    assert_eq!(messages(&written), dialogue.turns, "{id}: the transcript as JSON");
    assert_in_order(&transcript.text(), dialogue);
}

fn messages(events: &[Arc<Value>]) -> Vec<Turn> {
    let said = events.iter().filter(|event| event["kind"] == "message");
    said.map(|event| Turn { by_shopper: event["by"]["role"] == "shopper", text: text(event, "body").to_owned() })
        .collect()
}

/// The transcript as text indents each line of a message by two blanks and changes nothing else.
fn assert_in_order(transcript: &str, dialogue: &Dialogue) {
    let mut rest = transcript;
    for turn in &dialogue.turns {
        let block = format!("  {}\n", turn.text.replace('\n', "\n  "));
        let at = rest
            .find(&block)
            .unwrap_or_else(|| panic!("{}: {:?} is not in the transcript in its place", dialogue.id, turn.text));
        rest = &rest[at + block.len()..];
    }
}

#[tokio::test]
async fn a_directory_without_dialogues_is_a_mistake_and_not_a_success() {
    let empty = std::env::temp_dir().join(format!("deskbell-no-dialogues-{}", cid()));
    std::fs::create_dir(&empty).unwrap();
    let played = tokio::task::spawn_blocking({
        let empty = empty.clone();
        move || read(&empty).len()
    });
    assert!(tokio::time::timeout(Duration::from_secs(45), played).await.unwrap().is_err());
    std::fs::remove_dir(&empty).unwrap();
}
