status-available = متاح
status-busy = مشغول
status-away = بعيد
status-offline = غير متصل
status-available-means = تصلك المحادثات الجديدة
status-busy-means = لا محادثات جديدة؛ تحتفظ بما لديك
status-away-means = لست على المكتب؛ تحتفظ بما لديك
status-offline-means = تنتهي نوبتك
status-yours = حالتك:
status-keep = إبقاء
status-since = { $status } منذ
status-set-by = عيّنها { $name }
status-hand-over = { $chats ->
        [0] ليست لديك محادثات لتسليمها.
        [one] تعود محادثتك إلى مكانها السابق في الصف.
        [two] تعود محادثتاك إلى مكانيهما السابقين في الصف.
        [few] تعود محادثاتك الـ{ $chats } إلى أماكنها السابقة في الصف.
        [many] تعود محادثاتك الـ{ $chats } إلى أماكنها السابقة في الصف.
       *[other] تعود محادثاتك الـ{ $chats } إلى أماكنها السابقة في الصف.
    }
status-go-offline = الخروج من الخدمة
status-reason = السبب
status-if-you-like = إن شئت
status-break = استراحة
status-lunch = غداء
status-meeting = اجتماع
status-training = تدريب
status-set-for-you = عيّن { $name } حالتك إلى «{ $status }».
status-set-for-you-why = عيّن { $name } حالتك إلى «{ $status }»: { $reason }.
status-not-here = غير موجود
