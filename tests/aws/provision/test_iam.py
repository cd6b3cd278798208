"""What the policy of a role names."""

from __future__ import annotations

from eventroute.port import Role

from ..iam import actions
from .account import OPEN, ORDERS, ordered, topology
from .roles import policy

EVERYTHING = topology(a=ORDERS, b=ordered("b", {"source": ["shop.stock"]}), c=OPEN)


def test_where_a_bus_may_create_publishers_and_consumers_still_only_look() -> None:
    roles: tuple[Role, ...] = ("publisher", "consumer")
    for role in roles:
        create = policy(role, EVERYTHING, provision="create")
        assert create == policy(role, EVERYTHING, provision="validate")


def test_a_publisher_names_the_topics_of_its_sources() -> None:
    theirs = "arn:aws:sns:us-east-1:100000000000:x"
    wanted = topology(a=ORDERS)
    assert policy("publisher", wanted, provision="assume", topics={"shop.stock": theirs}) == [
        {
            "Effect": "Allow",
            "Action": ["sns:Publish"],
            "Resource": [
                theirs,
                "arn:aws:sns:us-east-1:123456789012:eventroute-shop-orders",
            ],
        }
    ]


def test_a_consumer_names_its_queues_its_payloads_and_its_key() -> None:
    work, payloads, key, listing = policy(
        "consumer",
        topology(a=ORDERS),
        provision="assume",
        claim_check={"bucket": "payloads"},
        kms_key="alias/events",
    )
    assert work["Resource"] == [
        "arn:aws:sqs:us-east-1:123456789012:eventroute-a",
        "arn:aws:sqs:us-east-1:123456789012:eventroute-a-dead",
    ]
    assert payloads == {
        "Effect": "Allow",
        "Action": ["s3:GetObject"],
        "Resource": ["arn:aws:s3:::payloads/eventroute/*"],
    }
    # Without it, S3 would not say that a payload has expired, but that it refuses.
    assert listing == {
        "Effect": "Allow",
        "Action": ["s3:ListBucket"],
        "Resource": ["arn:aws:s3:::payloads"],
        "Condition": {"StringLike": {"s3:prefix": ["eventroute/*"]}},
    }
    assert key == {
        "Effect": "Allow",
        "Action": ["kms:Decrypt", "kms:GenerateDataKey"],
        "Resource": ["arn:aws:kms:us-east-1:123456789012:key/*"],
        "Condition": {"ForAnyValue:StringEquals": {"kms:ResourceAliases": "alias/events"}},
    }


def test_what_others_made_is_not_the_provisioners_to_delete_or_tag() -> None:
    options = {"queues": {"a": "theirs"}, "topics": {"shop.orders": "theirs"}}
    touched = actions(
        [
            one
            for one in policy("provisioner", topology(a=ORDERS), **options)
            if any(arn.endswith(":theirs") for arn in one["Resource"])
        ]
    )
    assert touched == {
        "sns:GetTopicAttributes",
        "sns:ListSubscriptionsByTopic",
        "sns:ListTagsForResource",
        "sns:Subscribe",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
        "sqs:ListQueueTags",
        "sqs:SetQueueAttributes",
    }
