//! Deskbell: self-hosted live chat for shops. `README.md` has the map of the house.

pub mod admin;
pub mod admission;
pub mod api;
pub mod app;
pub mod auth;
pub mod bench;
pub mod cli;
pub mod config;
pub mod console;
pub mod conversations;
pub mod demo;
pub mod domain;
pub mod error;
pub mod mail;
pub mod measure;
pub mod pace;
pub mod presence;
pub mod queue;
pub mod realtime;
pub mod replay;
pub mod server;
pub mod shell;
pub mod shopper;
pub mod store;
pub mod transcripts;
pub mod web;
