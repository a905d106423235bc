# What was changed.
audit-title = التغييرات
audit-lead = ما الذي تغيّر، ومن غيّره ومتى، ومن أي قيمة إلى أي قيمة: المتاجر والفرق والأشخاص وما يستخدمه الجميع والحظر. يُحفظ سنتين.
audit-by = مَن
audit-anybody = أي شخص
audit-what = ماذا
audit-anything = أي شيء
audit-show = عرض
audit-none = لم يتغيّر شيء
audit-none-next = كل ما يغيّره المالكون والمشرفون يظهر هنا من الآن فصاعدًا.
audit-nobody = سطر الأوامر
audit-older = أقدم
audit-added = أُضيف
audit-changed = تغيّر
audit-removed = أُزيل
audit-site = متجر
audit-team = فريق
audit-member = عضو في فريق
audit-person = شخص
audit-tag = وسم
audit-canned = رد جاهز
audit-macro = ماكرو
audit-orders = طلبات
audit-block = حظر
audit-webhook = ويب هوك
audit-changes = { $count ->
        [one] حقل واحد
        [two] حقلان
        [few] { $count } حقول
       *[other] { $count } حقلًا
    }
