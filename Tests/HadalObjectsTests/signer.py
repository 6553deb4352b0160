"""botocore's signatures: a request as JSON on each line of the input, its Authorization on each line of the output."""

import json
import sys

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

for line in sys.stdin:
    sent = json.loads(line)
    auth = S3SigV4Auth(Credentials(sent["id"], sent["secret"], sent["token"]), "s3", sent["region"])
    request = AWSRequest(method=sent["method"], url=sent["url"], headers=dict(sent["headers"]))
    request.context["timestamp"] = sent["time"]
    canonical = auth.canonical_request(request)
    signature = auth.signature(auth.string_to_sign(request, canonical), request)
    signed = auth.signed_headers(auth.headers_to_sign(request))
    print(f"AWS4-HMAC-SHA256 Credential={auth.scope(request)}, SignedHeaders={signed}, Signature={signature}")
