"""moto's S3 for tests, with signatures and policies checked: prints its address and a user's key as one line of JSON,
and ends with its standard input."""

import json
import os
import sys
from urllib.parse import parse_qsl, quote, urlencode

os.environ.update(AWS_ACCESS_KEY_ID="setup", AWS_SECRET_ACCESS_KEY="setup", AWS_DEFAULT_REGION="us-east-1")

import boto3  # noqa: E402
from moto import settings  # noqa: E402
from moto.core.authorization import ActionAuthenticatorMixin  # noqa: E402
from moto.iam.access_control import S3IAMRequest  # noqa: E402
from moto.server import ThreadedMotoServer  # noqa: E402

create_request = S3IAMRequest._create_aws_request


def create_request_as_sent(self):
    """moto checks the signature of an unescaped query, so that it refuses boto3's own `prefix=a%2Fb`."""
    path, _, query = self._path.partition("?")
    items = parse_qsl(query, keep_blank_values=True)
    self._path = path + ("?" + urlencode(items, quote_via=quote, safe="") if items else "")
    return create_request(self)


S3IAMRequest._create_aws_request = create_request_as_sent

server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
server.start()
address = "http://%s:%d" % server.get_host_and_port()

iam = boto3.client("iam", endpoint_url=address)
iam.create_user(UserName="hadal")
statement = {"Effect": "Allow", "Action": "s3:*", "Resource": "*"}
policy = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
iam.put_user_policy(UserName="hadal", PolicyName="objects", PolicyDocument=policy)
key = iam.create_access_key(UserName="hadal")["AccessKey"]
boto3.client("s3", endpoint_url=address).create_bucket(Bucket="objects")

ActionAuthenticatorMixin.request_count = 0
settings.INITIAL_NO_AUTH_ACTION_COUNT = 0
print(json.dumps({"address": address, "id": key["AccessKeyId"], "secret": key["SecretAccessKey"]}), flush=True)
sys.stdin.read()
