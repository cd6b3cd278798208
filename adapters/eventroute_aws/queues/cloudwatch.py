"""Alarm notifications of CloudWatch, as EventBridge would tell them.

The shape of what it tells:
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/cloudwatch-and-eventbridge.html
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID, uuid5

from eventroute.envelope import Event

if TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["convert"]

SOURCE: Final = "aws.cloudwatch"
STATE_CHANGE: Final = "CloudWatch Alarm State Change"

_NAMESPACE: Final = UUID("c2a3d2a4-7e0e-4a5e-9a5b-0c6a1f2f9b27")
_STATISTICS: Final = {
    "AVERAGE": "Average",
    "MAXIMUM": "Maximum",
    "MINIMUM": "Minimum",
    "SAMPLE_COUNT": "SampleCount",
    "SUM": "Sum",
}
_NAMED: Final = ("AlarmName", "NewStateValue", "OldStateValue", "StateChangeTime")


def convert(document: Mapping[str, Any], body: bytes) -> Event | None:
    """The event of an alarm's notification; ``None`` where the document is none.

    The id is made of the text, so that the same notification has the same id each time.
    """
    if not all(isinstance(document.get(name), str) for name in _NAMED):
        return None
    changed = document["StateChangeTime"]
    arn = str(document.get("AlarmArn", ""))
    configuration: dict[str, Any] = {"metrics": _metrics(document.get("Trigger", {}))}
    if document.get("AlarmDescription") is not None:
        configuration["description"] = document["AlarmDescription"]
    return Event(
        SOURCE,
        STATE_CHANGE,
        {
            "alarmName": document["AlarmName"],
            "state": {
                "value": document["NewStateValue"],
                "reason": document.get("NewStateReason", ""),
                "timestamp": changed,
            },
            "previousState": {"value": document["OldStateValue"]},
            "configuration": configuration,
        },
        id=str(uuid5(_NAMESPACE, body.decode(errors="surrogateescape"))),
        time=datetime.fromisoformat(changed),
        resources=(arn,) if arn else (),
        account=str(document.get("AWSAccountId", "")),
        # The notification's own Region is a name for people.
        region=arn.split(":")[3] if arn.count(":") >= 5 else "",
    )


def _metrics(trigger: Mapping[str, Any]) -> list[dict[str, Any]]:
    if isinstance(trigger.get("Metrics"), list):
        return [_of_expression(one) for one in trigger["Metrics"]]
    if "MetricName" not in trigger:
        return []
    statistic = str(trigger.get("Statistic") or trigger.get("ExtendedStatistic", ""))
    stat = {
        "metric": _metric(trigger),
        "period": trigger.get("Period"),
        "stat": _STATISTICS.get(statistic, statistic),
    }
    return [{"metricStat": stat, "returnData": True}]


def _of_expression(one: Mapping[str, Any]) -> dict[str, Any]:
    metric: dict[str, Any] = {"id": one.get("Id"), "returnData": one.get("ReturnData", True)}
    if "Expression" in one:
        metric["expression"] = one["Expression"]
    if "Label" in one:
        metric["label"] = one["Label"]
    if "MetricStat" in one:
        stat = one["MetricStat"]
        metric["metricStat"] = {
            "metric": _metric(stat["Metric"]),
            "period": stat.get("Period"),
            "stat": stat.get("Stat"),
        }
    return metric


def _metric(told: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "namespace": told.get("Namespace"),
        "name": told["MetricName"],
        "dimensions": {
            str(one.get("name", one.get("Name"))): one.get("value", one.get("Value"))
            for one in told.get("Dimensions") or ()
        },
    }
