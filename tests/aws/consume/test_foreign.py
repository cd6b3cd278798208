"""Messages that others put into a queue."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from eventroute.envelope import Event
from eventroute.errors import EventRouteError
from eventroute.pattern import Pattern
from eventroute_aws.queues.message import Message
from eventroute_aws.queues.reading import Reading, read
from tests.aws.consume.station import event, text


def arrived(body: object, **attributes: str) -> Reading:
    text_body = body if isinstance(body, str) else json.dumps(body)
    named = {name.replace("_", "-"): text(value) for name, value in attributes.items()}
    return read(Message("id", "handle", text_body, named, 1, None, None))


def read_event(body: object) -> Event:
    return Event.from_json(arrived(body).body)


def notification(message: str, **attributes: str) -> dict[str, Any]:
    return {
        "Type": "Notification",
        "MessageId": "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324",
        "TopicArn": "arn:aws:sns:us-east-1:111122223333:orders",
        "Message": message,
        "Timestamp": "2026-01-02T03:04:05.678Z",
        "SignatureVersion": "1",
        "Signature": "EXAMPLE",
        "SigningCertURL": "https://sns.us-east-1.amazonaws.com/x.pem",
        "UnsubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=Unsubscribe",
        "MessageAttributes": {
            name: {"Type": "String", "Value": value} for name, value in attributes.items()
        },
    }


def s3_record(name: str = "ObjectCreated:Put", **more: Any) -> dict[str, Any]:  # noqa: ANN401  any JSON
    return {
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": "us-west-2",
        "eventTime": "2026-01-02T03:04:05.678Z",
        "eventName": name,
        "userIdentity": {"principalId": "AWS:AIDAEXAMPLE"},
        "requestParameters": {"sourceIPAddress": "192.0.2.3"},
        "responseElements": {"x-amz-request-id": "D82B88E5F771F645", "x-amz-id-2": "vlR7P"},
        "s3": {
            "s3SchemaVersion": "1.0",
            "configurationId": "uploads",
            "bucket": {"name": "photos", "arn": "arn:aws:s3:::photos"},
            "object": {
                "key": "red+flower/%ED%95%9C.jpg",
                "size": 1024,
                "eTag": "d41d8cd98f00b204e9800998ecf8427e",
                "versionId": "096fKKXTRTtl3on89fVO.nfljtsv6qko",
                "sequencer": "0055AED6DCD90281E5",
            },
        },
        **more,
    }


ALARM = {
    "AlarmName": "queue too long",
    "AlarmDescription": "look at the workers",
    "AWSAccountId": "111122223333",
    "NewStateValue": "ALARM",
    "NewStateReason": "Threshold Crossed: 1 datapoint [99.0] was greater than 50.0.",
    "StateChangeTime": "2026-01-02T03:04:05.678+0000",
    "Region": "US East (N. Virginia)",
    "AlarmArn": "arn:aws:cloudwatch:us-east-1:111122223333:alarm:queue too long",
    "OldStateValue": "OK",
    "Trigger": {
        "MetricName": "ApproximateNumberOfMessagesVisible",
        "Namespace": "AWS/SQS",
        "StatisticType": "Statistic",
        "Statistic": "AVERAGE",
        "Unit": None,
        "Dimensions": [{"value": "invoice", "name": "QueueName"}],
        "Period": 300,
        "EvaluationPeriods": 1,
        "ComparisonOperator": "GreaterThanThreshold",
        "Threshold": 50.0,
    },
}


def test_an_event_of_eventbridge_is_an_event_as_it_is() -> None:
    body = (
        '{"version":"0","id":"7","detail-type":"OrderCreated","source":"com.acme.orders",'
        '"account":"111122223333","time":"2026-01-02T03:04:05Z","region":"us-east-1",'
        '"resources":[],"detail":{"n": 1.50}, "more": "r"}'
    )
    assert arrived(body) == Reading(body.encode())


def test_real_events_are_not_touched(shared: Path) -> None:
    with (shared / "events" / "github_webhooks.jsonl").open() as lines:
        bodies = [line.rstrip("\n") for _, line in zip(range(40), lines, strict=False)]
    assert [arrived(body).body.decode() for body in bodies] == bodies
    wrapped = [arrived(notification(body)).body.decode() for body in bodies]
    assert wrapped == bodies


def test_attributes_of_an_event_are_no_headers_but_those_of_eventroute() -> None:
    body = event().to_json().decode()
    reading = arrived(body, source="s", country="KR", eventroute_headers='{"trace":"7"}')
    assert reading.headers == {"trace": "7"}
    assert arrived(body, source="s", country="KR").headers == {}


def test_an_event_in_a_notification_is_unwrapped_with_its_attributes() -> None:
    body = event(3).to_json()
    reading = arrived(notification(body.decode(), traceparent="00-ab", source="shop.orders"))
    assert (reading.body, reading.headers) == (body, {"traceparent": "00-ab"})


def test_headers_and_claims_of_eventroute_are_found_in_a_notification() -> None:
    attributes = {"eventroute-headers": '{"a":"b"}', "eventroute-claim": "s3://x", "other": "1"}
    reading = arrived(notification(event().to_json().decode(), **attributes))
    assert (reading.headers, reading.claim) == ({"a": "b"}, "s3://x")


def test_an_event_that_somebody_wrote_without_an_id_has_that_of_its_message() -> None:
    body = ' {"source":"crm","detail-type":"Changed","detail":{"n":1.50},"x":1}'
    message = Message("m-1", "handle", body, {}, 1, 1_767_323_045.9, None)
    assert read(message).body == (
        b'{"id":"m-1","time":"2026-01-02T03:04:05Z",'
        b'"source":"crm","detail-type":"Changed","detail":{"n":1.50},"x":1}'
    )


def test_the_id_in_a_notification_is_that_of_sns_for_all_queues() -> None:
    body = {"source": "crm", "detail-type": "Changed", "detail": {}}
    reading = arrived(notification(json.dumps(body), source="crm"))
    found = Event.from_json(reading.body)
    assert found.id == "22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324"
    assert found.time == datetime(2026, 1, 2, 3, 4, 5, 678_000, tzinfo=UTC)
    assert reading.headers == {}


def test_the_time_of_an_event_without_an_id_stays() -> None:
    body = {"source": "crm", "detail-type": "Changed", "detail": {}, "time": "2025-01-01T00:00:00Z"}
    assert read_event(body).document == {"id": "id", **body}


def test_what_is_still_no_event_with_an_id_says_what_it_lacks() -> None:
    body = json.dumps({"source": "crm", "detail-type": "Changed", "detail": 7})
    reading = arrived(body)
    assert reading.body == body.encode()
    assert reading.unreadable == "at /detail: must be a JSON object"


def test_a_notification_around_a_text_says_that_the_text_is_no_event() -> None:
    reading = arrived(notification("hello"))
    assert reading.unreadable is not None
    assert reading.unreadable.startswith("a notification of SNS with the text 'hello', which is no")


def test_a_binary_attribute_is_no_header() -> None:
    wrapped = notification(event().to_json().decode())
    wrapped["MessageAttributes"] = {"raw": {"Type": "Binary", "Value": "AA=="}, "odd": 7}
    assert arrived(wrapped).headers == {}


def test_an_uploaded_object_is_told_as_eventbridge_tells_it() -> None:
    found = read_event({"Records": [s3_record()]})
    assert (found.source, found.detail_type, found.region) == (
        "aws.s3",
        "Object Created",
        "us-west-2",
    )
    assert found.resources == ("arn:aws:s3:::photos",)
    assert found.time == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.detail == {
        "version": "0",
        "bucket": {"name": "photos"},
        "object": {
            "key": "red flower/한.jpg",
            "size": 1024,
            "etag": "d41d8cd98f00b204e9800998ecf8427e",
            "version-id": "096fKKXTRTtl3on89fVO.nfljtsv6qko",
            "sequencer": "0055AED6DCD90281E5",
        },
        "request-id": "D82B88E5F771F645",
        "requester": "AWS:AIDAEXAMPLE",
        "source-ip-address": "192.0.2.3",
        "reason": "PutObject",
    }


@pytest.mark.parametrize(
    ("name", "kind", "more"),
    [
        ("ObjectCreated:Copy", "Object Created", {"reason": "CopyObject"}),
        ("s3:ObjectCreated:Post", "Object Created", {"reason": "POST Object"}),
        (
            "ObjectCreated:CompleteMultipartUpload",
            "Object Created",
            {"reason": "CompleteMultipartUpload"},
        ),
        (
            "ObjectRemoved:Delete",
            "Object Deleted",
            {"reason": "DeleteObject", "deletion-type": "Permanently Deleted"},
        ),
        (
            "ObjectRemoved:DeleteMarkerCreated",
            "Object Deleted",
            {"reason": "DeleteObject", "deletion-type": "Delete Marker Created"},
        ),
        (
            "LifecycleExpiration:Delete",
            "Object Deleted",
            {"reason": "Lifecycle Expiration", "deletion-type": "Permanently Deleted"},
        ),
        ("ObjectRestore:Post", "Object Restore Initiated", {}),
        ("ObjectRestore:Completed", "Object Restore Completed", {}),
        ("ObjectRestore:Delete", "Object Restore Expired", {}),
        ("LifecycleTransition", "Object Storage Class Changed", {}),
        ("IntelligentTiering", "Object Access Tier Changed", {}),
        ("ObjectAcl:Put", "Object ACL Updated", {}),
        ("ObjectTagging:Put", "Object Tags Added", {}),
        ("ObjectTagging:Delete", "Object Tags Deleted", {}),
        ("ReducedRedundancyLostObject", "ReducedRedundancyLostObject", {}),
    ],
)
def test_each_event_of_s3_has_the_type_that_eventbridge_gives_it(
    name: str, kind: str, more: dict[str, str]
) -> None:
    found = read_event({"Records": [s3_record(name)]})
    assert found.detail_type == kind
    told = {
        key: found.detail.get(key) for key in ("reason", "deletion-type") if key in found.detail
    }
    assert told == more


def test_a_restore_tells_when_it_expires() -> None:
    restore = {
        "restoreEventData": {
            "lifecycleRestorationExpiryTime": "2026-02-01T00:00:00.000Z",
            "lifecycleRestoreStorageClass": "GLACIER",
        }
    }
    record = s3_record("ObjectRestore:Completed", glacierEventData=restore)
    detail = read_event({"Records": [record]}).detail
    assert detail["restore-expiry-time"] == "2026-02-01T00:00:00.000Z"
    assert detail["source-storage-class"] == "GLACIER"


def test_a_notification_of_s3_through_sns_is_the_same() -> None:
    direct = {"Records": [s3_record()]}
    assert read_event(notification(json.dumps(direct))) == read_event(direct)


def test_the_same_notification_has_the_same_id_and_another_one_has_not() -> None:
    one, again = read_event({"Records": [s3_record()]}), read_event({"Records": [s3_record()]})
    other = read_event({"Records": [s3_record(eventTime="2026-01-02T03:04:06.000Z")]})
    assert one.id == again.id != other.id


def test_a_notification_with_several_records_is_taken_apart() -> None:
    records = [s3_record(), s3_record("ObjectRemoved:Delete")]
    reading = arrived({"Records": records})
    found = [read_event(part) for part in reading.parts]
    assert [one.detail_type for one in found] == ["Object Created", "Object Deleted"]


def test_the_test_of_a_configuration_is_an_event_that_no_rule_for_objects_matches() -> None:
    found = read_event(
        {
            "Service": "Amazon S3",
            "Event": "s3:TestEvent",
            "Time": "2026-01-02T03:04:05.678Z",
            "Bucket": "photos",
            "RequestId": "5582815E1AEA5ADF",
            "HostId": "8cLeGAmw",
        }
    )
    assert (found.source, found.detail_type) == ("aws.s3", "s3:TestEvent")
    assert found.detail["bucket"] == {"name": "photos"}
    assert not Pattern({"detail-type": ["Object Created"]}).matches(found)


def test_an_alarm_is_told_as_eventbridge_tells_it() -> None:
    found = read_event(notification(json.dumps(ALARM)))
    assert (found.source, found.detail_type) == ("aws.cloudwatch", "CloudWatch Alarm State Change")
    assert (found.account, found.region) == ("111122223333", "us-east-1")
    assert found.resources == (ALARM["AlarmArn"],)
    assert found.time == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert found.detail == {
        "alarmName": "queue too long",
        "state": {
            "value": "ALARM",
            "reason": ALARM["NewStateReason"],
            "timestamp": "2026-01-02T03:04:05.678+0000",
        },
        "previousState": {"value": "OK"},
        "configuration": {
            "description": "look at the workers",
            "metrics": [
                {
                    "metricStat": {
                        "metric": {
                            "namespace": "AWS/SQS",
                            "name": "ApproximateNumberOfMessagesVisible",
                            "dimensions": {"QueueName": "invoice"},
                        },
                        "period": 300,
                        "stat": "Average",
                    },
                    "returnData": True,
                }
            ],
        },
    }


def test_an_alarm_on_an_expression_tells_its_metrics() -> None:
    metric = {"Namespace": "AWS/SQS", "MetricName": "Sent", "Dimensions": []}
    metrics = [
        {"Id": "e1", "Expression": "m1 / 60", "Label": "per second", "ReturnData": True},
        {
            "Id": "m1",
            "MetricStat": {"Metric": metric, "Period": 60, "Stat": "p99"},
            "ReturnData": False,
        },
    ]
    found = read_event(notification(json.dumps({**ALARM, "Trigger": {"Metrics": metrics}})))
    assert found.detail["configuration"]["metrics"] == [
        {"id": "e1", "expression": "m1 / 60", "label": "per second", "returnData": True},
        {
            "id": "m1",
            "metricStat": {
                "metric": {"namespace": "AWS/SQS", "name": "Sent", "dimensions": {}},
                "period": 60,
                "stat": "p99",
            },
            "returnData": False,
        },
    ]


@pytest.mark.parametrize(
    "body",
    [
        "",
        "hello",
        "null",
        "[]",
        "{",
        "{}",
        '{"a":1,"a":2}',
        "[" * 100_000,
        '{"Records":' + "[" * 100_000,
        "\udc80",
        json.dumps({"Records": []}),
        json.dumps({"Records": [7]}),
        json.dumps({"Records": [{"eventSource": "aws:s3"}]}),
        json.dumps({"Records": [{"eventSource": "aws:s3", "eventName": "x", "s3": 7}]}),
        json.dumps({"Records": [s3_record(eventTime="yesterday")]}),
        json.dumps({"Records": [s3_record(userIdentity=None)]}),
        json.dumps({"Records": [{"eventSource": "aws:dynamodb"}]}),
        json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent"}),
        json.dumps({**ALARM, "StateChangeTime": "yesterday"}),
        json.dumps({**ALARM, "Trigger": 7}),
        json.dumps({**ALARM, "Trigger": {"MetricName": "m", "Dimensions": [7]}}),
        json.dumps(notification("hello")),
        json.dumps(notification("{}")),
        json.dumps({**notification("hello"), "MessageAttributes": 7}),
        json.dumps({**notification("hello"), "Message": 7}),
        json.dumps({"Type": "Notification", "TopicArn": "x"}),
    ],
)
def test_anything_else_is_handed_on_as_it_is(body: str) -> None:
    reading = arrived(body)
    assert reading.body == body.encode(errors="surrogatepass")
    assert not reading.parts
    with pytest.raises(EventRouteError):
        Event.from_trusted_json(reading.body)
