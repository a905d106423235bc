//! What a transcript says around the people's own words, in the languages letters are written in.

pub struct Words {
    pub lang: &'static str,
    pub dir: &'static str,
    /// `{}` is the shop's name.
    pub title: &'static str,
    pub reference: &'static str,
    pub began: &'static str,
    pub ended: &'static str,
    pub rating: &'static str,
    pub zone: &'static str,
    /// Stands for a shopper who gave no name.
    pub shopper: &'static str,
    /// Stands for an agent without one.
    pub agent: &'static str,
    pub taken_back: &'static str,
    /// `{}` is the agent's name, here and in `left`.
    pub joined: &'static str,
    pub left: &'static str,
    /// `{}` is a team's or an agent's name.
    pub transferred: &'static str,
    pub closed: &'static str,
    /// `{}` is the ticket's number.
    pub ticketed: &'static str,
}

const EN: Words = Words {
    lang: "en",
    dir: "ltr",
    title: "Conversation with {}",
    reference: "Reference",
    began: "Began",
    ended: "Ended",
    rating: "Rating",
    zone: "Times in",
    shopper: "Customer",
    agent: "Support",
    taken_back: "This message was taken back.",
    joined: "{} joined the conversation.",
    left: "{} had to leave the conversation.",
    transferred: "The conversation was handed over to {}.",
    closed: "The conversation ended.",
    ticketed: "The conversation goes on by e-mail as request no. {}.",
};

const DE: Words = Words {
    lang: "de",
    dir: "ltr",
    title: "Gespräch mit {}",
    reference: "Kennung",
    began: "Beginn",
    ended: "Ende",
    rating: "Bewertung",
    zone: "Zeiten in",
    shopper: "Kunde",
    agent: "Kundendienst",
    taken_back: "Diese Nachricht wurde zurückgenommen.",
    joined: "{} ist jetzt im Gespräch.",
    left: "{} musste das Gespräch verlassen.",
    transferred: "Das Gespräch wurde an {} übergeben.",
    closed: "Das Gespräch ist beendet.",
    ticketed: "Das Gespräch geht per E-Mail weiter, als Anfrage Nr. {}.",
};

const ZH_CN: Words = Words {
    lang: "zh-CN",
    dir: "ltr",
    title: "与 {} 的对话",
    reference: "编号",
    began: "开始时间",
    ended: "结束时间",
    rating: "评分",
    zone: "时区",
    shopper: "顾客",
    agent: "客服",
    taken_back: "此消息已撤回。",
    joined: "{} 已加入对话。",
    left: "{} 已离开对话。",
    transferred: "对话已转接给 {}。",
    closed: "对话已结束。",
    ticketed: "对话将通过电子邮件继续，工单编号 {}。",
};

const AR: Words = Words {
    lang: "ar",
    dir: "rtl",
    title: "محادثة مع {}",
    reference: "المرجع",
    began: "البداية",
    ended: "النهاية",
    rating: "التقييم",
    zone: "التوقيت",
    shopper: "العميل",
    agent: "الدعم",
    taken_back: "تم سحب هذه الرسالة.",
    joined: "انضم {} إلى المحادثة.",
    left: "غادر {} المحادثة.",
    transferred: "تم تحويل المحادثة إلى {}.",
    closed: "انتهت المحادثة.",
    ticketed: "تستمر المحادثة عبر البريد الإلكتروني، رقم الطلب {}.",
};

/// The words for a locale such as `de-AT`; English where there are none.
pub fn of(locale: &str) -> &'static Words {
    match language(locale).as_str() {
        "de" => &DE,
        "zh" => &ZH_CN,
        "ar" => &AR,
        _ => &EN,
    }
}

/// The language of a locale: `zh` of `zh-CN` and of `ZH_hans`.
pub fn language(locale: &str) -> String {
    locale.split(['-', '_']).next().unwrap_or_default().to_ascii_lowercase()
}
