//! What the sample shop sells. Invented for this demonstration; prices are in cents of a euro.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Group {
    Paper,
    Light,
    Carry,
    Desk,
}

impl Group {
    pub(super) const ALL: [Self; 4] = [Self::Paper, Self::Light, Self::Carry, Self::Desk];

    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Light => "light",
            Self::Carry => "carry",
            Self::Desk => "desk",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::Paper => "Paper & pens",
            Self::Light => "Light",
            Self::Carry => "Carry",
            Self::Desk => "Desk",
        }
    }
}

#[derive(Debug)]
pub(super) struct Good {
    pub slug: &'static str,
    pub name: &'static str,
    pub cents: u32,
    pub group: Group,
    pub line: &'static str,
    pub story: &'static str,
    pub facts: &'static [&'static str],
    /// The name of the choice and its values; empty when there is nothing to choose.
    pub choice: &'static str,
    pub values: &'static [&'static str],
    pub badge: &'static str,
    pub picture: &'static str,
}

impl Good {
    pub(super) fn price(&self) -> String {
        money(self.cents)
    }

    /// The price as machines read it.
    pub(super) fn decimal(&self) -> String {
        format!("{}.{:02}", self.cents / 100, self.cents % 100)
    }

    /// What search engines and chats read (schema.org), as JSON without `<`, so that it cannot end its element.
    pub(super) fn data(&self, fingerprint: &str) -> String {
        let data = serde_json::json!({
            "@context": "https://schema.org", "@type": "Product", "name": self.name, "description": self.line, "sku": self.slug,
            "image": [format!("/shop/assets/{}.jpg?v={fingerprint}", self.slug)],
            "offers": {
                "@type": "Offer", "price": self.decimal(), "priceCurrency": "EUR",
                "availability": "https://schema.org/InStock",
            },
        });
        data.to_string().replace('<', "\\u003c")
    }

    pub(super) fn value(&self, index: usize) -> &'static str {
        self.values.get(index).copied().unwrap_or_default()
    }
}

pub(super) fn money(cents: u32) -> String {
    format!("€{}.{:02}", cents / 100, cents % 100)
}

pub(super) fn find(slug: &str) -> Option<&'static Good> {
    GOODS.iter().find(|good| good.slug == slug)
}

/// The same kind first, then whatever comes next on the shelf.
pub(super) fn beside(good: &Good) -> Vec<&'static Good> {
    let (near, far): (Vec<_>, Vec<_>) =
        GOODS.iter().filter(|other| other.slug != good.slug).partition(|other| other.group == good.group);
    near.into_iter().chain(far).take(4).collect()
}

pub(super) fn matching(group: Option<&str>, words: &str) -> Vec<&'static Good> {
    let words = words.to_lowercase();
    let says = |good: &Good| {
        let text = format!("{} {} {} {}", good.name, good.line, good.story, good.group.label()).to_lowercase();
        words.split_whitespace().all(|word| text.contains(word))
    };
    GOODS.iter().filter(|good| group.is_none_or(|key| good.group.key() == key)).filter(|good| says(good)).collect()
}

pub(super) static GOODS: [Good; 12] = [
    Good {
        slug: "linen-notebook",
        name: "Linen Notebook",
        cents: 1800,
        group: Group::Paper,
        line: "192 pages that lie flat",
        story: "Bound in woven linen and sewn in sections, so it opens flat on the first day and on the last. The paper is smooth enough for a fountain pen and heavy enough that nothing shows through.",
        facts: &["14.8 × 21 cm, 192 numbered pages", "100 g/m² uncoated paper", "Elastic band and a woven marker"],
        choice: "Ruling",
        values: &["Plain", "Lined", "Dotted"],
        badge: "Bestseller",
        picture: include_str!("../../../assets/demo/goods/linen-notebook.svg"),
    },
    Good {
        slug: "arc-lamp",
        name: "Arc Desk Lamp",
        cents: 12900,
        group: Group::Light,
        line: "A warm circle of light, exactly where you work",
        story: "One bent steel tube and a spun shade. The head turns without a single screw to tighten, and the dimmer remembers how you left it.",
        facts: &["48 cm high, 2.1 kg", "LED, 2700 K, 6 W, dimmable", "2 m fabric cable, CE and UKCA plugs"],
        choice: "Shade",
        values: &["Terracotta", "Pine", "Chalk"],
        badge: "New",
        picture: include_str!("../../../assets/demo/goods/arc-lamp.svg"),
    },
    Good {
        slug: "folio-satchel",
        name: "Folio Satchel",
        cents: 18900,
        group: Group::Carry,
        line: "Vegetable-tanned leather, two buckles",
        story: "Cut from one hide and stitched by hand at the corners. It starts out stiff and honey-coloured and becomes softer and darker every year you carry it.",
        facts: &["38 × 29 × 9 cm", "Fits a 14-inch notebook", "Repaired free of charge for five years"],
        choice: "Leather",
        values: &["Chestnut", "Black"],
        badge: "",
        picture: include_str!("../../../assets/demo/goods/folio-satchel.svg"),
    },
    Good {
        slug: "stoneware-mug",
        name: "Stoneware Mug",
        cents: 2200,
        group: Group::Desk,
        line: "Hand-dipped, no two alike",
        story: "Speckled stoneware, dipped once in a deep blue glaze and left to run. The handle takes three fingers, the walls keep coffee warm for a long paragraph.",
        facts: &["350 ml", "Dishwasher and microwave safe", "Fired at 1240 °C"],
        choice: "Glaze",
        values: &["Harbour blue", "Moss", "Oat"],
        badge: "",
        picture: include_str!("../../../assets/demo/goods/stoneware-mug.svg"),
    },
    Good {
        slug: "brass-pen",
        name: "Brass Ballpoint",
        cents: 3400,
        group: Group::Paper,
        line: "Turned from solid brass, refillable for good",
        story: "Heavy in a way that slows your handwriting down. The barrel is lacquered where you hold it and bare where you do not, so it ages only where it should.",
        facts: &["13.6 cm, 41 g", "Takes every G2 refill", "Comes with a black and a blue one"],
        choice: "Barrel",
        values: &["Pine black", "Bare brass"],
        badge: "",
        picture: include_str!("../../../assets/demo/goods/brass-pen.svg"),
    },
    Good {
        slug: "dome-lamp",
        name: "Dome Table Lamp",
        cents: 8900,
        group: Group::Light,
        line: "Opal glass for the end of the day",
        story: "Mouth-blown opal glass on a turned base. It lights a room the way a candle does: softly, from one corner, and without asking for attention.",
        facts: &["32 cm high, shade 28 cm", "E14 bulb included", "Touch dimmer in three steps"],
        choice: "",
        values: &[],
        badge: "",
        picture: include_str!("../../../assets/demo/goods/dome-lamp.svg"),
    },
    Good {
        slug: "rolltop-pack",
        name: "Rolltop Backpack",
        cents: 13900,
        group: Group::Carry,
        line: "18 litres that grow to 24",
        story: "Waxed cotton that shrugs off a shower, a padded sleeve that hangs clear of the floor, and straps you can mend yourself.",
        facts: &["46 × 29 × 14 cm, 980 g", "Fits a 16-inch notebook", "Waxed cotton and bridle leather"],
        choice: "Colour",
        values: &["Slate", "Olive"],
        badge: "New",
        picture: include_str!("../../../assets/demo/goods/rolltop-pack.svg"),
    },
    Good {
        slug: "walnut-tray",
        name: "Walnut Desk Tray",
        cents: 5600,
        group: Group::Desk,
        line: "A place for keys, pencils and the watch",
        story: "Milled from one board of walnut, so the grain runs right through the divider. Oiled, not varnished: a scratch is gone with a drop of oil.",
        facts: &["32 × 20 × 3 cm", "European walnut", "Felt feet"],
        choice: "",
        values: &[],
        badge: "",
        picture: include_str!("../../../assets/demo/goods/walnut-tray.svg"),
    },
    Good {
        slug: "cedar-pencils",
        name: "Cedar Pencils, Set of Six",
        cents: 1200,
        group: Group::Paper,
        line: "Six colours outside, one good lead inside",
        story: "Incense cedar sharpens without splintering and smells of the first day of school. The lead is dark, smooth and forgiving.",
        facts: &["Six pencils in a paper sleeve", "Hardness B", "Wood from certified forests"],
        choice: "",
        values: &[],
        badge: "",
        picture: include_str!("../../../assets/demo/goods/cedar-pencils.svg"),
    },
    Good {
        slug: "day-tote",
        name: "Canvas Day Tote",
        cents: 4200,
        group: Group::Carry,
        line: "Market in the morning, office by nine",
        story: "Heavy organic canvas with a double floor and leather handles long enough for a winter coat. A zipped pocket keeps the keys from travelling.",
        facts: &["40 × 36 × 14 cm", "540 g/m² organic cotton", "Machine washable at 30 °C"],
        choice: "",
        values: &[],
        badge: "",
        picture: include_str!("../../../assets/demo/goods/day-tote.svg"),
    },
    Good {
        slug: "desk-clock",
        name: "Oak Desk Clock",
        cents: 6400,
        group: Group::Desk,
        line: "Silent, so you can forget the time",
        story: "A turned oak case, a paper dial and a sweeping second hand that makes no sound at all. It sets itself by radio, twice a year included.",
        facts: &["16 cm across", "Silent radio movement", "One AA battery, included"],
        choice: "",
        values: &[],
        badge: "",
        picture: include_str!("../../../assets/demo/goods/desk-clock.svg"),
    },
    Good {
        slug: "letter-set",
        name: "Letter Set with Seal",
        cents: 1600,
        group: Group::Paper,
        line: "Twelve letters worth keeping",
        story: "Cotton paper with a deckled edge, lined envelopes, and a stick of red wax with a brass seal. Everything but the words.",
        facts: &["12 sheets and 12 envelopes, A5", "120 g/m² cotton paper", "Wax stick and brass seal"],
        choice: "Seal",
        values: &["Sprig", "Star"],
        badge: "",
        picture: include_str!("../../../assets/demo/goods/letter-set.svg"),
    },
];
