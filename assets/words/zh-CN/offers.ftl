offers-title = 分配给您的会话
offer-asks = { $name } 请您接手
offer-waiting = 等待
offer-accept = 接受
offer-decline = 拒绝
offer-came = 有新会话分配给您。
offer-given = { $name } 把一个会话转给了您。
offer-given-why = { $name } 把一个会话转给了您：{ $why }
