"""Steps that no longer fit what there is: somebody else was faster, or SQS is slower."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from eventroute.errors import ConfigurationError
from eventroute_aws.calls import Calls
from eventroute_aws.provisioning.apply import MovedError, apply
from eventroute_aws.provisioning.steps import ChangeQueue, DeleteQueue, QueueStep

CHANGE = ChangeQueue("eventroute-a", "http://aws/eventroute-a")
DELETE = DeleteQueue("eventroute-a", "http://aws/eventroute-a")


async def answered(step: QueueStep, code: str, message: str = "") -> None:
    """Do a step that AWS answers with an error."""
    answer: Any = {
        "Error": {"Code": code, "Message": message},
        "ResponseMetadata": {"HTTPStatusCode": 400},
    }

    async def do(_: QueueStep) -> None:
        raise ClientError(answer, "Op")

    await apply([[step]], do, Calls())


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("QueueDoesNotExist", ""),
        ("QueueNameExists", ""),
        ("InvalidParameter", "Topic already exists with different tags"),
        (
            "InvalidParameterValue",
            "RedrivePolicy is invalid. Reason: Dead letter target does not exist.",
        ),
    ],
)
async def test_what_was_made_or_deleted_meanwhile_is_looked_at_again(
    code: str, message: str
) -> None:
    with pytest.raises(MovedError):
        await answered(CHANGE, code, message)


async def test_what_is_gone_need_not_be_deleted() -> None:
    await answered(DELETE, "QueueDoesNotExist")


async def test_another_refusal_is_final() -> None:
    with pytest.raises(ConfigurationError, match="to change the queue eventroute-a: AWS refused"):
        await answered(CHANGE, "InvalidParameterValue", "Reason: no")
