"""What counts losses, duplicates and disorder finds each of them."""

from __future__ import annotations

from tools.torture.check import Check, disorder, lost, repeated, strangers


def test_what_is_missing_is_lost() -> None:
    assert lost([1, 2, 3], [3, 1]) == [2]


def test_what_is_there_twice_does_not_make_up_for_a_loss() -> None:
    assert lost([1, 2], [1, 1]) == [2]


def test_nothing_seen_is_everything_lost() -> None:
    assert lost([1, 2], []) == [1, 2]


def test_each_time_after_the_first_is_a_repetition() -> None:
    assert repeated([1, 2, 1, 1, 3]) == [1, 1]


def test_what_nobody_sent_is_a_stranger() -> None:
    assert strangers([1, 2], [1, 7, 7]) == [7]


def test_numbers_of_a_key_that_change_places_are_disorder() -> None:
    assert disorder({"k": [1, 3, 2]}, {"k": [1, 2, 3]}) == ["key k: 3 before 2"]


def test_the_order_is_that_of_the_key_and_not_of_the_numbers() -> None:
    assert disorder({"k": [9, 2]}, {"k": [9, 2]}) == []
    assert disorder({"k": [2, 9]}, {"k": [9, 2]}) == ["key k: 2 before 9"]


def test_a_repetition_is_no_disorder() -> None:
    assert disorder({"k": [1, 2, 1, 3]}, {"k": [1, 2, 3]}) == []


def test_a_loss_is_no_disorder() -> None:
    assert disorder({"k": [1, 3]}, {"k": [1, 2, 3]}) == []


def test_a_check_holds_within_its_bounds_only() -> None:
    assert [Check("", n, least=1, most=2).holds for n in range(4)] == [False, True, True, False]
    assert Check("without a promise", 7).holds
    assert not Check.none_of("lost", ["a"]).holds
    assert not Check.exactly("effects", 5, 6).holds
