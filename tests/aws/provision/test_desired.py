"""A topology becomes topics, queues and subscriptions; what cannot be is refused at once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING

import pytest

from eventroute.errors import ConfigurationError, UnsupportedError
from eventroute.pattern import Pattern
from eventroute.pattern.narrow import FilterPolicy, sources_of
from eventroute.topology import Subscription, Topology
from eventroute_aws.options import SnsOptions
from eventroute_aws.provisioning.differences import queue_phases
from eventroute_aws.provisioning.names import Place
from eventroute_aws.provisioning.policies import Author
from eventroute_aws.sns.desired import desired_of
from eventroute_aws.sns.filters import filter_of
from eventroute_aws.sns.needs import needs_of
from eventroute_aws.sns.resources import Desired, Standing

from .account import LARGE, OPEN, ORDERS, ordered, topology

if TYPE_CHECKING:
    from eventroute.pattern.json_values import JSON

PLACE = Place("aws", "us-east-1", "111122223333")


def desired(
    wanted: Topology, standing: Mapping[str, Standing] | None = None, **given: object
) -> Desired:
    options = SnsOptions.model_validate(given)
    return desired_of(needs_of(wanted, options), options, PLACE, standing or {})


@pytest.mark.parametrize(
    ("pattern", "sources"),
    [
        (ORDERS, {"shop.orders"}),
        ({"source": ["a", "b"], "detail-type": ["T"]}, {"a", "b"}),
        ({"$or": [{"source": ["a"]}, {"source": ["b"], "detail-type": ["T"]}]}, {"a", "b"}),
        ({"source": ["a"], "$or": [{"detail-type": ["T"]}, {"detail-type": ["U"]}]}, {"a"}),
        ({"$or": [{"source": ["a"]}, {"detail-type": ["T"]}]}, None),
        ({"source": ["a", {"prefix": "b"}]}, None),
        ({"source": [{"anything-but": ["a"]}]}, None),
        ({"detail": {"source": ["a"]}}, None),
    ],
)
def test_a_pattern_names_its_sources_or_is_open(
    pattern: dict[str, JSON], sources: set[str] | None
) -> None:
    assert sources_of(Pattern(pattern)) == sources


def test_a_filter_tests_the_body() -> None:
    found = filter_of(Pattern(ORDERS | {"detail": {"n": [1]}}), SnsOptions())
    assert found is not None
    assert found.scope == "MessageBody"


@pytest.mark.parametrize(
    "options", [SnsOptions(), SnsOptions.model_validate({"claim_check": {"bucket": "abc"}})]
)
def test_a_filter_has_no_character_that_xml_cannot_carry_in_the_answer(options: SnsOptions) -> None:
    found = filter_of(Pattern({"source": ["\uffff", "\ufffe"], "detail-type": ["x"]}), options)
    assert found is not None
    assert json.loads(found.policy)["source"] == ["\uffff", "\ufffe"]
    assert not {"\uffff", "\ufffe"}.intersection(found.policy)


def test_a_filter_tests_attributes_where_a_body_may_lack_what_they_say() -> None:
    country = {"attributes": {"detail.country": "country"}}
    pattern = Pattern(ORDERS | {"detail": {"country": ["KR"]}})
    found = filter_of(pattern, SnsOptions.model_validate(country))
    assert found is not None
    assert found.scope == "MessageBody"
    claims = {"claim_check": {"bucket": "payloads"}}
    assert filter_of(pattern, SnsOptions.model_validate(country | claims)) == FilterPolicy(
        '{"source":["shop.orders"],"country":["KR",{"exists":false}]}', "MessageAttributes"
    )


def test_a_pattern_of_which_nothing_can_be_carried_has_no_filter() -> None:
    no_name_of_a_field = {"detail": {"$or": ["x"]}}
    assert filter_of(Pattern(no_name_of_a_field), SnsOptions()) is None


def test_a_pattern_of_the_source_alone_needs_no_filter_on_our_topic() -> None:
    (link,) = desired(topology(a=ORDERS)).links
    assert link.filter is None


def test_two_subscriptions_may_not_order_one_source_differently() -> None:
    wanted = topology(a=ordered("a", ORDERS, "order_id"), b=ordered("b", ORDERS, "country"))
    with pytest.raises(UnsupportedError) as caught:
        desired(wanted)
    assert "'a' orders events of 'shop.orders' by 'order_id', and 'b' by 'country'" in str(
        caught.value
    )


def test_the_option_ordered_by_counts_like_a_subscription() -> None:
    with pytest.raises(UnsupportedError, match="the option ordered_by orders events"):
        desired(topology(a=ordered("a", ORDERS)), ordered_by={"shop.orders": "country"})
    (topic,) = desired(topology(b=ORDERS), ordered_by={"shop.orders": "country"}).topics
    assert (topic.name, topic.ordered_by) == ("eventroute-shop-orders.fifo", "country")


def test_a_fifo_topic_has_room_for_a_hundred_subscriptions() -> None:
    many = [Subscription(f"s{n}", Pattern(ORDERS)) for n in range(100)]
    with pytest.raises(UnsupportedError, match="101 subscriptions are for the FIFO topic"):
        desired(Topology((ordered("o", ORDERS), *many)))
    desired(Topology((ordered("o", ORDERS), *many[1:])))


def test_a_topic_has_room_for_two_hundred_filter_policies() -> None:
    many = [Subscription(f"s{n}", Pattern(LARGE)) for n in range(201)]
    with pytest.raises(UnsupportedError, match=r"201 subscriptions .* have a filter policy"):
        desired(Topology(tuple(many)))
    desired(Topology(tuple(many[1:])))


def test_a_queue_of_many_topics_lets_all_of_the_prefix_send_since_a_policy_is_short() -> None:
    many = {"source": [f"shop.{'n' * 100}{n}" for n in range(30)]}
    _, queue = desired(topology(a=many)).queues
    assert queue.senders == {"arn:aws:sns:us-east-1:111122223333:eventroute-*"}


def test_a_queue_of_too_many_topics_of_others_is_refused_by_name() -> None:
    names = [f"theirs-{'n' * 200}{n}" for n in range(40)]
    many = {name: f"arn:aws:sns:us-east-1:111122223333:{name}" for name in names}
    wanted = desired(topology(a={"source": names}), topics=many)
    options = SnsOptions.model_validate({"topics": many})
    author = Author("eventroute", "sns.amazonaws.com")
    with pytest.raises(UnsupportedError, match=r"queue eventroute-a would have .* SQS takes 8,192"):
        queue_phases(wanted.queues, {}, author, options)


def test_a_visibility_timeout_is_twelve_hours_at_most() -> None:
    wanted = Topology((Subscription("a", Pattern(ORDERS), visibility_timeout=43_201),))
    with pytest.raises(UnsupportedError, match="hides events for 43201 s"):
        desired(wanted)


def test_a_fraction_of_a_second_is_rounded_up() -> None:
    wanted = Topology((Subscription("a", Pattern(ORDERS), visibility_timeout=0.2),))
    _, queue = desired(wanted).queues
    assert queue.attributes["VisibilityTimeout"] == "1"


def test_a_name_that_aws_refuses_as_the_value_of_a_tag_is_left_out() -> None:
    wanted = Topology((Subscription("a & b", Pattern(ORDERS)),))
    _, queue = desired(wanted, tags={"team": "shop"}).queues
    assert queue.tags == {"eventroute": "eventroute", "team": "shop"}


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("team", "shop, orders"),
        ("team", "x" * 257),
        ("", "shop"),
        ("aws:team", "shop"),
        ("a;b", "shop"),
        ("eventroute", "shop"),
        ("eventroute:source", "shop"),
    ],
)
def test_a_tag_of_the_options_that_cannot_be_is_refused(key: str, value: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sns\.tags"):
        desired(topology(a=ORDERS), tags={key: value})


def test_a_fifo_queue_cannot_be_fed_from_a_standard_topic() -> None:
    with pytest.raises(UnsupportedError, match="does not deliver from the standard topic"):
        desired(topology(a=ORDERS), queues={"a": "theirs.fifo"})
    desired(topology(a=ORDERS), {"shop.orders": Standing(fifo=True)}, queues={"a": "theirs.fifo"})


def test_an_ordered_subscription_cannot_use_a_standard_queue_or_topic() -> None:
    wanted = topology(a=ordered("a", ORDERS))
    with pytest.raises(UnsupportedError, match=r"sns\.queues maps it to the standard queue"):
        desired(wanted, queues={"a": "theirs"})
    with pytest.raises(UnsupportedError, match=r"sns\.topics maps it to the standard topic"):
        desired(wanted, topics={"shop.orders": "theirs"})


@pytest.mark.parametrize("name", ["", "a b", "x" * 81, "a.fifo.fifo", "a.b"])
def test_a_mapped_queue_has_a_name_that_a_queue_can_have(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sns\.queues\.a: .* cannot name a queue"):
        desired(topology(a=ORDERS), queues={"a": name})


@pytest.mark.parametrize("name", ["orders-fifo", "orders-fifo.fifo"])
def test_a_mapped_queue_may_have_any_name_that_sqs_allows(name: str) -> None:
    standing = {"shop.orders": Standing(fifo=True)}
    _, queue = desired(topology(a=ORDERS), standing, queues={"a": name}).queues
    assert queue.name == name


def test_only_mapped_topics_can_be_named_as_filtered() -> None:
    with pytest.raises(ConfigurationError, match=r"sns\.filtered: 'shop\.orders' is not in"):
        desired(topology(a=ORDERS), filtered=["shop.orders"])


def test_a_topic_of_another_region_is_refused_by_name() -> None:
    topic = "arn:aws:sns:eu-west-1:111122223333:theirs"
    with pytest.raises(ConfigurationError, match=r"sns\.topics\.shop\.orders: .* 'eu-west-1'"):
        desired(topology(a=ORDERS), topics={"shop.orders": topic})


@pytest.mark.parametrize("name", ["", "a b", "x" * 257, "arn:aws:sqs:us-east-1:111122223333:a"])
def test_a_mapped_topic_has_a_name_that_a_topic_can_have(name: str) -> None:
    with pytest.raises(ConfigurationError, match=r"sns\.topics\.shop: .* names no topic"):
        desired(topology(a=ORDERS), topics={"shop": name})


def test_two_subscriptions_cannot_share_a_mapped_queue() -> None:
    with pytest.raises(ConfigurationError, match="two subscriptions share a queue"):
        desired(topology(a=ORDERS, b=OPEN), queues={"a": "theirs", "b": "theirs"})


def test_a_message_has_room_for_ten_attributes() -> None:
    attributes = {f"detail.m{n}": f"m{n}" for n in range(8)}
    with pytest.raises(ConfigurationError, match="has room for 7"):
        desired(topology(a=ORDERS), attributes=attributes)
    with pytest.raises(ConfigurationError, match="has room for 6"):
        desired(topology(a=ORDERS), attributes=attributes, claim_check={"bucket": "payloads"})


@pytest.mark.parametrize("pattern", [{"source": ["aws.s3"], "detail-type": ["T"]}, OPEN])
def test_our_topic_of_a_source_of_aws_has_no_filter_since_services_send_no_events(
    pattern: dict[str, JSON],
) -> None:
    links = desired(topology(a=pattern), sources=["aws.s3"]).links
    (link,) = [one for one in links if one.topic.endswith(":eventroute-aws-s3")]
    assert link.filter is None


def test_other_topics_keep_their_filter_beside_it() -> None:
    links = desired(topology(a={"source": ["aws.s3", "shop"], "detail-type": ["T"]})).links
    assert {link.topic.rpartition(":")[2]: link.filter is None for link in links} == {
        "eventroute-aws-s3": True,
        "eventroute-shop": False,
    }
