"""SNS topics that fan out to SQS queues."""
