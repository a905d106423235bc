//! What letters say, in each language.

use crate::transcripts::words::language;

pub struct Words {
    pub lang: &'static str,
    pub dir: &'static str,
    /// `{}` is the shop's name.
    pub copy: &'static str,
    pub copy_asked_for: &'static str,
    pub request: &'static str,
    pub received: &'static str,
    pub number: &'static str,
    pub shop: &'static str,
    /// `{}` is the shop's name.
    pub next: &'static str,
    pub you_wrote: &'static str,
    pub not_you: &'static str,
    pub agent: &'static str,
    pub turn: &'static str,
    /// `{}` is the shop's name.
    pub turn_wait: &'static str,
    pub turn_back: &'static str,
    pub turn_kept: &'static str,
    pub turn_alone: &'static str,
}

const EN: Words = Words {
    lang: "en",
    dir: "ltr",
    copy: "Here is a copy of your conversation with {}.",
    copy_asked_for: "This e-mail was sent automatically because this address was given for a copy. If that was not you, please ignore it.",
    request: "Your request",
    received: "We have received your request.",
    number: "Number",
    shop: "Shop",
    next: "Somebody at {} will read it and answer by e-mail to this address. Until then there is nothing you need to do.",
    you_wrote: "You wrote:",
    not_you: "This e-mail was sent automatically. If you did not ask for anything, please ignore it.",
    agent: "Support",
    turn: "It is nearly your turn",
    turn_wait: "You are in line for a chat with {}. Come back now, so that you are there when it is your turn.",
    turn_back: "Back to my chat",
    turn_kept: "When your turn comes, a place is held for you for a moment. If you are late, you keep your place in line and are next once you are back.",
    turn_alone: "This link opens your conversation without a password, until the conversation ends and for a day at most: please do not forward it. You get this e-mail because this address was left to keep a place in line. If that was not you, please ignore it.",
};

const DE: Words = Words {
    lang: "de",
    dir: "ltr",
    copy: "Hier ist eine Kopie Ihres Gesprächs mit {}.",
    copy_asked_for: "Diese E-Mail wurde automatisch verschickt, weil diese Adresse für eine Kopie angegeben wurde. Wenn Sie das nicht waren, ignorieren Sie sie bitte.",
    request: "Ihre Anfrage",
    received: "Wir haben Ihre Anfrage erhalten.",
    number: "Nummer",
    shop: "Shop",
    next: "Jemand von {} liest sie und antwortet per E-Mail an diese Adresse. Bis dahin brauchen Sie nichts zu tun.",
    you_wrote: "Sie schrieben:",
    not_you: "Diese E-Mail wurde automatisch verschickt. Wenn Sie nichts angefragt haben, ignorieren Sie sie bitte.",
    agent: "Kundendienst",
    turn: "Sie sind gleich an der Reihe",
    turn_wait: "Sie warten auf einen Chat mit {}. Kommen Sie jetzt zurück, damit Sie da sind, wenn Sie an der Reihe sind.",
    turn_back: "Zurück zu meinem Chat",
    turn_kept: "Wenn Sie an der Reihe sind, halten wir kurz einen Platz für Sie frei. Kommen Sie später, behalten Sie Ihren Platz und sind als Nächstes dran, sobald Sie wieder da sind.",
    turn_alone: "Dieser Link öffnet Ihr Gespräch ohne Passwort, bis das Gespräch endet und höchstens einen Tag lang: Bitte leiten Sie ihn nicht weiter. Sie erhalten diese E-Mail, weil diese Adresse angegeben wurde, um einen Platz zu behalten. Wenn Sie das nicht waren, ignorieren Sie sie bitte.",
};

const ZH_CN: Words = Words {
    lang: "zh-CN",
    dir: "ltr",
    copy: "这是您与 {} 的对话副本。",
    copy_asked_for: "此邮件由系统自动发送，因为有人填写了此地址以接收副本。如果不是您本人，请忽略此邮件。",
    request: "您的咨询",
    received: "我们已收到您的咨询。",
    number: "编号",
    shop: "商店",
    next: "{} 的工作人员会阅读并通过电子邮件回复到此地址。在此之前您无需进行任何操作。",
    you_wrote: "您写道：",
    not_you: "此邮件由系统自动发送。如果您没有提交过咨询，请忽略此邮件。",
    agent: "客服",
    turn: "马上就轮到您了",
    turn_wait: "您正在排队等候与 {} 对话。请现在返回，以便轮到您时您就在线。",
    turn_back: "返回我的对话",
    turn_kept: "轮到您时，我们会为您短暂保留位置。如果您来晚了，排队位置仍会保留，返回后您就是下一位。",
    turn_alone: "此链接无需密码即可打开您的对话，在对话结束前有效，最长一天：请勿转发。您收到此邮件是因为有人填写了此地址以保留排队位置。如果不是您本人，请忽略此邮件。",
};

const AR: Words = Words {
    lang: "ar",
    dir: "rtl",
    copy: "إليك نسخة من محادثتك مع {}.",
    copy_asked_for: "أُرسلت هذه الرسالة تلقائيًا لأن هذا العنوان أُدخل لاستلام نسخة. إن لم تكن أنت من طلب ذلك فيُرجى تجاهلها.",
    request: "طلبك",
    received: "لقد استلمنا طلبك.",
    number: "الرقم",
    shop: "المتجر",
    next: "سيقرأه أحد العاملين في {} ويجيب بالبريد الإلكتروني على هذا العنوان. لا يلزمك فعل أي شيء حتى ذلك الحين.",
    you_wrote: "كتبتَ:",
    not_you: "أُرسلت هذه الرسالة تلقائيًا. إن لم تطلب شيئًا فيُرجى تجاهلها.",
    agent: "الدعم",
    turn: "اقترب دورك",
    turn_wait: "أنت في الطابور لمحادثة {}. عُد الآن لتكون حاضرًا عندما يحين دورك.",
    turn_back: "العودة إلى محادثتي",
    turn_kept: "عندما يحين دورك نحجز لك مكانًا للحظات. إن تأخرت فستحتفظ بدورك وتكون التالي فور عودتك.",
    turn_alone: "يفتح هذا الرابط محادثتك دون كلمة مرور حتى تنتهي المحادثة ولمدة يوم واحد على الأكثر: يُرجى عدم إعادة توجيهه. وصلتك هذه الرسالة لأن هذا العنوان أُدخل للاحتفاظ بدور. إن لم تكن أنت من فعل ذلك فيُرجى تجاهلها.",
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
