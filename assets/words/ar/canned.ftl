nav-canned = الردود
canned-title = ردود جاهزة
canned-lead = اكتب شرطة مائلة أثناء الكتابة ثم بضعة أحرف من الاختصار أو النص.
canned-none = لا رد بهذا الاسم
canned-empty = لا شيء بعد.
canned-new = رد جديد
canned-shortcut = الاختصار
canned-shortcut-means = كلمة واحدة بلا شرطة
canned-scope = من يستخدمه
canned-for-me = أنا فقط
canned-for-all = كل من في هذا الموقع
canned-text = النص
canned-text-more = لغة أخرى إن شئت
canned-variables = تُملأ هذه عند إدراج الرد:
canned-remove = احذف هذا الرد
canned-remove-means = تبقى الرسائل المُرسَلة كما هي.
canned-taken = يوجد رد بهذا الاختصار. اختر غيره.
canned-full = لهذا الموقع 2000 رد، وهو الحد الأقصى. احذف واحدًا أولًا.
canned-no-shortcut = امنحه اختصارًا: كلمة تكتبها بعد الشرطة.
canned-no-scope = اختر من يستخدمه. ما هو مشترك يغيّره المشرف.
canned-no-text = اكتب نصّه بلغة واحدة على الأقل.
canned-too-long = يتسع النص لـ8000 حرف. اختصره.
canned-unknown = أحد الأسماء بين القوسين المعقوفين ليس من الأسماء أدناه، فلن يحل شيء محله. صحّحه.
canned-twice = لكل لغة نص واحد.
canned-files = ملفات
canned-drop = أزل
canned-add-files = أضف ملفات
canned-files-mean = حتى { $most } مع الرد
canned-too-many-files = عدد الملفات يتجاوز ما تحمله رسالة واحدة. أزل بعضها.
canned-with-files = { $count ->
    [one] مع ملف واحد
    [two] مع ملفين
    [few] مع { $count } ملفات
   *[other] مع { $count } ملفًا
}
