"""What no test can show: the platform's behaviour towards a real account and a real phone, step by step.

Each step names the requirements of the adapter that it confirms; a test holds the list to them.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    requirements: tuple[int, ...]
    words: str


STEPS = (
    Step((70,),
         "小程序后台“开发管理—服务器域名”的 request、uploadFile、downloadFile 合法域名含 PUBLIC_BASE_URL 的域名；"
         "公众号后台的网页授权域名、JS接口安全域名同此。平台没有接口可查。"),
    Step((70,),
         "两个后台的“消息推送”选安全模式，小程序选 JSON，地址为 PUBLIC_BASE_URL/wechat/callback/mini（公众号为 …/oa），"
         "点提交应显示成功；再用平台的消息推送调试工具发一条，服务器日志应没有 callback rejected。"),
    Step((20, 21, 75),
         "用真机打开体验版小程序登录一次，应成功；在后台把服务器IP移出白名单，已登录的人应仍能使用，"
         "重新登录是否成功只能在真实平台上确认，确认后恢复白名单。"),
    Step((24, 26, 75),
         "真机点“手机号快速验证”，应绑定；点“拒绝”，应出现短信验证码。并核对账号主体是否免收验证费用。"),
    Step((51, 75),
         "真机点一次“允许”，发一条通知，手机应收到服务通知，后台该条应从“已受理”变为“已送达”；"
         "在手机上关闭该订阅后再发，应进入电话名单。并确认模板为长期订阅类目。"),
    Step((62, 75), "打印一张联络站二维码并扫描，应打开签到页；页面未发布时取码应提示41030。"),
    Step((63, 75), "把生成的 URL Link 用短信发到手机点开，应打开小程序。"),
    Step((44, 75), "真机给公众号发“帮助”，5秒内应有回复；在小程序客服会话发“帮助”，应由后台回复。"),
    Step((64, 66, 75), "真机提交一条意见，内容检测应有结果；送检图片的结果应在半小时内推送到回调地址。"),
    Step((27, 75), "公众号网页登录一次应成功；在“快照页”打开时应被拒绝。"),
    Step((58, 59, 75),
         "向一个测试群的机器人发21条通知，应合并为一条；向一名成员发应用消息，企业微信应收到。"
         "政务微信另需向省级运营方核对接口版本。"),
    Step((69, 75),
         "若启用API安全：启用后再运行本命令，“API安全”一行应为 ✓。"
         "切换到备用域名 api2.weixin.qq.com 时签名是否仍被接受，只能在真实平台上确认。"),
    Step((3, 75), "上线次日查看指标 wechat_calls_total：outcome 为 42001、40001 的应为0。"),
)
