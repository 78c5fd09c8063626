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
