//! How long a wait may be: the line is served many times on paper, in the order and by the agents who would serve it, with
//! handle times as they were lately, and the range tells how that went. Says so when it cannot know.

use super::chance::Chance;
use super::pick::{Case, TeamLoads};
use crate::domain::id::{SiteId, TeamId};
use crate::domain::line::{Arrives, Candidate, Recent, Rulebook, Rules, Waiting};
use chrono::{DateTime, TimeDelta, Utc};
use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// Fewer recent chats than this say nothing.
const KNOWN_MIN: usize = 5;
/// Longest wait put into words, in seconds.
const WAIT_MAX: f64 = 4.0 * 3_600.0;
/// How often the line is served on paper. More often than this the range hardly changes; less where it is long.
const RUNS: usize = 60;
const RUNS_MIN: usize = 20;
/// Steps on paper for one estimate: a few milliseconds.
const STEPS: usize = 60_000;
/// Eight of ten waits are within the range.
const LOW: usize = 10;
const HIGH: usize = 90;
/// What lately does not tell of the next while: who goes home, who hurries. As a share of the wait, about two thirds of the time.
const SPREAD: f64 = 0.25;
/// The same line on paper gives the same range.
const SEED: u64 = 0x6465_736b;

pub type Range = (u64, u64);

/// Low and high seconds until each of those in line is served; `None` where it cannot be known. The line is everybody's, in
/// order, because agents of several shops serve them in turn.
pub fn estimate(
    now: DateTime<Utc>,
    line: &[Waiting],
    agents: &[Candidate],
    rulebook: &Rulebook,
    lately: &Lately,
) -> Vec<Option<Range>> {
    let knows = |shopper: &Waiting| lately.of(shopper.site_id).is_some();
    if !line.iter().any(knows) {
        return vec![None; line.len()];
    }
    let desk = Desk::new(now, line, agents, rulebook, lately);
    let runs = (STEPS / line.len()).clamp(RUNS_MIN, RUNS);
    let mut chance = Chance::seeded(SEED);
    let mut waits = vec![Waits::default(); line.len()];
    for _ in 0..runs {
        desk.serve(&mut chance, &mut waits);
    }
    line.iter().zip(waits).map(|(shopper, waits)| waits.range().filter(|_| knows(shopper))).collect()
}

/// In steps of half a minute, outwards.
pub fn in_half_minutes((low, high): Range) -> Range {
    (low / 30 * 30, high.div_ceil(30) * 30)
}

/// How long one shopper waited, run by run.
#[derive(Clone, Default)]
struct Waits {
    served: Vec<Ms>,
    /// Where they would have left before: what is told is for those who stay.
    left: Vec<Ms>,
}

impl Waits {
    fn range(mut self) -> Option<Range> {
        if self.served.len() < RUNS_MIN / 2 {
            self.served.append(&mut self.left);
        }
        range(self.served)
    }
}

/// What every shop's chats were like lately.
#[derive(Clone, Debug, Default)]
pub struct Lately {
    shops: HashMap<SiteId, Recent>,
    /// Of all shops, in seconds, shortest first: of what an agent is busy with now nobody says for which shop it is.
    handle_times: Vec<f64>,
}

impl Lately {
    pub fn new(shops: HashMap<SiteId, Recent>) -> Self {
        let mut handle_times: Vec<_> = shops.values().flat_map(|recent| recent.handle_times.iter().copied()).collect();
        handle_times.sort_by(f64::total_cmp);
        Self { shops, handle_times }
    }

    fn of(&self, site: SiteId) -> Option<&Recent> {
        self.shops.get(&site).filter(|recent| recent.handle_times.len() >= KNOWN_MIN)
    }
}

/// Milliseconds from now.
type Ms = u32;

fn ms(seconds: f64) -> Ms {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped")]
    let ms = (seconds.clamp(0.0, 10.0 * WAIT_MAX) * 1_000.0) as Ms;
    ms
}

fn range(mut waits: Vec<Ms>) -> Option<Range> {
    waits.sort_unstable();
    let last = waits.len().checked_sub(1)?;
    let at = |percent: usize| Some(u64::from(waits.get((last * percent + 50) / 100)?.min(&ms(WAIT_MAX)) / 1_000));
    Some((at(LOW)?, at(HIGH)?))
}

/// Where somebody stands: from when each kind of agent may serve them.
struct Stand<'a> {
    kinds: Vec<(usize, Ms)>,
    /// Nobody need be asked for them.
    has_place: bool,
    handle_times: &'a [f64],
    leaving: f64,
    overtaken: Vec<Overtaken>,
}

/// By those of a higher class who are still to come.
struct Overtaken {
    /// How much of each second of the agents they take.
    share: f64,
    /// For so long from now; after that this shopper goes before them.
    until: f64,
}

/// A place of an agent: free now, or since when it is taken, in seconds.
type Place = Option<f64>;

/// The line and the agents, sorted into kinds: of one kind are those between whom no shopper in line makes a difference.
struct Desk<'a> {
    stands: Vec<Stand<'a>>,
    kinds: Vec<Vec<Place>>,
    handle_times: &'a [f64],
}

#[derive(PartialEq, Eq, Hash)]
struct Wants<'a>(SiteId, Option<TeamId>, &'a [String], &'a str);

/// For each agent, the wait in seconds from which they may serve somebody.
type From = Vec<Option<u32>>;

impl<'a> Desk<'a> {
    fn new(
        now: DateTime<Utc>,
        line: &[Waiting],
        agents: &[Candidate],
        rulebook: &Rulebook,
        lately: &'a Lately,
    ) -> Self {
        let (which, from) = wants(now, line, agents, rulebook);
        let standard = Rules::default();
        let mut known: HashMap<From, usize> = HashMap::new();
        let mut kinds: Vec<Vec<Place>> = Vec::new();
        for (at, agent) in agents.iter().enumerate() {
            let column: From = from.iter().map(|row| row[at]).collect();
            if column.iter().all(Option::is_none) {
                continue;
            }
            let rules = agent.memberships.iter().find_map(|member| rulebook.get(&member.site));
            let rules = rules.map_or(&standard, AsRef::as_ref);
            let kind = *known.entry(column).or_insert_with(|| {
                kinds.push(Vec::new());
                kinds.len() - 1
            });
            kinds[kind].extend(places(now, agent, rules, &lately.handle_times));
        }
        let stands = line.iter().zip(which).map(|(shopper, which)| {
            let waited = (now - shopper.queued_at).as_seconds_f64();
            let open = known.iter().filter(|(_, kind)| !kinds[**kind].is_empty());
            let mut kinds_of: Vec<_> =
                open.filter_map(|(column, kind)| Some((*kind, ms(f64::from(column[which]?) - waited)))).collect();
            kinds_of.sort_unstable();
            let recent = lately.of(shopper.site_id);
            let count: usize = kinds_of.iter().map(|(kind, _)| kinds[*kind].len()).sum();
            Stand {
                kinds: kinds_of,
                has_place: shopper.is_reserved,
                handle_times: recent.map_or(&lately.handle_times, |recent| &recent.handle_times),
                leaving: recent.map_or(0.0, |recent| recent.leaving),
                overtaken: recent.map_or_else(Vec::new, |recent| overtaken(shopper, waited, count, rulebook, recent)),
            }
        });
        let stands = stands.collect();
        Self { stands, kinds, handle_times: &lately.handle_times }
    }

    /// Serves the whole line once, and notes how long each would have waited.
    fn serve(&self, chance: &mut Chance, waits: &mut [Waits]) {
        let pace = pace(self.handle_times, chance);
        let mut ends = |place: &Place| Reverse(ends(*place, self.handle_times, chance));
        let mut free_at: Vec<BinaryHeap<Reverse<Ms>>> =
            self.kinds.iter().map(|places| places.iter().map(&mut ends).collect()).collect();
        for (stand, waits) in self.stands.iter().zip(waits) {
            let (leaves, takes) = (leaves(stand.leaving, chance), draw(stand.handle_times, chance));
            if stand.has_place {
                waits.served.push(0);
                continue;
            }
            let first =
                stand.kinds.iter().filter_map(|(kind, from)| Some((free_at[*kind].peek()?.0.max(*from), *kind)));
            let Some((at, kind)) = first.min() else { continue };
            let wait = stand.overtaken(f64::from(at) / 1_000.0 * pace);
            if leaves <= wait {
                waits.left.push(wait);
            } else {
                waits.served.push(wait);
                free_at[kind].pop();
                free_at[kind].push(Reverse(at.saturating_add(takes)));
            }
        }
    }
}

impl Stand<'_> {
    /// The wait with those who will come and go first.
    fn overtaken(&self, wait: f64) -> Ms {
        let mut longer = wait;
        for _ in 0..8 {
            longer = wait + self.overtaken.iter().map(|o| o.share * longer.min(o.until)).sum::<f64>();
        }
        ms(longer)
    }
}

/// Higher classes overtake until this shopper's age makes up for them, or the bound is reached.
fn overtaken(shopper: &Waiting, waited: f64, places: usize, rulebook: &Rulebook, recent: &Recent) -> Vec<Overtaken> {
    let routing = rulebook.get(&shopper.site_id).map(|rules| rules.routing.clone()).unwrap_or_default();
    let forever = |seconds: f64| if seconds > 0.0 { seconds } else { f64::INFINITY };
    let handle = mean(&recent.handle_times);
    let competes =
        |other: &&Arrives| other.team.is_none() || shopper.team_id.is_none() || other.team == shopper.team_id;
    let higher = recent.arrivals.iter().filter(|other| other.priority > shopper.priority).filter(competes);
    let overtaken = higher.map(|other| {
        let ages = forever(f64::from(routing.ageing_s)) * f64::from(other.priority - shopper.priority);
        #[expect(clippy::cast_precision_loss, reason = "a small count")]
        let share = other.per_s * handle / places.max(1) as f64;
        Overtaken { share, until: (ages.min(forever(f64::from(routing.bound_s))) - waited).max(0.0) }
    });
    overtaken.collect()
}

/// How much slower or faster than lately, this time: as uncertain as the mean of so few chats is, and some.
fn pace(handle_times: &[f64], chance: &mut Chance) -> f64 {
    let again: Vec<_> =
        handle_times.iter().filter_map(|_| handle_times.get(chance.below(handle_times.len()))).copied().collect();
    // Nearly normal, and never far out.
    let normal = (0..6).map(|_| chance.unit()).sum::<f64>() - 3.0;
    mean(&again) / mean(handle_times).max(1.0) * (SPREAD * normal * std::f64::consts::SQRT_2).exp()
}

#[expect(clippy::cast_precision_loss, reason = "a small count")]
fn mean(times: &[f64]) -> f64 {
    times.iter().sum::<f64>() / times.len().max(1) as f64
}

/// Which of the rows each in line has, and the rows: one for all who want the same.
fn wants(now: DateTime<Utc>, line: &[Waiting], agents: &[Candidate], rulebook: &Rulebook) -> (Vec<usize>, Vec<From>) {
    let mut known: HashMap<Wants<'_>, usize> = HashMap::new();
    let mut rows = Vec::new();
    let standard = Rules::default();
    let which = line.iter().map(|shopper| {
        let wants = Wants(shopper.site_id, shopper.team_id, &shopper.required_skills, &shopper.locale);
        *known.entry(wants).or_insert_with(|| {
            let rules = rulebook.get(&shopper.site_id).map_or(&standard, AsRef::as_ref);
            rows.push(served_from(now, shopper, agents, rules));
            rows.len() - 1
        })
    });
    (which.collect(), rows)
}

fn served_from(now: DateTime<Utc>, shopper: &Waiting, agents: &[Candidate], rules: &Rules) -> From {
    let routing = &rules.routing;
    let overflow = shopper.team_id.and_then(|team| rules.teams.get(&team)).map_or(0, |team| team.overflow_after_s);
    let steps = u32::try_from(shopper.required_skills.len() + 1).unwrap_or(1);
    let mut moments: Vec<u32> = (0..=steps).map(|n| n.saturating_mul(routing.relax_s)).collect();
    moments.extend([overflow, routing.bound_s]);
    moments.sort_unstable();
    moments.dedup();
    let loads = TeamLoads::new();
    let then = moments.into_iter().map(|wait| {
        let queued_at = now - TimeDelta::seconds(wait.into());
        (wait, Waiting { queued_at, ..shopper.clone() })
    });
    let then: Vec<_> = then.collect();
    let cases: Vec<_> = then.iter().map(|(wait, shopper)| (*wait, Case::new(shopper, rules, &loads, now))).collect();
    let first = |agent: &Candidate| cases.iter().find(|(_, case)| case.lacks(agent).is_none()).map(|(wait, _)| *wait);
    agents.iter().map(first).collect()
}

/// Those taken, and those that one chat more after the other would take. Where silent shoppers have woken, some of the places
/// taken are none once they are free.
fn places(now: DateTime<Utc>, agent: &Candidate, rules: &Rules, handle_times: &[f64]) -> Vec<Place> {
    let kept = usize::try_from(agent.chats).unwrap_or_default().saturating_sub(agent.busy_since.len());
    let since = agent.busy_since.iter().map(|since| (now - *since).as_seconds_f64());
    let mut taken: Vec<f64> = since.chain(std::iter::repeat_n(0.0, kept)).collect();
    let active = i64::from(rules.routing.active_percent.max(1));
    let capacity = i64::from(agent.capacity.max(0));
    let free = ((capacity * 100 - agent.load) / active).min(capacity + i64::from(rules.routing.over_max) - agent.chats);
    let lost = (agent.load - capacity * 100 + active - 1) / active;
    let count = |chats: i64| usize::try_from(chats).unwrap_or_default();
    // The chats that end first are those with the least left to say.
    taken.sort_by(|left, right| residual(*left, handle_times).total_cmp(&residual(*right, handle_times)));
    taken.drain(..count(lost).min(taken.len()));
    taken.into_iter().map(Some).chain(std::iter::repeat_n(None, count(free))).collect()
}

/// What is left of a chat, in the middle.
fn residual(elapsed: f64, handle_times: &[f64]) -> f64 {
    let longer = longer_than(elapsed, handle_times);
    longer.get(longer.len() / 2).map_or(elapsed, |whole| whole - elapsed)
}

fn longer_than(elapsed: f64, handle_times: &[f64]) -> &[f64] {
    &handle_times[handle_times.partition_point(|time| *time <= elapsed)..]
}

fn ends(place: Place, handle_times: &[f64], chance: &mut Chance) -> Ms {
    let Some(elapsed) = place else { return 0 };
    let longer = longer_than(elapsed, handle_times);
    if longer.is_empty() {
        // Longer than any that is known: it may go on as long as it has.
        return ms(elapsed * chance.unit());
    }
    ms(longer[chance.below(longer.len())] - elapsed)
}

fn draw(times: &[f64], chance: &mut Chance) -> Ms {
    times.get(chance.below(times.len())).copied().map_or(0, ms)
}

fn leaves(leaving: f64, chance: &mut Chance) -> Ms {
    let lot = 1.0 - chance.unit();
    if leaving > 0.0 { ms(-lot.ln() / leaving) } else { Ms::MAX }
}

#[cfg(test)]
mod tests {
    use super::{Lately, estimate};
    use crate::domain::id::{AgentId, SiteId, TeamId};
    use crate::domain::line::{Candidate, Membership, Recent, Rulebook, Waiting};
    use crate::queue::rank::tests::{now, waiting};
    use chrono::TimeDelta;
    use std::collections::HashMap;
    use uuid::Uuid;

    fn agent(n: u128, capacity: i16, busy: &[i64]) -> Candidate {
        let memberships =
            vec![Membership { site: SiteId(Uuid::from_u128(1)), team: TeamId(Uuid::from_u128(n)), skills: Vec::new() }];
        Candidate {
            id: AgentId(Uuid::from_u128(n)),
            name: String::new(),
            capacity,
            load: 100 * i64::try_from(busy.len()).unwrap(),
            chats: i64::try_from(busy.len()).unwrap(),
            last_assigned_at: None,
            languages: Vec::new(),
            memberships,
            busy_since: busy.iter().map(|s| now() - TimeDelta::seconds(*s)).collect(),
        }
    }

    fn lately(handle_times: &[f64]) -> Lately {
        let recent = Recent { handle_times: handle_times.to_vec(), ..Recent::default() };
        Lately::new(HashMap::from([(SiteId(Uuid::from_u128(1)), recent)]))
    }

    fn told(line: &[Waiting], agents: &[Candidate], handle_times: &[f64]) -> Vec<Option<(u64, u64)>> {
        estimate(now(), line, agents, &Rulebook::new(), &lately(handle_times))
    }

    #[test]
    fn a_wait_is_as_long_as_those_ahead_take_and_nothing_where_a_place_is_free() {
        let line = [waiting(1, 0, 60), waiting(2, 0, 30), waiting(3, 0, 10)];
        let one = told(&line, &[agent(1, 1, &[100])], &[300.0; 20]);
        for (range, wait) in one.iter().zip([200, 500, 800]) {
            let (low, high) = range.unwrap();
            assert!(low < wait && wait < high && low > wait / 2 && high < wait * 2, "{wait}: {range:?}");
        }
        let two = told(&line, &[agent(1, 1, &[100]), agent(2, 1, &[])], &[300.0; 20]);
        assert_eq!(two[0], Some((0, 0)), "the second agent is free");
        assert!(two[1] < one[1] && two[2] < one[2]);
    }

    #[test]
    fn only_agents_who_may_serve_somebody_count() {
        let of = |team| Waiting { team_id: Some(TeamId(Uuid::from_u128(team))), ..waiting(team, 0, 5) };
        let ranges = told(&[of(1), of(2), of(3)], &[agent(1, 1, &[10]), agent(2, 1, &[])], &[300.0; 20]);
        assert!(ranges[0].unwrap().0 > 100);
        assert_eq!(ranges[1..], [Some((0, 0)), None], "nobody of the third team is here");
    }

    #[test]
    fn it_says_so_when_it_cannot_know() {
        let line = [waiting(1, 0, 60)];
        assert_eq!(told(&line, &[], &[300.0; 20]), [None]);
        assert_eq!(told(&line, &[agent(1, 1, &[])], &[300.0; 4]), [None]);
        assert_eq!(told(&line, &[agent(1, 0, &[])], &[300.0; 20]), [None]);
    }

    #[test]
    fn a_long_line_is_estimated_in_a_moment() {
        let line: Vec<_> = (1..=500).map(|n| waiting(n, 0, 60)).collect();
        let agents: Vec<_> = (1..=100).map(|n| agent(n, 3, &[10, 70, 200])).collect();
        let times: Vec<_> = (1..=100).map(|n| f64::from(n) * 6.0).collect();
        let began = crate::app::instant();
        let ranges = told(&line, &agents, &times);
        println!("estimate waiting=500 agents=100 took={:?}", began.elapsed());
        assert!(ranges.iter().all(Option::is_some));
    }
}
