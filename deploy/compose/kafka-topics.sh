#!/bin/sh
# Makes the topics that Kafka triggers use by default, unless they are there.
set -eu
for topic in ml.training.requests ml.training.requests.dead; do
  /opt/kafka/bin/kafka-topics.sh --bootstrap-server kafka:9092 --create --if-not-exists --topic "$topic" --partitions 3 --replication-factor 1
done
