"""Reads metrics on standard input as Prometheus' official client does and prints what it understood as JSON: a family a line.

With the argument `openmetrics` they are to be in that format.
"""
import json
import sys

if sys.argv[1:] == ["openmetrics"]:
    from prometheus_client.openmetrics.parser import text_fd_to_metric_families
else:
    from prometheus_client.parser import text_fd_to_metric_families


def exemplar(sample):
    found = sample.exemplar
    return found and {"labels": found.labels, "value": found.value}


for family in text_fd_to_metric_families(sys.stdin):
    samples = [{"name": s.name, "labels": s.labels, "value": s.value, "exemplar": exemplar(s)} for s in family.samples]
    print(json.dumps({"name": family.name, "type": family.type, "help": family.documentation, "samples": samples}))
