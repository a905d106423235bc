//! The doors, driven as shoppers and agents drive them: real servers, real sockets, a real PostgreSQL.
//!
//! One binary with one database server, private unless `DATABASE_URL` names one; each test has a database of its own.
//! Nothing here sleeps: tests wait for a condition with a deadline, or move the server's clock.

#![allow(clippy::cast_possible_truncation, clippy::cast_possible_wrap, reason = "tests count in small numbers")]
#![allow(clippy::unwrap_used, clippy::too_many_lines, reason = "a test fails by panicking, and tells one story")]

mod harness;

mod accounts;
mod agents;
mod alerts;
mod audit;
mod autobahn;
mod blocks;
mod burst;
mod canned;
mod choices;
mod company;
mod console;
mod correcting;
mod customers;
mod dialogues;
mod doctor;
mod fallback;
mod fates;
mod files;
mod firstparty;
mod forms;
mod frames;
mod goods;
mod identity;
mod installation;
mod kept;
mod letters;
mod lists;
mod log;
mod macros;
mod measures;
mod nodes;
mod offers;
mod opening;
mod order;
mod orders;
mod overseer;
mod owners;
mod pages;
mod palette;
mod payloads;
mod place;
mod present;
mod privacy;
mod proxies;
mod push;
mod queue;
mod receipts;
mod reminders;
mod reopening;
mod replay;
mod reports;
mod restart;
mod resume;
mod rooms;
mod search;
mod secrecy;
mod session;
mod sight;
mod sla;
mod start;
mod status;
mod transfer;
mod triage;
mod vanish;
mod verbs;
mod visitors;
mod wall;
mod webhooks;
mod widget;
mod writers;
