//! Days that never were, and after each event everything that the queue promises.

mod calibrate;
mod invent;
mod watch;

use super::{End, Simulation, Step};
use crate::queue::chance::Chance;
use chrono::{DateTime, TimeDelta, Utc};
use invent::{Day, Inventor};
use std::collections::BTreeMap;
use watch::Watch;

/// Two million in the long set of drills, which is built for speed.
fn most() -> usize {
    if std::env::var("DESKBELL_DRILLS").is_ok_and(|set| set == "long") { 2_000_000 } else { 150_000 }
}

/// What a simulated day saw.
#[derive(Default)]
struct Seen {
    events: usize,
    chats: usize,
    ends: BTreeMap<&'static str, usize>,
}

/// Before each event everything must be done that time alone lets be done, but for what became due within the last second.
fn play(day: Day, seed: u64, seen: &mut Seen) {
    let mut sim = Simulation::new(day.rulebook, day.manners, seed, day.begins);
    day.agents.into_iter().for_each(|agent| sim.hire(agent));
    let (mut watch, mut arrivals, mut turns) =
        (Watch::default(), day.arrivals.into_iter().peekable(), day.turns.into_iter().peekable());
    let mut looked = |sim: &Simulation, watch: &mut Watch, step: Step| {
        watch.after(sim, &step);
        seen.events += 1;
        for ended in &step.ended {
            let how = match ended.how {
                End::Served => "served",
                End::Ticket => "tickets",
                End::Left => "left",
            };
            *seen.ends.entry(how).or_default() += 1;
        }
    };
    let late = |sim: &Simulation, watch: &Watch, next: DateTime<Utc>| {
        let before = next - TimeDelta::seconds(1);
        if before > sim.now {
            watch.work_is_done(sim, before);
        }
    };
    loop {
        let (comes, turns_at) = (arrivals.peek().map(|a| a.shopper.queued_at), turns.peek().map(|(at, ..)| *at));
        let until = comes.into_iter().chain(turns_at).min();
        let next = sim.agenda.next_at().into_iter().chain(until).min();
        let Some(next) = next else { break };
        late(&sim, &watch, next);
        let step = if let Some(step) = sim.step(until.unwrap_or(DateTime::<Utc>::MAX_UTC)) {
            step
        } else if comes.is_some() && comes == until {
            let arrival = arrivals.next().unwrap();
            watch.came.insert(arrival.shopper.id);
            seen.chats += 1;
            sim.arrive(arrival)
        } else {
            let (at, agent, turn) = turns.next().unwrap();
            sim.turn(at, agent, turn)
        };
        looked(&sim, &mut watch, step);
    }
    assert_eq!(watch.came.len(), watch.ended.len(), "every shopper ends in a conversation, a ticket or leaves");
}

/// `DESKBELL_SEED` plays one day again.
#[test]
fn nobody_is_forgotten_doubled_overloaded_or_overtaken() {
    let asked = std::env::var("DESKBELL_SEED").ok().and_then(|seed| seed.parse().ok());
    let mut seen = Seen::default();
    let mut seed = asked.unwrap_or(1);
    let began = crate::app::instant();
    let most = most();
    while seen.events < most {
        let day = Inventor(Chance::seeded(seed)).day(4);
        let whole = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| play(day, seed, &mut seen)));
        if let Err(cause) = whole {
            eprintln!("the day of DESKBELL_SEED={seed} broke a promise");
            std::panic::resume_unwind(cause);
        }
        if asked.is_some() {
            return;
        }
        seed += 1;
    }
    let Seen { events, chats, ends } = &seen;
    println!("simulation days={} events={events} chats={chats} {ends:?} took={:?}", seed - 1, began.elapsed());
    assert!(ends.len() == 3 && ends.values().all(|count| *count > chats / 100), "all ends are seen: {ends:?}");
}
