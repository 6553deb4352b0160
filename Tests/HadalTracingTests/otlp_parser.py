"""Reads an OTLP/JSON request for the export of traces from standard input as the official protobuf definitions do, and prints its spans."""
import json
import sys

from google.protobuf import json_format
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

text = sys.stdin.read()
message = json.loads(text)
# Protobuf's own JSON has bytes in Base64; OTLP's has names of traces and spans in hexadecimal.
import base64


def names(span):
    for name in ("traceId", "spanId", "parentSpanId"):
        if name in span:
            span[name] = base64.b64encode(bytes.fromhex(span[name])).decode()


for resource in message["resourceSpans"]:
    for scope in resource["scopeSpans"]:
        for span in scope["spans"]:
            names(span)
            for link in span.get("links", []):
                names(link)
request = json_format.ParseDict(message, ExportTraceServiceRequest(), ignore_unknown_fields=False)
for resource in request.resource_spans:
    service = {a.key: a.value.string_value for a in resource.resource.attributes}["service.name"]
    for scope in resource.scope_spans:
        for span in scope.spans:
            attributes = {a.key: getattr(a.value, a.value.WhichOneof("value")) for a in span.attributes if a.value.WhichOneof("value") != "array_value"}
            print(json.dumps({
                "service": service, "name": span.name, "trace": span.trace_id.hex(), "span": span.span_id.hex(),
                "parent": span.parent_span_id.hex(), "kind": span.kind, "seconds": (span.end_time_unix_nano - span.start_time_unix_nano) / 1e9,
                "attributes": attributes, "events": [e.name for e in span.events], "status": span.status.code,
            }))
