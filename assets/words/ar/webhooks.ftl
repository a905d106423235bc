# ويب هوك: تُخبَر برامج أخرى بما يحدث.
hooks-title = ويب هوك
hooks-lead = تُخبَر برامج أخرى بما يحدث في المحادثات والتذاكر: نظام متجرك، أو جدول بيانات، أو أداة أتمتة. وما لا يصل تُعاد محاولته طوال 24 ساعة.
hooks-none = لا يوجد ويب هوك بعد
hooks-none-next = أضف عنوان برنامج ينبغي أن يعلم بالمحادثات والرسائل والتقييمات والتذاكر الجديدة. أما ملاحظات الفريق وغرفه فلا يُخبَر بها أحد أبدًا.
hook-add = إضافة ويب هوك
hook-add-do = إضافة
hook-site = المتجر
hook-url = العنوان
hook-url-hint = يبدأ بـ https:// ويقبل POST
hook-events = ما يُخبَر به
hook-what = العنوان والأحداث
hook-means-opened = تبدأ محادثة أو يُعاد فتحها
hook-means-message = يكتب أحدهم
hook-means-recalled = تُسحب رسالة
hook-means-assigned = تُسند محادثة إلى موظف
hook-means-left = تعود محادثة إلى قائمة الانتظار
hook-means-transferred = تُحوَّل محادثة
hook-means-closed = تنتهي محادثة
hook-means-rated = تُقيَّم محادثة
hook-means-ticketed = تُنشأ تذكرة
hook-works = يعمل
hook-failing = يفشل
hook-off = متوقف
hook-gone = لم يعد مرغوبًا
hook-gone-next = أجاب المستقبِل بأنه لا يريد المزيد (410)، فأُوقف. بعد تسوية ذلك هناك شغّله هنا من جديد.
hook-sealed = بلا سر
hook-new = لم يُرسل شيء بعد
hook-since = منذ
hook-next = المحاولة التالية
hook-waiting = { $count ->
        [zero] لا شيء ينتظر
        [one] واحد ينتظر
        [two] اثنان ينتظران
        [few] { $count } تنتظر
        [many] { $count } تنتظر
       *[other] { $count } تنتظر
    }
hook-given-up = { $count ->
        [zero] لم يُترك شيء
        [one] تُرك واحد
        [two] تُرك اثنان
        [few] تُركت { $count }
        [many] تُرك { $count }
       *[other] تُرك { $count }
    }
hook-waits = ينتظر
hook-sent = وصل
hook-dead = تُرك
hook-chat = المحادثة
hook-again = إرسال مجددًا
hook-all-again = إرسالها كلها مجددًا
hook-dead-lead = لم تصل خلال 24 ساعة. تبقى هنا 30 يومًا.
hook-newest = آخر ما أُخبر به
hook-newest-none = لا شيء بعد. سيظهر هنا ما يحدث من الآن فصاعدًا.
hook-secret = السر
hook-secret-new = السر
hook-secret-once = أعطه للمستقبِل الآن: لن يُعرض مرة أخرى. به يتحقق المستقبِل من أن ما يصله آتٍ من هنا.
hook-renew = إنشاء سر جديد
hook-renew-lead = به يتحقق المستقبِل من التواقيع. وعند إنشاء سر جديد يبقى القديم يوقّع معه 24 ساعة.
hook-beside = يوقّع السر السابق حتى
hook-secret-made = أنشأ زميل سرًا جديدًا في هذه الأثناء. أنشئ سرًا آخر إن احتجت إلى رؤيته.
hook-test-title = جرّبه
hook-test-lead = يرسل حدثًا اسمه «test» لا يخبر بشيء عن أحد.
hook-test = إرسال تجربة
hook-ends = الإيقاف أو الإزالة
hook-ends-lead = ما يحدث أثناء الإيقاف لا يُخبَر به لاحقًا.
hook-off-do = إيقاف
hook-on-do = تشغيل
hook-remove = إزالة
hook-remove-means = يُنسى معه ما ينتظر وما تُرك.
hook-remove-do = إزالة نهائية
hook-answer-taken = وصل (الحالة { $status }).
hook-answer-leads = يقود العنوان إلى عنوان آخر (الحالة { $status }) ولا نتبعه. أدخل العنوان الذي يقود إليه.
hook-answer-denied = رفضه المستقبِل (الحالة { $status }). تأكد من أنه يستخدم أحدث سر.
hook-answer-missing = لا شيء في هذا العنوان يقبل POST (الحالة { $status }). تأكد من العنوان.
hook-answer-gone = لم يعد المستقبِل يريد شيئًا (الحالة { $status }).
hook-answer-busy = يطلب المستقبِل أن يُترك بعض الوقت (الحالة { $status }).
hook-answer-status = أجاب المستقبِل بالحالة { $status }. راجع سجله.
hook-answer-private = يقود العنوان إلى شبكة غير عامة. إن كان هذا مقصودًا فاذكر الشبكة في OUTBOUND_ALLOW ثم أعد التشغيل.
hook-answer-address = لا يُرسل إلى هذا العنوان: يلزم https:// والمنفذ 443، إلا إذا ذُكرت شبكته في OUTBOUND_ALLOW.
hook-answer-name = اسم المضيف غير معروف. تأكد من العنوان.
hook-answer-slow = لا جواب خلال 10 ثوانٍ. ينبغي أن يجيب المستقبِل أولًا ثم يعمل.
hook-answer-unreachable = لا أحد يجيب هناك، أو لا يمكن الوثوق بالشهادة. تأكد من أن المستقبِل يعمل.
hook-answer-sealed = حُفظ السر بمفتاح SECRET_KEY آخر ولا يمكن قراءته. أنشئ سرًا جديدًا وأعطه للمستقبِل.
hook-answer-off = بقي الويب هوك متوقفًا مدة طويلة.
hook-mistake-url = اكتب عنوانًا مثل https://shop.example/hooks، بلا اسم أو كلمة مرور فيه.
hook-mistake-events = اختر واحدًا على الأقل.
hook-mistake-full = لهذا المتجر { $most } من الويب هوك، وهذا هو الحد الأقصى. أزل واحدًا أولًا.
