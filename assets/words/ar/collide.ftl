# الزملاء في المحادثة نفسها.
is-viewing = { $name } يطّلع على المحادثة
is-replying = { $name } يكتب ردًا الآن
are-viewing-too = { $count ->
    [zero] لا أحد غيرهم يطّلع عليها
    [one] زميل آخر يطّلع عليها أيضًا
    [two] زميلان آخران يطّلعان عليها أيضًا
    [few] { $count } زملاء آخرين يطّلعون عليها أيضًا
    [many] { $count } زميلًا آخر يطّلعون عليها أيضًا
   *[other] { $count } زميل آخر يطّلعون عليها أيضًا
}
mention-none = لا يوجد زميل بهذا الاسم يحق له الاطلاع على هذه المحادثة.
mention-came = { $name } أشار إليك في ملاحظة
refused-a-colleague-has-answered-meanwhile-send-once-more-if-yours-is-still-wanted = أجاب أحد الزملاء في هذه الأثناء. أرسل مرة أخرى إن كان ردك ما زال مطلوبًا.
taken-back-by = سحبها { $name }:
fate-seen = اطّلع عليها المتسوّق
fate-got = وصلت إلى المتسوّق ولم يطّلع عليها بعد.
fate-unseen = لم تصل إلى المتسوّق، بحسب ما هو معروف.
fate-was-seen = كان المتسوّق قد اطّلع عليها:
correct = صحّح
correct-label = رسالتك مصحَّحة
correct-means = تُسحب الرسالة القديمة في اللحظة نفسها، ويرى الزبون أن رسالة سُحبت.
correct-not = اتركها كما كانت
correct-send = أرسل المصحَّحة
keys-correct = صحّح آخر ما أرسلت (والحقل فارغ)
refused-only-a-message-of-your-own-without-files-can-be-corrected-take-it-back-and-send-another = لا تُصحَّح إلا رسالة من رسائلك بلا ملفات. اسحبها وأرسل غيرها.
