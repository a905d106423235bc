palette-title = بحث
palette-commands = الأوامر
palette-people = المحادثات
palette-staff = الزملاء
palette-none = لا شيء بهذا الاسم
palette-count = { $count ->
        [one] نتيجة واحدة
        [two] نتيجتان
        [few] { $count } نتائج
       *[other] { $count } نتيجة
    }
palette-be = كن { $status }
palette-search = ابحث في كل شيء عن «{ $text }»
