palette-title = 查找
palette-commands = 命令
palette-people = 会话
palette-staff = 同事
palette-none = 没有匹配项
palette-count = { $count ->
       *[other] 找到 { $count } 项
    }
palette-be = 设为{ $status }
palette-search = 在全部内容中搜索“{ $text }”
