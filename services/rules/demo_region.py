"""The names of the demo county: invented, the same for the demo data and for whoever understands sentences about it."""

import random

COUNTY = "白鹿县（演示）"
TOWNSHIPS = {
    "青石镇": ("石桥村", "花园村", "枫树村", "泉水社区"),
    "流沙镇": ("河口村", "双塘村", "沙洲村", "老街社区"),
    "文星镇": ("三峰社区", "长岭村", "荷塘村", "新塘村"),
}
#: (region, unit)
UNITS = (("青石镇", "青石镇水利站"), ("青石镇", "青石镇城建办"), ("流沙镇", "流沙镇农业办"), (COUNTY, "白鹿县交通局"))
MIXED_GROUPS = ("第一代表小组", "第二代表小组")
FARM_GROUP = "农业农村专业小组"
JOINT_GROUP = "县乡联合小组"
PROJECTS = ("石桥村灌溉水渠修复工程", "青石镇老年食堂建设项目", "枫树村通村公路拓宽工程", "流沙镇污水处理厂提升工程", "老街社区农贸市场改造项目",
            "文星镇路灯亮化工程", "荷塘村文化广场建设项目", "三峰社区加装电梯项目")
FIRST_DEPUTY = "王建国"
DEPUTIES_EACH = 20
_SURNAMES = "王李张刘陈杨黄赵周吴徐孙马朱胡林郭何高罗"
_GIVEN = ("建国", "秀英", "志强", "桂兰", "德华", "春梅", "国平", "玉珍", "文斌", "小红", "海波", "丽娟", "永福", "凤英", "新民",
          "金莲", "学军", "爱华", "长青", "水生")


def township_station(township: str) -> str:
    return f"{township}人大代表工作站"


def village_room(township: str, village: str) -> str:
    return f"{township}{village}代表工作室"


def deputy_names() -> dict[str, tuple[str, ...]]:
    """The deputies of each township, all named differently, the first one the demo log-in."""
    draw = random.Random(20201102)
    taken = [FIRST_DEPUTY]
    while len(taken) < len(TOWNSHIPS) * DEPUTIES_EACH:
        name = draw.choice(_SURNAMES) + draw.choice(_GIVEN)
        if name not in taken:
            taken.append(name)
    return {township: tuple(taken[place * DEPUTIES_EACH:(place + 1) * DEPUTIES_EACH])
            for place, township in enumerate(TOWNSHIPS)}

#: Why, what is wrong and what is asked, of deputies' suggestions; and what residents write, and are answered.
SUGGESTIONS = (
    ("关于修复枫树村灌溉水渠的建议", "去年新修的水渠塌了一段，二十多户稻田灌溉受影响。", "请在春耕前修复塌损渠段并全线清淤。"),
    ("关于水库边增设防护设施的建议", "水库边没有护栏和警示牌，暑假常有孩子去玩水，去年发生过险情。", "请沿水库步道加装护栏，设置警示牌，暑期安排巡查。"),
    ("关于改善农村自来水供应的建议", "入秋以后多个村晚上停水，老人做饭洗衣不便。", "请检修加压泵站，公布检修时间，停水提前通知到户。"),
)
TITLES = ("村党支部书记", "种植大户", "中心小学教师", "卫生院医生", "村妇女主任", "企业负责人", "村民小组长", "退役军人", "合作社理事长")
MATTERS = (
    ("road", "村口到小学这段路的路灯坏了三盏，孩子放学走夜路不安全，希望尽快修好。"),
    ("water", "进入秋天以后自来水经常晚上停水，老人做饭洗衣都不方便，请帮忙问问原因。"),
    ("env", "河边的垃圾池满了没有及时清运，下雨后污水流进河里，气味很大。"),
    ("agri", "去年新修的水渠有一段塌了，二十多户的稻田灌溉受影响，盼望春耕前修复。"),
    ("elder", "村里独居老人有十几位，能不能办一个老年食堂，解决中午吃饭的问题。"),
    ("edu", "校车只到村委会，山那边几个组的孩子要走两公里，希望增加一个停靠点。"),
    ("health", "村卫生室缺常用的降压药，老人要坐车去镇上买，希望能补充备药。"),
    ("safety", "水库边没有防护栏和警示牌，暑假常有孩子去玩水，很危险。"),
    ("culture", "文化广场的健身器材坏了两样，晚上跳舞的人多，希望维修并加装灯。"),
    ("house", "老街的排水沟年久失修，一下大雨就倒灌进屋，请相关部门看看。"),
)
ANSWERS = (
    "您好，您反映的情况已到现场核实，已联系责任单位安排维修，预计两周内完成，完成后会告诉您。",
    "感谢您的反映。经了解，该项目已列入今年计划，正在办理手续，下个月动工，我们会跟进。",
    "已和村委会一起查看，问题属实。先做了临时处理，彻底整修已报镇里统筹资金。",
)
REPLY_TEMPLATES = (
    ("已到现场核实", "您好，×月×日已到现场查看，情况属实。现由×负责办理，预计×月×日前完成，完成后再告诉您。"),
    ("已列入计划", "您好，您反映的事项已列入×年计划，预计×月动工。动工前会在村里公示，我会继续跟进。"),
    ("暂时不能解决", "您好，经了解，因×，目前还不能解决。我们会向上级反映，有进展会及时告诉您，请您理解。"),
)
