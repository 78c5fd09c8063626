"""What the program reads in an opinion: proposals that are good on words it has never seen, and the same every time."""

import pytest

from services.opinion_language import corpus, evaluation
from services.opinion_language.classifier import read_opinion
from services.opinion_language.places import find_places, without_places
from services.opinion_language.similarity import Pair, labelled_pairs, same_matter, the_model
from services.rules.opinion_states import CATEGORIES

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:scipy.*")


@pytest.mark.parametrize(("text", "category", "is_urgent", "beyond"), [
    ("村口的高压线断了吊在半空，娃娃在下面玩", "safety", True, None),
    ("村里的小学缺数学老师，家长都着急", "edu", False, None),
    ("垃圾好几天没人拉，苍蝇到处是", "env", False, None),
    ("卫生室天天关门，老人拿药要去镇上", "health", False, None),
    ("我对法院一审判决不服，要上诉", None, False, "litigation"),
    ("村干部贪污，我要上访举报", None, False, "petition"),
    ("家里突然停电，什么时候来电，请问电话多少", None, False, "hotline_12345"),
    ("我手里有一份机密文件想公开", None, False, "secret"),
])
def test_a_text_is_read_for_category_urgency_and_door(
        text: str, category: str | None, is_urgent: bool, beyond: str | None) -> None:
    reading = read_opinion(text)
    assert (reading.is_urgent, reading.beyond) == (is_urgent, beyond)
    assert category in (None, reading.category)
    assert 0 < reading.confidence <= 1


@pytest.mark.parametrize("text", ["。", "？？？", "asdf", "😀", "1" * 5000, "\n\t "])
def test_a_text_without_sense_is_still_read(text: str) -> None:
    assert read_opinion(text).category in CATEGORIES


def test_what_is_known_is_read_well_in_words_never_seen() -> None:
    figures = evaluation.classification()
    assert figures["category"].share >= 0.88
    assert figures["urgent"].share >= 0.93
    assert figures["out_of_scope"].share >= 0.95


def test_the_same_thing_is_found_among_things_never_met() -> None:
    figures = evaluation.similar_pairs()
    assert figures.pairs >= 600
    assert figures.recall >= 0.90
    assert figures.precision >= 0.70


def test_the_figures_are_told_in_words() -> None:
    assert [line.partition("：")[0] for line in evaluation.report()] == ["类别", "紧急标记", "受理范围", "同一事项"]


def test_every_category_has_its_examples() -> None:
    assert {example.category for example in corpus.matters()} == set(CATEGORIES)
    assert len(labelled_pairs(corpus.things())) >= 600


@pytest.mark.parametrize(("first", "second", "same"), [
    ("三组的路灯坏了没人修", "我们三组晚上黑灯瞎火的", True),
    ("三组的路灯坏了没人修", "小学门口的路灯不亮", False),
    ("三组的路灯坏了没人修", "三组的水渠堵了", False),
    ("自来水发黄不能喝", "水龙头放出来的水是浑的", True),
])
def test_two_opinions_are_the_same_thing_when_matter_and_place_agree(first: str, second: str, same: bool) -> None:
    assert same_matter(first, second)[0] is same
    assert same_matter(second, first) == same_matter(first, second)


def test_a_text_is_the_same_as_itself() -> None:
    texts = [example.text for example in corpus.things()[::25]]
    assert min(the_model().scores([Pair(text, text, True) for text in texts])) > 0.8


@pytest.mark.parametrize(("text", "places"), [
    ("第三组的灯", {"3组"}), ("十二组和小学门口", {"12组", "学校"}), ("村东头王家湾", {"东头", "王家湾"}),
    ("路灯坏了", set()), ("把五组的路修一修", {"5组"}),
])
def test_places_are_found_in_one_spelling(text: str, places: set[str]) -> None:
    assert find_places(text) == places


def test_without_its_places_a_text_speaks_of_its_matter_only() -> None:
    assert without_places("三组的路灯") == without_places("王家湾的路灯")
