"""Reads metrics on standard input as Prometheus' official client does and prints what it understood as JSON: a family a line."""
import json
import sys

from prometheus_client.parser import text_fd_to_metric_families

for family in text_fd_to_metric_families(sys.stdin):
    samples = [{"name": s.name, "labels": s.labels, "value": s.value} for s in family.samples]
    print(json.dumps({"name": family.name, "type": family.type, "help": family.documentation, "samples": samples}))
