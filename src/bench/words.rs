//! What the pairs say: the length and the scripts of real support chats.
//!
//! Nothing here needs escaping in JSON, so that making a frame costs the generator nothing but a copy.

/// What a shopper opens with; it carries no tag, because nobody counts it.
pub const OPENING: &str = "Hello, is anybody there? I have a question about an order from last week.";

const SHOPPER: [&str; 12] = [
    "Hi, I ordered the blue rain jacket in M last Tuesday and the parcel still says label created.",
    "Yes, the order number is 48213.",
    "ok",
    "I tried that already. The page only shows a spinner and then it tells me to come back later.",
    "Könnten Sie bitte nachsehen, ob die Größe 42 noch in der Filiale in München verfügbar ist?",
    "Thanks! And can I still change the delivery address? I will be at my sister's place until Sunday.",
    "我想知道这款耳机支持不支持无线充电，另外保修期是多久？",
    "That would be great 🙂",
    "No, the second one. The one with the long strap that was on the front page yesterday evening.",
    "Is there any way to get it before Friday? It is a present, and I am happy to pay more for the express delivery if that helps.",
    "Merci beaucoup, c'est très gentil de votre part.",
    "Last question: if it does not fit, do I pay for the return, and how long do I have to send it back to you?",
];

const AGENT: [&str; 12] = [
    "Hello, thanks for waiting! Let me look that up for you, it takes a moment.",
    "I can see the order. The warehouse packed it yesterday and the carrier collects it this afternoon.",
    "Of course. What is the new address, including the postcode?",
    "I am sorry about that. I have reset the payment page for your account; please reload it and try once more.",
    "Ja, in der Filiale am Marienplatz sind noch zwei Paar da. Soll ich eines für Sie zurücklegen lassen?",
    "Done: the parcel now goes to your sister's place, and you get a new tracking link by e-mail within the hour.",
    "支持无线充电，保修期是两年。",
    "You are welcome!",
    "It is the canvas tote in sand. It is back in stock on Monday, and I can send you a message when it is.",
    "Express leaves us today until 16:00 and arrives on Thursday before noon. It is 6.90 more; shall I change the order to express for you?",
    "Avec plaisir. Je vous envoie la confirmation par e-mail.",
    "Returns are free within 30 days. There is a label in the parcel, and any shop of ours takes it back as well.",
];

pub fn line(index: u32, by_agent: bool) -> &'static str {
    let lines = if by_agent { AGENT } else { SHOPPER };
    // A stride without common factor with the count, so that neighbours differ.
    lines[usize::try_from(u64::from(index) * 5 % 12).unwrap_or_default()]
}

/// A body begins with its message's index, so that a delivery leads straight back to its place on the board.
pub fn tag(index: u32) -> String {
    format!("{index:08x} ")
}

pub fn index_in(body: &str) -> Option<u32> {
    let (tag, _) = body.split_once(' ')?;
    if tag.len() == 8 { u32::from_str_radix(tag, 16).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::{AGENT, OPENING, SHOPPER, index_in, tag};

    #[test]
    fn no_line_needs_escaping() {
        for line in SHOPPER.iter().chain(&AGENT).chain([&OPENING]) {
            assert_eq!(serde_json::to_string(line).unwrap(), format!("\"{line}\""));
        }
    }

    #[test]
    fn a_body_remembers_its_index() {
        assert_eq!(index_in(&format!("{}hello", tag(4711))), Some(4711));
        assert_eq!(index_in(OPENING), None);
    }
}
