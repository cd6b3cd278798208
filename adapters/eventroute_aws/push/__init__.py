"""SNS pushes events over HTTP: an ASGI application that takes them in, if SNS has signed them."""

from __future__ import annotations

from importlib import import_module

from eventroute.errors import MissingExtraError

try:
    import_module("cryptography")
except ImportError as error:
    raise MissingExtraError(
        'eventroute_aws.push needs cryptography; run pip install "eventroute[push]"',
        name="cryptography",
    ) from error

from eventroute_aws.push.certificates import Certificates
from eventroute_aws.push.notification import PushedMessage
from eventroute_aws.push.receiver import SnsPushReceiver
from eventroute_aws.push.signature import SignatureVerifier, Verifier

__all__ = [
    "Certificates",
    "PushedMessage",
    "SignatureVerifier",
    "SnsPushReceiver",
    "Verifier",
]
