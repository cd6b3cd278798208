"""Some sources on SNS, the others on EventBridge; one queue a subscription."""
