//! What Deskbell reads of a shop's own pages: cards of the goods that a message links to, their pictures, and whether the
//! snippet is where the shop's owner put it.
//!
//! Promises: only pages of the site's own origins are asked, through [`crate::outbound`] alone; what they say is bounded
//! text, never markup; a picture is made anew, small, before anybody gets it. A page is asked once for everybody who looks,
//! and what it said is kept for a while, also that it said nothing. May not import a door.

mod cards;
mod charset;
pub mod check;
mod page;
mod picture;
mod product;

pub use cards::{Shown, cards};
pub use picture::{Picture, picture};
pub use product::Stock;
