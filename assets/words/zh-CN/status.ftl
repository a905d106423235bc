status-available = 在线
status-busy = 忙碌
status-away = 离开
status-offline = 下线
status-available-means = 新会话会分配给您
status-busy-means = 不接新会话；保留现有会话
status-away-means = 不在座位；保留现有会话
status-offline-means = 您的班次结束
status-yours = 您的状态：
status-keep = 保持
status-since = { $status }，自
status-set-by = 由 { $name } 设置
status-hand-over = { $chats ->
        [0] 您没有需要交出的会话。
       *[other] 您的 { $chats } 个会话将回到队列中原来的位置。
    }
status-go-offline = 下线
status-reason = 原因
status-if-you-like = 可选
status-break = 休息
status-lunch = 午餐
status-meeting = 会议
status-training = 培训
status-set-for-you = { $name } 将您的状态设为“{ $status }”。
status-set-for-you-why = { $name } 将您的状态设为“{ $status }”：{ $reason }。
status-not-here = 不在
