//! HTTP and WebSocket plumbing without product words.

pub mod address;
pub mod assets;
pub mod error;
pub mod form;
pub mod frame;
pub mod lang;
pub mod layers;
pub mod origin;
pub mod socket;
