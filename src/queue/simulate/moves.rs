//! What each happening changes.

use super::agenda::{Hand, Happening};
use super::floor::{Duty, RESERVED};
use super::{Arrival, Chat, End, Ended, MoveTo, Moved, Simulation, Stage};
use crate::domain::id::{AgentId, ConversationId, TeamId};
use crate::domain::line::{Refused, Rules, Waiting};
use crate::queue::pick::has_place;
use chrono::TimeDelta;

/// However much of a chat was handled before it changed hands, the next agent has this much to do.
const HANDLE_MIN: TimeDelta = TimeDelta::seconds(20);

impl Simulation {
    pub(super) fn happen(&mut self, what: Happening) {
        match what {
            Happening::Tick => {}
            Happening::GivesUp(id) => self.leave_line(id, End::Left),
            Happening::IsTicketed(id) => self.leave_line(id, End::Ticket),
            Happening::ClosesTab(id) => self.in_line(id, |shopper| shopper.is_to_be_called = true),
            Happening::Accepts(id, hand) => self.take_reserved(id, hand),
            Happening::Comes(id, hand) => self.come(id, hand),
            Happening::Declines(id, hand) | Happening::OfferEnds(id, hand) => self.refuse(id, hand),
            Happening::HoldEnds(id, hand) => self.miss(id, hand),
            Happening::FallsSilent(id, hand) => self.set_silent(id, hand, true),
            Happening::Wakes(id, hand) => self.set_silent(id, hand, false),
            Happening::IsMoved(id, hand) => self.be_moved(id, hand),
            Happening::Ends(id, hand) => self.end(id, hand),
            Happening::LeaseEnds(agent, absence) => self.lease_ends(agent, absence),
            Happening::GraceEnds(id, hand, agent, absence) => {
                if self.floor.has_crashed(agent) && self.floor.comings(agent) == absence {
                    self.give_back(id, hand);
                }
            }
        }
    }

    pub(super) fn admit(&mut self, arrival: Arrival) {
        let shopper = arrival.shopper.clone();
        let (id, site) = (shopper.id, shopper.site_id);
        let most = self.rules(site).routing.queue_max as usize;
        let in_line = || self.line.iter().filter(|waiting| waiting.site_id == site).count();
        let full = if arrival.has_address { End::Ticket } else { End::Left };
        let how = (most > 0 && in_line() >= most).then_some(full);
        if let Some(closes_tab) = arrival.closes_tab {
            self.agenda.write(self.now + closes_tab, Happening::ClosesTab(id));
        }
        let (stage, handled) = (Stage::Line, TimeDelta::zero());
        let chat = Chat { arrival, shopper: Some(shopper), site, stage, hand: 0, first_given: None, handled };
        self.chats.insert(id, chat);
        match how {
            Some(how) => self.finish(id, how),
            None => self.stand_in_line(id),
        }
    }

    /// At the place of their arrival, for the first time or again.
    fn stand_in_line(&mut self, id: ConversationId) {
        let Some(chat) = self.chats.get_mut(&id) else { return };
        let Some(shopper) = chat.shopper.take() else { return };
        chat.stage = Stage::Line;
        chat.hand += 1;
        let (patience, has_address) = (chat.arrival.patience, chat.arrival.has_address);
        let rules = self.rules(shopper.site_id);
        let ticket_after = TimeDelta::seconds(rules.routing.ticket_after_s.into());
        if let Some(patience) = patience {
            self.agenda.write(self.now.max(shopper.queued_at + patience), Happening::GivesUp(id));
        }
        if has_address && !ticket_after.is_zero() {
            self.agenda.write(self.now.max(shopper.queued_at + ticket_after), Happening::IsTicketed(id));
        }
        self.line.push(shopper);
    }

    fn in_line(&mut self, id: ConversationId, change: impl FnOnce(&mut Waiting)) {
        if let Some(shopper) = self.line.iter_mut().find(|shopper| shopper.id == id) {
            change(shopper);
        }
    }

    /// Out of the line into the hand; a kept place is given up.
    fn take_out(&mut self, id: ConversationId) -> Option<Waiting> {
        let at = self.line.iter().position(|shopper| shopper.id == id)?;
        let mut shopper = self.line.swap_remove(at);
        shopper.is_reserved = false;
        if let Some(Stage::Reserved(agent)) = self.chats.get(&id).map(|chat| chat.stage) {
            self.free(id, agent, shopper.team_id, RESERVED);
        }
        Some(shopper)
    }

    fn leave_line(&mut self, id: ConversationId, how: End) {
        if let Some(shopper) = self.take_out(id) {
            if let Some(chat) = self.chats.get_mut(&id) {
                chat.shopper = Some(shopper);
            }
            self.finish(id, how);
        }
    }

    /// The place is counted already; gives the hand that the reservation has.
    pub(super) fn reserve(&mut self, mut shopper: Waiting, agent: AgentId) -> Hand {
        let Some(chat) = self.chats.get_mut(&shopper.id) else { return 0 };
        chat.stage = Stage::Reserved(agent);
        chat.hand += 1;
        shopper.is_reserved = true;
        self.line.push(shopper);
        chat.hand
    }

    fn reserved(&self, id: ConversationId, hand: Hand) -> Option<AgentId> {
        match self.chats.get(&id).filter(|chat| chat.hand == hand)?.stage {
            Stage::Reserved(agent) => Some(agent),
            Stage::Line | Stage::Active { .. } => None,
        }
    }

    fn take_reserved(&mut self, id: ConversationId, hand: Hand) {
        let Some(agent) = self.reserved(id, hand) else { return };
        if self.floor.has_crashed(agent) || self.floor.duty(agent) == Duty::Off {
            self.let_go(id);
        } else if let Some(shopper) = self.take_out(id) {
            self.seat(shopper, agent);
        }
    }

    /// A place for an active chat, counted here.
    fn seat(&mut self, shopper: Waiting, agent: AgentId) {
        let active = i64::from(self.rules(shopper.site_id).routing.active_percent);
        if let Some(team) = shopper.team_id {
            *self.team_loads.entry(team).or_default() += 1;
        }
        self.step.moves.push(Moved::Pushed(shopper.id, agent));
        self.floor.begin(agent, self.now);
        self.floor.carry(agent, 1, active, self.now);
        self.begin(shopper, agent);
    }

    /// Declined, or nobody answered: back in line, and this agent is not asked again soon.
    fn refuse(&mut self, id: ConversationId, hand: Hand) {
        let Some(agent) = self.reserved(id, hand) else { return };
        let Some(mut shopper) = self.take_out(id) else { return };
        shopper.refused.retain(|refused| refused.agent != agent);
        shopper.refused.push(Refused { agent, at: self.now });
        self.put_back(shopper);
    }

    /// The shopper who was called did not come in time.
    fn miss(&mut self, id: ConversationId, hand: Hand) {
        if self.reserved(id, hand).is_none() {
            return;
        }
        let Some(mut shopper) = self.take_out(id) else { return };
        shopper.has_missed = true;
        self.put_back(shopper);
    }

    fn put_back(&mut self, shopper: Waiting) {
        if let Some(chat) = self.chats.get_mut(&shopper.id) {
            chat.stage = Stage::Line;
            chat.hand += 1;
        }
        self.line.push(shopper);
    }

    /// In time, or late: then at the old place.
    fn come(&mut self, id: ConversationId, hand: Hand) {
        self.take_reserved(id, hand);
        self.in_line(id, |shopper| (shopper.is_to_be_called, shopper.has_missed) = (false, false));
    }

    pub(super) fn begin(&mut self, shopper: Waiting, agent: AgentId) {
        let id = shopper.id;
        let silent_after = TimeDelta::seconds(self.rules(shopper.site_id).routing.silent_after_s.into());
        let Some(chat) = self.chats.get_mut(&id) else { return };
        chat.stage = Stage::Active { agent, since: self.now, is_silent: false };
        chat.hand += 1;
        chat.first_given.get_or_insert(self.now);
        chat.shopper = Some(shopper);
        let least = if chat.handled.is_zero() { TimeDelta::zero() } else { HANDLE_MIN };
        let left = (chat.arrival.handle - chat.handled).max(least);
        self.agenda.write(self.now + left, Happening::Ends(id, chat.hand));
        for (said, writes) in &chat.arrival.silences {
            if *writes - *said > silent_after {
                self.agenda.write(self.now + *said + silent_after, Happening::FallsSilent(id, chat.hand));
                self.agenda.write(self.now + *writes, Happening::Wakes(id, chat.hand));
            }
        }
        if let Some((after, _)) = chat.arrival.moved {
            self.agenda.write(self.now + after, Happening::IsMoved(id, chat.hand));
        }
    }

    /// The agent gets rid of what is reserved or active there.
    fn free(&mut self, id: ConversationId, agent: AgentId, team: Option<TeamId>, load: i64) {
        if let Some(chats) = team.and_then(|team| self.team_loads.get_mut(&team)) {
            *chats = chats.saturating_sub(1);
        }
        self.floor.carry(agent, -1, -load, self.now);
        self.step.moves.push(Moved::Freed(id, agent));
    }

    /// Takes an active chat from its agent.
    fn stop(&mut self, id: ConversationId, hand: Hand) -> Option<AgentId> {
        let chat = self.chats.get_mut(&id).filter(|chat| chat.hand == hand)?;
        let Stage::Active { agent, since, is_silent } = chat.stage else { return None };
        chat.handled += self.now - since;
        let (site, team) = (chat.site, chat.shopper.as_ref().and_then(|shopper| shopper.team_id));
        self.floor.stop(agent, since);
        let load = counts(&self.rules(site), is_silent);
        self.free(id, agent, team, load);
        Some(agent)
    }

    fn give_back(&mut self, id: ConversationId, hand: Hand) {
        if self.stop(id, hand).is_some() {
            self.stand_in_line(id);
        }
    }

    fn end(&mut self, id: ConversationId, hand: Hand) {
        if self.stop(id, hand).is_some() {
            self.finish(id, End::Served);
        }
    }

    fn finish(&mut self, id: ConversationId, how: End) {
        let Some(chat) = self.chats.remove(&id) else { return };
        let Some(shopper) = chat.shopper else { return };
        let until = chat.first_given.unwrap_or(self.now);
        let (team, priority) = (chat.arrival.shopper.team_id, shopper.priority);
        let (waited, handled) = (until - shopper.queued_at, chat.handled);
        self.step.ended.push(Ended { id, team, priority, how, waited, handled });
    }

    fn set_silent(&mut self, id: ConversationId, now: Hand, silent: bool) {
        let Some(chat) = self.chats.get_mut(&id).filter(|chat| chat.hand == now) else { return };
        let Stage::Active { agent, is_silent, .. } = &mut chat.stage else { return };
        if *is_silent == silent {
            return;
        }
        *is_silent = silent;
        let (agent, site) = (*agent, chat.site);
        let rules = self.rules(site);
        self.floor.carry(agent, 0, counts(&rules, silent) - counts(&rules, !silent), self.now);
    }

    fn be_moved(&mut self, id: ConversationId, hand: Hand) {
        let Some(chat) = self.chats.get_mut(&id).filter(|chat| chat.hand == hand) else { return };
        let Some((_, to)) = chat.arrival.moved.take() else { return };
        match to {
            MoveTo::Team(team) => {
                let Some(_) = self.stop(id, hand) else { return };
                if let Some(shopper) = self.chats.get_mut(&id).and_then(|chat| chat.shopper.as_mut()) {
                    shopper.team_id = Some(team);
                }
                self.stand_in_line(id);
            }
            MoveTo::Agent(colleague) => self.push(id, hand, colleague),
        }
    }

    fn push(&mut self, id: ConversationId, hand: Hand, colleague: AgentId) {
        let Some(Stage::Active { agent, .. }) = self.chats.get(&id).map(|chat| chat.stage) else { return };
        let Some(rules) = self.chats.get(&id).map(|chat| self.rules(chat.site)) else { return };
        let mut room = self.floor.get(colleague).cloned();
        // Silent chats count in full for the pass only: a supervisor may go beyond the capacity.
        let fits = room.as_mut().is_some_and(|colleague| {
            colleague.load = 0;
            has_place(colleague, &rules.routing)
        });
        if agent == colleague || !fits || self.floor.duty(colleague) == Duty::Off || self.stop(id, hand).is_none() {
            return;
        }
        if let Some(shopper) = self.chats.get_mut(&id).and_then(|chat| chat.shopper.take()) {
            self.seat(shopper, colleague);
        }
    }

    /// The end of a shift: everything goes back to its old place in line, in the order of arrival.
    pub(super) fn go(&mut self, agent: AgentId) {
        self.floor.set_duty(agent, Duty::Off, self.now);
        for (id, hand, stage) in self.chats_of(agent) {
            if matches!(stage, Stage::Reserved(_)) {
                self.let_go(id);
            } else {
                self.give_back(id, hand);
            }
        }
    }

    fn let_go(&mut self, id: ConversationId) {
        if let Some(shopper) = self.take_out(id) {
            self.put_back(shopper);
        }
    }

    fn chats_of(&self, agent: AgentId) -> Vec<(ConversationId, Hand, Stage)> {
        let theirs = |stage: &Stage| match stage {
            Stage::Line => false,
            Stage::Reserved(owner) | Stage::Active { agent: owner, .. } => *owner == agent,
        };
        let mut chats: Vec<_> = self
            .chats
            .iter()
            .filter(|(_, chat)| theirs(&chat.stage))
            .map(|(id, chat)| (*id, chat.hand, chat.stage))
            .collect();
        // The map has no order of its own that could be repeated.
        chats.sort_unstable_by_key(|(id, ..)| *id);
        chats
    }

    fn lease_ends(&mut self, agent: AgentId, absence: u32) {
        if !self.floor.has_crashed(agent) || self.floor.comings(agent) != absence {
            return;
        }
        self.floor.set_duty(agent, Duty::Off, self.now);
        for (id, hand, stage) in self.chats_of(agent) {
            if matches!(stage, Stage::Active { .. }) {
                let grace = self.chats.get(&id).map_or(0, |chat| self.rules(chat.site).routing.grace_s);
                self.agenda
                    .write(self.now + TimeDelta::seconds(grace.into()), Happening::GraceEnds(id, hand, agent, absence));
            }
        }
    }
}

/// What a chat counts, in hundredths.
fn counts(rules: &Rules, is_silent: bool) -> i64 {
    i64::from(if is_silent { rules.routing.silent_percent } else { rules.routing.active_percent })
}
