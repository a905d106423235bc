# الفرز: الوسوم والأولوية والقوائم والتأجيل وعدة محادثات معًا.
keys-tag = إضافة وسم
view-snoozed = مؤجلة
empty-snoozed = لا شيء مؤجل
empty-snoozed-next = المحادثات التي تؤجلها تنتظر هنا وتعود من تلقاء نفسها.
empty-filtered = لا محادثة تطابق عوامل التصفية هذه
filter-clear = إزالة عوامل التصفية
filter-any = الكل
filter-tag = الوسم
filter-team = الفريق
filter-site = المتجر
filter-unread = غير المقروءة فقط
filter-unassigned = ليست مع أحد
filter-apply = عرض
filter-active = الترتيب والتصفية الحاليان
filter-remove = (إزالة)
filter-gone = لم يعد موجودًا
sort-and-filter = ترتيب وتصفية
sort-by = الترتيب حسب
sort-own = ترتيب القائمة نفسها
sort-oldest = أقدم رسالة أولًا
sort-newest = أحدث رسالة أولًا
sort-priority = الأولوية الأعلى أولًا
sort-due = الأقرب استحقاقًا أولًا
list-cut = تُعرض أول { $count } محادثة. استخدم التصفية لرؤية غيرها.
list-held = { $count ->
    [zero] { $count } تحديث
    [one] { $count } تحديث
    [two] { $count } تحديثان
    [few] { $count } تحديثات
    [many] { $count } تحديثًا
   *[other] { $count } تحديث
}
bulk-several = عدة محادثات
bulk-pick = اختيار { $name }
bulk-what = نفّذ على كل المحددة
bulk-close = إغلاق
bulk-team = تحويل إلى فريق
bulk-tag = إضافة وسم
bulk-go = تنفيذ
bulk-title = عدة محادثات
bulk-done = تم تنفيذ { $count }.
bulk-refused = رُفض { $count }.
bulk-yes = تم
bulk-not = رُفض
bulk-unknown = محادثة
bulk-choose-what = اختر ما يجب تنفيذه.
bulk-choose-some = حدد محادثة واحدة على الأقل.
bulk-too-many = خمسون كحد أقصى دفعة واحدة. حدد عددًا أقل؛ لم يُنفَّذ شيء.
tag-add = وسم
tag-add-this = إضافة الوسم
tag-which = إضافة وسم
tag-remove = (إزالة الوسم)
tag-none-left = لا يوجد وسم آخر.
tag-manage = إدارة الوسوم
tags-title = الوسوم
tags-means = يختار الموظفون من بينها. وحذف وسم يزيله من كل المحادثات.
tags-none = لا وسوم بعد.
tags-name = الاسم
tags-new = وسم جديد
tags-color = اللون
tags-add = إضافة
tags-save = حفظ
tags-remove = حذف
tags-uses = { $count ->
    [zero] غير مستخدم
    [one] على محادثة واحدة ({ $count })
    [two] على محادثتين ({ $count })
    [few] على { $count } محادثات
    [many] على { $count } محادثة
   *[other] على { $count } محادثة
}
tags-bad-name = اسم الوسم لا يتجاوز 40 حرفًا.
tags-name-taken = لدى هذا المتجر وسم بهذا الاسم.
tags-too-many = لكل متجر 200 وسم كحد أقصى. احذف واحدًا أولًا.
tags-gone = حذف أحدهم هذا الوسم في هذه الأثناء.
color-0 = أزرق
color-1 = برتقالي
color-2 = أخضر
color-3 = بنفسجي
color-4 = رمادي
color-5 = أحمر
priority = الأولوية
priority-low = منخفضة
priority-normal = عادية
priority-high = مرتفعة
priority-vip = عاجلة
snooze = تأجيل
snoozed-until = مؤجلة حتى
snooze-end = إنهاء التأجيل الآن
snooze-hour = لمدة ساعة
snooze-tomorrow = حتى الغد، 9:00
snooze-week = حتى الاثنين، 9:00
snooze-at = أو حتى
snooze-until-then = تأجيل حتى ذلك الوقت
woken-call = عادت محادثة مؤجلة.
trace-tagged = أضاف { $name } الوسم ”{ $tag }“
trace-untagged = أزال { $name } الوسم ”{ $tag }“
trace-priority = حدد { $name } الأولوية: { $class }
trace-snoozed = أجّل { $name } هذه المحادثة حتى
trace-woken-time = عادت: حان الوقت الذي أُجّلت إليه
trace-woken-shopper = عادت: كتب العميل
trace-woken-hand = أنهى { $name } التأجيل
refused-a-conversation-may-have-twenty-tags-remove-one-first = يمكن أن تحمل المحادثة عشرين وسمًا. أزل واحدًا أولًا.
refused-there-is-no-such-tag-any-more = لم يعد هذا الوسم موجودًا.
refused-choose-a-time-that-is-still-to-come-within-a-year = اختر وقتًا قادمًا خلال سنة.
refused-choose-a-tag = اختر وسمًا.
refused-choose-a-priority = اختر أولوية.
refused-choose-until-when = اختر حتى متى.
trace-asks = طُلب من { $name } تولّي هذه المحادثة.
trace-declined = اعتذر { $name } عن تولّي هذه المحادثة، فبقيت في مكانها.
trace-expired = لم يُجب { $name }، فبقيت المحادثة في مكانها.
