"""EventBridge event buses whose rules fan out to SQS queues."""
