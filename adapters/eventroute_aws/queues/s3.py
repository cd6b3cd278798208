"""Event notifications of S3, as EventBridge would tell them.

From https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
to https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote_plus
from uuid import UUID, uuid5

from eventroute.envelope import Event

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = ["convert", "records"]

SOURCE: Final = "aws.s3"

_NAMESPACE: Final = UUID("5a4f0b9e-9d0f-4c53-8f0b-6c1a5a0f5e11")
_TYPES: Final = (
    ("ObjectCreated:", "Object Created"),
    ("ObjectRemoved:", "Object Deleted"),
    ("LifecycleExpiration:", "Object Deleted"),
    ("ObjectRestore:Post", "Object Restore Initiated"),
    ("ObjectRestore:Completed", "Object Restore Completed"),
    ("ObjectRestore:Delete", "Object Restore Expired"),
    ("LifecycleTransition", "Object Storage Class Changed"),
    ("IntelligentTiering", "Object Access Tier Changed"),
    ("ObjectAcl:Put", "Object ACL Updated"),
    ("ObjectTagging:Put", "Object Tags Added"),
    ("ObjectTagging:Delete", "Object Tags Deleted"),
)
_REASONS: Final = {
    "ObjectCreated:Put": "PutObject",
    "ObjectCreated:Post": "POST Object",
    "ObjectCreated:Copy": "CopyObject",
    "ObjectCreated:CompleteMultipartUpload": "CompleteMultipartUpload",
}
_DELETIONS: Final = {
    "Delete": "Permanently Deleted",
    "DeleteMarkerCreated": "Delete Marker Created",
}


def records(document: Mapping[str, Any]) -> Sequence[Mapping[str, Any]] | None:
    """The records of a notification; ``None`` where the document is none."""
    found = document.get("Records")
    if not isinstance(found, list) or not found:
        return None
    of_s3 = all(isinstance(one, dict) and one.get("eventSource") == "aws:s3" for one in found)
    return found if of_s3 else None


def convert(document: Mapping[str, Any], body: bytes) -> Event | None:
    """The event of a notification with one record, or of the test of a configuration.

    The id is made of the text, so that the same notification has the same id each time.
    """
    identity = str(uuid5(_NAMESPACE, body.decode(errors="surrogateescape")))
    if document.get("Service") == "Amazon S3" and document.get("Event") == "s3:TestEvent":
        detail = {
            "version": "0",
            "bucket": {"name": document["Bucket"]},
            "request-id": document.get("RequestId", ""),
        }
        return _event(identity, "s3:TestEvent", detail, document.get("Time"))
    found = records(document)
    if found is None or len(found) != 1:
        return None
    record = found[0]
    name = str(record["eventName"]).removeprefix("s3:")
    kind = next((kind for begin, kind in _TYPES if name.startswith(begin)), name)
    return _event(
        identity, kind, _detail(record, name), record.get("eventTime"), record.get("awsRegion", "")
    )


def _event(
    identity: str, kind: str, detail: dict[str, Any], time: object, region: str = ""
) -> Event:
    return Event(
        SOURCE,
        kind,
        detail,
        id=identity,
        time=datetime.fromisoformat(time) if isinstance(time, str) else None,
        resources=(f"arn:{_partition(region)}:s3:::{detail['bucket']['name']}",),
        region=region,
    )


def _partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"


def _detail(record: Mapping[str, Any], name: str) -> dict[str, Any]:
    told = record["s3"]["object"]
    item = {"key": unquote_plus(told["key"])}  # EventBridge does not encode it
    members = (
        ("size", "size"),
        ("eTag", "etag"),
        ("versionId", "version-id"),
        ("sequencer", "sequencer"),
    )
    item.update({ours: told[theirs] for theirs, ours in members if told.get(theirs) is not None})
    detail: dict[str, Any] = {
        "version": "0",
        "bucket": {"name": record["s3"]["bucket"]["name"]},
        "object": item,
        "request-id": record.get("responseElements", {}).get("x-amz-request-id", ""),
        "requester": record.get("userIdentity", {}).get("principalId", ""),
    }
    address = record.get("requestParameters", {}).get("sourceIPAddress")
    if address is not None:
        detail["source-ip-address"] = address
    kind, _, how = name.partition(":")
    if kind in {"ObjectRemoved", "LifecycleExpiration"}:
        lapsed = kind == "LifecycleExpiration"
        detail["reason"] = "Lifecycle Expiration" if lapsed else "DeleteObject"
        if how in _DELETIONS:
            detail["deletion-type"] = _DELETIONS[how]
    elif name in _REASONS:
        detail["reason"] = _REASONS[name]
    detail.update(_changes(record))
    return detail


def _changes(record: Mapping[str, Any]) -> dict[str, Any]:
    """What restores, transitions and tiers tell besides."""
    restore = record.get("glacierEventData", {}).get("restoreEventData", {})
    changed = {
        "restore-expiry-time": restore.get("lifecycleRestorationExpiryTime"),
        "source-storage-class": restore.get("lifecycleRestoreStorageClass"),
        "destination-storage-class": record.get("lifecycleEventData", {})
        .get("transitionEventData", {})
        .get("destinationStorageClass"),
        "destination-access-tier": record.get("intelligentTieringEventData", {}).get(
            "destinationAccessTier"
        ),
    }
    return {name: value for name, value in changed.items() if value is not None}
