"""The consuming side of SQS: the same for every backend that delivers into queues."""
