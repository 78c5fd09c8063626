"""What a sentence is made of for the classifier: letters, words, sounds, and signs of what it is about."""

import re
import unicodedata
from itertools import combinations, pairwise

import rjieba

from services.assistant.understanding.names import sounds
from services.rules.spoken_numbers import NUMERAL, without_comment_no

_SIGNS: tuple[tuple[str, str], ...] = (
    ("number", "№"), ("points", r"积分|得分|分数|几分|多少分|加分|扣分|[的我]分|鸡分|记分"), ("rank", r"排名|排行|榜|第几|名次|最高|最低|垫底|末位|前[一二三四五六七八九十几]+名?|多少名|排第|倒数|第一名"),
    ("mine", r"我|俺|本人|咱"), ("how", r"怎么|怎样|如何|咋|咋个"), ("what", r"什么|啥|哪些|哪个|是谁|谁|哪位"), ("why", r"为什么|为啥|凭什么|凭啥"),
    ("when", r"什么时候|啥时候|几点|哪天|几号|多久|几天|多长时间|星期几"), ("where", r"在哪|哪里|哪儿|怎么走|地址|位置|地方"), ("count", r"多少|几[个件条户次名人]"),
    ("mean", r"啥子?意思|干嘛[的用]|拿来干|有啥用|有什么用|怎么算|什么是|啥是|什么叫|啥叫|什么意思|解释|是干(?:什么|啥)|做什么的|区别|规定|法律|流程|职责|权利|义务"), ("ask", r"吗|没有?$|没得|么$|呢$|？|\?|是不是|能不能|有没有|可不可以"),
    ("want", r"我要|我想|想要|需要|麻烦|请|帮我|给我|帮忙|替我"), ("hope", r"希望|建议|盼|恳请|呼吁|能不能|能否|应该|最好"), ("comment", r"意见|诉求|留言|建议|投诉|反映|反应|问题"), ("report", r"反映|反应|投诉|举报|吐槽|提(?:个|条|一?个)?(?:意见|建议)"),
    ("progress", r"进度|进展|办得|办到|处理得|处理到|到哪|结果|回音|下文|动静|消息|着落|落实|解决(?:了?没|了吗)|怎么样了|咋样|情况|受理"), ("answer", r"答复|回复|回话|回信|回个|回一下|反馈|回应"),
    ("rate", r"评价|打分|评分|满意|好评|差评|评个|评一下|凑合|还行|一般|不咋样|敷衍|糊弄|马马虎虎|点赞"), ("station", r"联络站|工作站|工作室|代表之家|站点|某站|站里|连络站"), ("reception", r"接待|接访|值班|坐班|轮值"), ("deputy", r"代表"), ("person", r"某人"),
    ("place", r"某村"), ("unit", r"某单位|水利站|交通局|城建办|农业办|承办单位|部门"), ("group", r"某小组|小组|全体|各位|所有代表|代表们|大家"), ("project", r"项目|民生实事|实事|工程|民生"), ("listed", r"列入|纳入|列为|列进|推荐|申报|征集|立项|报成|点单|点题|候选|明年|出主意|储备库"),
    ("ballot", r"票决|投票|表决|选票|领票|计票|监票|废票|得票|差额|几选几"), ("arrive", r"签到|打卡|到站|到岗|报到|进站|我到|我来了|到了|签个到|扫码|签道"), ("leave_station", r"签退|离站|离开|走了|下班|离岗|退站|出站|结束|完了|忙完|收工|签离"),
    ("absence", r"请假|请个假|去不了|来不了|参加不了|不能参加|不能去|无法|缺席|事假|病假|没法|不到会|赶不回|请.{0,6}假"), ("join", r"报名|报个名|算我|参加|给我报|预约|我也去|能去"), ("meeting", r"会议|开会|的会|人代会|有会|小组会|座谈会|培训|视察|调研|活动"), ("schedule", r"安排|日程|行程|几点|有空|轮到"),
    ("notice", r"通知|公告|消息|文件|未读|通之"), ("send", r"发(?:个|一|布|通知|公告|消息|出|送|给|紧急)|群发|推送|起草|拟|下发|告诉|告知|提醒|通知(?:一下|各|全体|所有|代表|大家|某小组|某村)"), ("read", r"看|念|读|打开|查看|签收|收到|未读"), ("quiz", r"答题|考试|测验|测试|题|竞赛|竞答|考考"),
    ("did", r"走访|慰问|调解|化解|看望|入户|宣讲|帮扶|座谈|视察了|调研了|走坊|参加了|参加过|列席|旁听|述职|值守|志愿|捐|接待了|巡了|联系了|去了|聊了|解决了"), ("past", r"了|过"), ("record", r"记一下|记录|登记|录入|录一|填报|补录|补登|记一笔|记上|登上|日志|履职"), ("people", NUMERAL + r"+(?:多|来)?(?:户|位|名|人|家)|俩|仨|群众|选民|困难户|老党员"),
    ("past_day", r"昨|前天|今天上午|今早|上周|上个?(?:星期|礼拜|月)|刚才|刚刚"), ("future_day", r"明天|后天|明早|下周|下个?(?:星期|月)|周[一二三四五六日末]|月底"), ("assign", r"交办|转办|派给|派单|分办|指派|交给|转给|转到|分派|改派|转派|批转|承办|派出|派件|分配|转交|交班"), ("assigned_to_me", r"给我的?|我名下|我手|我承办|我负责|等[着]?我|要我|待办|我的待|我要办|我办的|派给我|我回"),
    ("overdue", r"超期|逾期|超时|过期|到期|临期|拖|积压|催办|督办|没按时|没按期|预警|红灯|朝期|余期"), ("stats", r"统计|汇总|报表|数据|办结率|满意率|满意度|总数|一共|总共|占比|同比|环比|对比|总体|概况|概览|月报|年报|人次|签收率|绑定率|总览"), ("period", r"本月|这个?月|上个?月|季度|上半年|下半年|今年|去年|本周|上周|年度"),
    ("trouble", r"坏|堵|漏|塌|断|破|臭|脏|吵|噪音|没人[管修来清]|停水|停电|积水|危险|不亮|不方便|太远|太少|太贵|拖欠|欠薪|不公平|推诿|乱|烂|坑|难走|看不清|没得|没有|不通|松|裂|歪|扰民|污|黄得|跳闸|闹|缺|紧张|不够|难"), ("place_word", r"村口|门口|路|街|巷|楼|小区|学校|卫生|医院|河|桥|水|电|垃圾|井|渠|田|公厕|广场|灯|公交|车|快递|幼儿园|工地|物业|低保|医保|补贴|食堂|市场|树|宅基地"),
    ("human", r"人工|真人|客服|工作人员|活人|专人|换个?人|叫人|找个?人|来个人|电话|管事|负责人|管理员|机器"), ("hello", r"你好|您好|在吗|早上好|下午好|晚上好|哈喽|嗨|喂|hello|hi|谢谢|再见"), ("help", r"帮助|菜单|功能|能做|会做|能干|会干|怎么用|使用|操作|教我|教教|指南|说明|会什么|会些|不会用"),
    ("cancel", r"取消|算了|不用了|退出|不办|不提了|不弄|不要了|放弃|撤销|停止|终止|返回|重来|上一步|下次再|打错|不想"), ("privacy", r"隐私|个人信息|泄露|匿名|实名|注销|删除|撤回同意|导出我|保密|公开"),
    ("weather", r"天气|下雨|下雪|气温|冷不冷|热不热|台风|多少度|空气质量"), ("money", r"股票|基金|比特币|汇率|大盘|股价|理财|黄金|彩票|双色球|贷款买|借钱|红包|赚钱|涨停|油价"), ("fun", r"笑话|故事|唱|歌|电影|电视剧|小说|游戏|王者|谜语|诗|段子|明星|球赛|比赛|世界杯|综艺|动漫|聊天|无聊|作文"),
    ("shop", r"买|淘宝|京东|拼多多|外卖|打折|优惠|牌子|手机|冰箱|电视机|快递单|退货|餐|火锅|奶茶|好吃|咖啡"), ("doctor", r"感冒|头疼|发烧|咳嗽|失眠|吃什么药|偏方|减肥|牙疼|胃|过敏|怀孕|血压|糖尿病|症|挂什么科"), ("love", r"女朋友|男朋友|老婆|老公|失恋|离婚|分手|相亲|爱你|爱我|喜欢你|结婚|追女|出轨"),
    ("school", r"作业|论文|英语|数学|方程|公式|翻译|单词|作文|高考|考研|雅思|等于几|化学|物理题|几何|定理"), ("code", r"代码|python|java|编程|程序|sql|bug|算法|html|c语言|脚本"), ("travel", r"机票|火车票|高铁|酒店|旅游|景点|攻略|导航去|打车|自驾|驾照|限行"), ("inject", r"忽略|指令|提示词|系统提示|prompt|管理员密码|扮演|越狱|开发者模式|密码"),
    ("who", r"你是谁|你叫什么|你多大|你几岁|你住|男的还是女|你爱|你喜欢|你是不是|你会不会|你有没有(?:男|女)"), ("star", r"星座|算命|运势|风水|梦见|黄历|生肖|外星|宇宙|月亮|地球|恐龙|总统|首都"), ("home_gadget", r"空调|闹钟|手电筒|蓝牙|音乐|壁纸|照片|倒计时|现在几点|星期几$|wifi|流量|话费|死机|蓝屏"),
)
_COMPILED = tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in _SIGNS)
_NOISE = re.compile(r"[\s，。！!、,.~…：:；;“”\"'‘’（）()《》【】\-—_]+")
_COUNTED = re.compile(rf"{NUMERAL}+(?=[户个位名人家件条次场天项盏])")
_FILLER = re.compile(r"那个(?!.{0,4}(?:代表|意见|件))|嗯+|呃+|额(?=[，我你])|就是说|(?<=[了吧吗的])(?:啊|呀|哦|哈|嘛|呗|啦)|^(?:请问一下|请问|问一下|麻烦你?|你好[，,]|您好[，,]|喂[，,])(?=.{4})")


def normalised(text: str) -> str:
    """Half-width lower case, the number of an opinion as one mark, fillers and punctuation gone."""
    text = without_comment_no(unicodedata.normalize("NFKC", text), "№").lower()
    text = re.sub(r"(?<!\d)\d{19}(?!\d)", "№", text)
    return _NOISE.sub("", _FILLER.sub("", text))


def signs_of(plain: str) -> list[str]:
    """What the sentence is about, alone and in pairs."""
    found = [name for name, pattern in _COMPILED if pattern.search(plain)]
    length = "short" if len(plain) <= 4 else "middle" if len(plain) <= 14 else "long"
    return [*found, length, *("+".join(pair) for pair in combinations(found, 2))]


_HOME = frozenset(name for name, _pattern in _SIGNS) - frozenset((
    "weather", "money", "fun", "shop", "doctor", "love", "school", "code", "travel", "inject", "who", "star", "home_gadget",
    "mine", "how", "what", "why", "when", "where", "count", "mean", "ask", "want", "past", "people", "past_day", "future_day",
    "period", "trouble", "hope", "read", "hello", "person"))
_AWAY = frozenset(("weather", "money", "fun", "shop", "doctor", "love", "school", "code", "travel", "inject", "who", "star", "home_gadget"))


def off_topic(plain: str) -> float:
    """How much readier one is to take a sentence for none of ours: less where it speaks of our things only."""
    found = {name for name, pattern in _COMPILED if pattern.search(plain)}
    if found & _AWAY:
        return 1.0
    return 0.4 if found & _HOME else 1.0


def features(plain: str) -> tuple[list[str], list[str]]:
    """(surface, signs) of a normalised sentence whose names are masked."""
    plain = _COUNTED.sub("几", plain)
    letters = f"^{plain}$"
    surface = [f"c{letters[start:start + size]}" for size in (1, 2, 3, 4) for start in range(len(letters) - size + 1)]
    words = rjieba.cut(plain)
    surface += [f"w{word}" for word in words]
    surface += [f"w{first}_{second}" for first, second in pairwise(words)]
    heard = sounds(plain)
    surface += [f"p{' '.join(heard[start:start + size])}" for size in (2, 3) for start in range(len(heard) - size + 1)]
    return surface, signs_of(plain)
