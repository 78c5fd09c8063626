"""The privacy text people agree to; its version is stored with every consent."""

VERSION = "2026-12"
#: Consents to these versions still hold: a later text that only adds ways and shortens periods asks nobody again,
#: one that adds a purpose, a kind of data or a recipient starts this set anew. The text itself says so.
HOLDING = frozenset({"2026-11", VERSION})
TITLE = "个人信息保护说明"
BODY = """本小程序由当地人大机关提供，用于群众提意见、代表履职。请您在使用前阅读本说明。

一、谁来处理。您的个人信息由当地人大机关处理，存放在境内。代表的身份和履职信息依照代表法等规定，为履行法定职责处理；群众的信息经您同意后处理。

二、处理哪些信息、作什么用。
1. 微信标识：用于登录，以及发送您订阅的消息。
2. 手机号：用于登录、核对代表身份或联系您。用微信登录的群众可以不提供。
3. 称呼、所在村（社区）、意见、照片、评价，以及与代表助手的对话：用于办理您的事项。意见只给承办的工作人员和代表查看，不对外公开；照片会去掉拍摄地点等隐藏信息。
4. 代表的签到时间、签到手机标识和履职记录：用于履职登记和积分。签到时的定位只用来判断是否在站内，不保存位置。

三、保存多久。
1. 意见办结满5年后，去掉提出人信息、删除照片，其余作为办理档案保存。
2. 与代表助手的对话保存180天，转人工的咨询办结后保存1年。
3. 登录会话退出或过期后保存30天，验证码过期后保存1天，没有提交的照片保存1天。
4. 签到、履职和积分属于代表履职档案，长期保存；操作日志按网络安全规定保存不少于6个月。

四、您的权利。在“我的—账号与隐私”里，您可以随时更正信息、导出副本、解绑手机号和公众号、停收订阅消息、撤回同意、注销账号。注销立即生效，不设等待期；正在办理的意见继续办理，您可以凭编号到联络站询问结果。不方便自己操作的，请拨打“我的”页面所列电话，由工作人员代办。

五、未成年人。未满14周岁请由监护人提交。

六、说明更新。处理目的、方式或信息种类有变化，或者增加接收方时，我们会重新征得您的同意；只增加办理途径、缩短保存期限的，公布新版本，不需要您再次同意。

七、联系方式。请通过“我的”页面所列电话与当地人大工作人员联系。"""


def holds(version: str | None) -> bool:
    """Whether a consent to this version is still good."""
    return version in HOLDING
