"""The knowledge base: found by its words, with its source, silent below the threshold."""

import pytest

from services.assistant import knowledge


@pytest.mark.parametrize(("question", "part"), [
    ("什么是票决制啊", "差额投票"), ("请问人大代表任期是几年", "五年"), ("意见多久能答复", "7个工作日"), ("联名提议案需要几个人", "五人以上"),
    ("怎么注销账号", "注销"), ("走访一户加多少分", "0.5分"), ("对答复不满意该咋办", "重新办理"), ("匿名提意见行不行", "匿名"), ("什么不能提", "信访")])
def test_a_question_finds_its_entry(question: str, part: str) -> None:
    found = knowledge.find(question)
    assert found is not None
    assert part in found.answer
    assert found.source


@pytest.mark.parametrize("question", ["红烧肉怎么做", "", "？", "股票涨了吗", "asdf"])
def test_what_is_not_known_is_not_answered(question: str) -> None:
    assert knowledge.find(question) is None


def test_every_entry_is_found_by_each_of_its_own_questions() -> None:
    lost = [question for entry in knowledge.load() for question in entry.questions
            if (found := knowledge.find(question)) is None or found.answer != entry.answer]
    assert lost == []


def test_the_shipped_entries_are_many_and_each_names_its_source() -> None:
    assert len(knowledge.load()) >= 120
    assert all(entry.source and 4 <= len(entry.answer) <= 300 for entry in knowledge.load())
