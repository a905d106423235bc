view-mine = لي
view-waiting = في الانتظار
view-all = الكل
view-closed = المغلقة
accept-next = اقبل التالي
lists = القوائم
conversations = المحادثات
state-waiting = في الانتظار
state-active = نشطة
state-closed = مغلقة
state-mailed = بالبريد
empty-mine = لا محادثات لديك
empty-mine-next = كن متاحًا لتصلك المحادثات الجديدة تلقائيًا. ويمكنك أيضًا أخذ واحدة من هنا:
empty-waiting = لا أحد ينتظر
empty-waiting-next = تظهر هنا المحادثات الجديدة التي لم يتولّها أحد بعد، الأقدم أولًا.
empty-closed = لا شيء مغلق بعد
empty-closed-next = تظهر هنا المحادثات المنتهية مع تقييماتها.
empty-all = لا محادثات بعد
empty-all-next = تظهر هنا كل محادثة يحق لك رؤيتها.
row-unread = (غير مقروءة)
rated = التقييم { $score } من 5
older-conversations = محادثات أقدم
nothing-chosen = اختر محادثة
nothing-chosen-next = تُفتَح هنا رسائلها وما يُعرَف عن المتسوّق.
due-first = الرد الأول مستحق
due-first-soon = الرد الأول مستحق قريبًا،
due-first-late = الرد الأول متأخر منذ
due-next = الرد مستحق
due-next-soon = الرد مستحق قريبًا،
due-next-late = الرد متأخر منذ
due-solve = الحل مستحق
due-solve-soon = الحل مستحق قريبًا،
due-solve-late = الحل متأخر منذ
due-call-first-soon = رد أول مستحق قريبًا.
due-call-first-late = رد أول متأخر.
due-call-next-soon = رد مستحق قريبًا.
due-call-next-late = رد متأخر.
due-call-solve-soon = حل مستحق قريبًا.
due-call-solve-late = حل متأخر.
queue-customer = العميل
queue-wait = الانتظار
queue-topic = الموضوع
queue-team = الفريق
queue-page = الصفحة
queue-before = سابقًا
queue-returning = سبق أن راسلنا
queue-lines = { $count ->
    [zero] لا قطع
    [one] قطعة واحدة
    [two] قطعتان
    [few] { $count } قطع
    [many] { $count } قطعة
   *[other] { $count } قطعة
}
