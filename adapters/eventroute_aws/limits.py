"""Limits of AWS that several parts go by.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
"""

from __future__ import annotations

from typing import Final

__all__ = ["BATCH", "LARGEST_BATCH", "LONGEST_DELAY", "LONGEST_HIDING"]

BATCH: Final = 10
"""Entries of one request: ``PublishBatch``, ``PutEvents`` and every batch of SQS."""

LARGEST_BATCH: Final = 1_048_576
"""Bytes of one message of SQS, attributes included, and of all messages of one request."""

LONGEST_HIDING: Final = 43_200
"""Seconds that SQS hides a message at most, from its receive on, extensions included."""

LONGEST_DELAY: Final = LONGEST_HIDING - 3_600
"""Seconds that a release is promised to last at most: the handler's time counts as hiding, too."""
