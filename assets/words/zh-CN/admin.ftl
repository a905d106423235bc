save = 保存
copy = 复制
form-saved = 已保存。
form-not-saved = 尚未保存：有些字段需要再检查一下。
form-name = 名称
mistake-number = 请填写 { $least } 到 { $most } 之间的整数。
mistake-one-of-two = 请从两项中选择一项。
mistake-one-of-three = 请从三项中选择一项。
mistake-one-of-list = 请从列表中选择一项。
mistake-skill-long = “{ $skill }”过长：每项技能最多 { $most } 个字符。
mistake-skills = 最多填写 { $most } 项技能，用逗号分隔。
site-nav = 此网站
site-settings = 设置
site-widget = 聊天组件
site-routing = 分配
site-files = 文件
site-check = 检查
sites-lead = 每个商店都有自己的聊天组件、团队和顾客。
sites-people = 可服务于一个或多个商店。
sites-none = 暂无网站
sites-origins = { $count ->
       *[other] { $count } 个来源
    }
chats-at-once = 同时会话数
crew-title = 人员
crew-lead = 在这里工作的人员。所属团队在各团队中设置。
crew-chats = { $count ->
       *[other] { $count } 个会话
    }
crew-role = 角色
crew-no-teams = 无
crew-name-hint = 顾客可见
crew-capacity-hint = 0 表示不从队列接会话
crew-languages = 回复所用语言
crew-languages-hint = 例如 en, de, zh-CN；留空表示任意
crew-mistake-person = 请填写顾客看到的名字。
crew-mistake-language = “{ $tag }”不是语言：请填写代码，例如 en、de 或 zh-CN，用逗号分隔。
crew-mistake-languages = 最多填写 { $most } 种语言。
teams-title = 团队，{ $site }
crew-none = 暂无团队
crew-none-next = 客服以团队为单位工作：没有团队，就无法把此商店的会话分配给任何人。
crew-size = { $count ->
       *[other] { $count } 人
    }
crew-at-most = { $count ->
       *[other] 最多 { $count } 个会话
    }
crew-own-hours-chip = 自有工作时间
crew-add-title = 添加团队
crew-add = 添加
crew-team = 团队
crew-team-name-hint = 顾客可以选择
crew-chats-max-hint = 整个团队；0 表示不限
crew-helped-by = 协助团队
crew-helped-by-hint = 也接待此团队的会话
crew-nobody = 无
crew-after = 等待多久之后
crew-after-hint = 例如 90 s 或 2 min
crew-never = 从不
crew-members = 成员
crew-skills-means = 技能用逗号分隔。
crew-carries = 每个人的会话容量和语言
crew-carries-holds = 在所有团队中通用。
crew-skills = 技能
crew-skills-of = { $name } 的技能
crew-hours = 工作时间
crew-own-hours = 此团队有自己的工作时间
crew-own-hours-means = 否则按商店的时间，下方内容不会保存。
crew-mistake-taken = 此商店已有同名团队。
crew-mistake-name = 请为团队命名，例如“订单”；顾客可以选择它。
crew-mistake-other = 请选择此商店的另一个团队。
crew-mistake-helper = 请选择由谁协助，或将时间留空。
crew-mistake-after = 请填写等待多久后由其协助，从 5 s 到 24 h，例如 90 s 或 2 min。
letters-none-wait = 没有待发送的邮件。
letters-waiting = { $count } 封正在发送。
letters-lead = 无法送达的邮件会保留在此，直到您重试。
letters-none = 所有邮件均已送达
letters-none-next = 如果邮件服务器最终拒收某封邮件，它会连同原因显示在这里。
letter-to = 发送至
letter-no-reason = 未给出原因。
letter-attempts = { $count ->
       *[other] 已尝试 { $count } 次
    }
letter-retry = 重试
letter-transcript = 会话记录
letter-ticket-opened = 工单已创建
letter-ticket-reply = 工单回复
letter-place = 轮到您了
letter-answers = 给已离开顾客的回复
letter-unseen = 客服尚未看到的内容
