//! A million messages that look like those of real shops: five languages, words as unevenly common as words are, numbers and
//! addresses that come once. The same seed gives the same.

const ENGLISH: &str = "the to and my order it is for parcel you in have that not me on with this of can was size delivery when \
    thanks hello please return still address arrived tracking number refund yesterday shipped store colour email website \
    payment invoice shoes jacket broken exchange warranty discount code basket blue black small large missing late courier \
    weekend monday birthday present shipping international customs label receipt stock available available lamp table chair \
    mug kettle notebook pencil backpack strap zipper leather canvas cotton wool waterproof battery charger cable screen glass \
    wooden garden kitchen bathroom window curtain pillow blanket mattress frame poster ticket voucher gift card account password";
const GERMAN: &str = "die und ich der ist nicht das bestellung mit bitte für ein paket auf wann wurde noch größe lieferung \
    danke hallo rückgabe adresse rechnung zahlung schuhe jacke kaputt umtausch garantie gutschein farbe blau schwarz klein \
    groß fehlt spät wochenende geschenk versand zoll etikett verfügbar lampe tisch stuhl tasse rucksack leder baumwolle";
const ARABIC: &str = "من في على هل الطلب الشحن متى وصل المقاس شكرا مرحبا إرجاع العنوان فاتورة الدفع حذاء سترة مكسور استبدال \
    ضمان خصم اللون أزرق أسود صغير كبير مفقود متأخر هدية متوفر مصباح طاولة كرسي كوب حقيبة جلد قطن";
const CHINESE: &str = "我的 订单 什么时候 到 请问 这个 还有 货 吗 谢谢 您好 退货 地址 快递 发货 尺码 颜色 黑色 蓝色 优惠券 \
    发票 支付 退款 保修 换货 客服 手机 耳机 充电 冲锋衣 毛衣 鞋子 台灯 桌子 椅子 杯子 背包 皮革 纯棉 防水 电池 屏幕 \
    周末 生日 礼物 国际 海关 标签 库存 可以 不能 已经 昨天 今天 明天 收到 没有 少了 坏了 太大 太小 帮我 看看";
const JAPANESE: &str = "注文 の 商品 は いつ 届きます か サイズ を 交換 したい です ありがとう ございます 返品 住所 配送 \
    支払い 靴 ジャケット 在庫 色 黒 青 小さい 大きい 壊れた 保証 割引 領収書";
const SYLLABLES: [&str; 20] = [
    "ba", "cor", "del", "fi", "gam", "hol", "ist", "jun", "kel", "lor", "mon", "nar", "ost", "pel", "quo", "rin",
    "sta", "tor", "ul", "ver",
];

/// Small and quick, and the same everywhere (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, n: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % (n.max(1) as u64)).unwrap_or_default()
    }

    /// The first are far more common than the last, about as words are.
    fn uneven(&mut self, n: usize) -> usize {
        let (one, two) = (self.below(n * 100), self.below(n * 100));
        one.min(two).min(self.below(n * 100)) / 100
    }
}

pub struct Writer {
    dice: Dice,
    languages: [(Vec<&'static str>, &'static str); 5],
}

impl Writer {
    pub fn new(seed: u64) -> Self {
        let split = |words: &'static str, between| (words.split_whitespace().collect(), between);
        let languages =
            [split(ENGLISH, " "), split(GERMAN, " "), split(ARABIC, " "), split(CHINESE, ""), split(JAPANESE, "")];
        Self { dice: Dice::new(seed), languages }
    }

    /// One message.
    pub fn message(&mut self) -> String {
        let language = [0, 0, 0, 0, 1, 1, 2, 3, 3, 4][self.dice.below(10)];
        let length = 3 + self.dice.below(22);
        let mut text = String::new();
        for at in 0..length {
            let (words, between) = &self.languages[language];
            let word = words[self.dice.uneven(words.len())];
            if at > 0 {
                text.push_str(between);
            }
            text.push_str(word);
        }
        let end = match self.dice.below(20) {
            0 | 1 => self.rare(),
            2 => format!("#{}", 100_000 + self.dice.below(900_000)),
            3 => self.address(),
            _ => return text,
        };
        text.push(' ');
        text.push_str(&end);
        text
    }

    /// A word that a few others may have written.
    fn rare(&mut self) -> String {
        (0..3).map(|_| SYLLABLES[self.dice.below(SYLLABLES.len())]).collect()
    }

    pub fn name(&mut self) -> String {
        let mut name = || {
            let word = self.rare();
            format!("{}{}", word[..1].to_uppercase(), &word[1..])
        };
        format!("{} {}", name(), name())
    }

    pub fn address(&mut self) -> String {
        format!("{}.{}@mail{}.example", self.rare(), self.dice.below(10_000), self.dice.below(40))
    }

    pub fn dice(&mut self) -> &mut Dice {
        &mut self.dice
    }
}

#[cfg(test)]
mod tests {
    use super::Writer;

    #[test]
    fn the_same_seed_writes_the_same_and_common_words_are_common() {
        let texts = |seed| {
            let mut writer = Writer::new(seed);
            (0..2_000).map(|_| writer.message()).collect::<Vec<_>>()
        };
        assert_eq!(texts(7), texts(7));
        let with = |word: &str| texts(7).iter().filter(|text| text.contains(word)).count();
        assert!(
            with(" order ") > 150 && with("订单") > 100 && with("password") < 50,
            "{} {}",
            with(" order "),
            with("订单")
        );
    }
}
