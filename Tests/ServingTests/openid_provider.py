"""An OpenID provider for tests, made of Authlib and Flask: openid_provider.py [--algorithm A] [--client-secret S] …

Listens on 127.0.0.1 and prints its port, then serves until it is killed. Whoever asks is logged in as the user of
`/user`. Beside discovery, keys, authorization (PKCE is required) and token endpoint, a test changes things by POST with
JSON:

  /user     {"sub": "ada", "roles": ["staff"], …}: claims of who logs in from now on
  /sign     {"claims": {…}, "header": {…}}: a token signed with the current key; null removes a member
  /rotate   {"keep": false}: signs with a new key; the old ones stay in the key set unless `keep` is false
  /status   (GET) how often the key set was fetched
"""
import argparse
import logging
import time
import uuid

from authlib.integrations.flask_oauth2 import AuthorizationServer
from authlib.oauth2.rfc6749 import ClientMixin, grants, list_to_scope, scope_to_list
from authlib.oauth2.rfc7636 import CodeChallenge
from authlib.oauth2.rfc9207 import IssuerParameter
from authlib.oidc.core import AuthorizationCodeMixin, OpenIDCode
from flask import Flask, request
from joserfc import jwk, jwt
from werkzeug.serving import make_server

parser = argparse.ArgumentParser()
parser.add_argument("--algorithm", default="RS256", choices=["RS256", "PS256", "ES256", "EdDSA"])
parser.add_argument("--client-id", default="console")
parser.add_argument("--client-secret", help="without one the client is public")
parser.add_argument("--redirect-uri", default="http://127.0.0.1/console/login")
options = parser.parse_args()

app = Flask(__name__)
user = {"sub": "ada", "name": "Ada Lovelace", "email": "ada@example.org", "email_verified": True, "roles": ["staff"]}
keys = []
key_fetches = 0
codes = {}


def rotate(keep=True):
    identity = {"kid": uuid.uuid4().hex, "use": "sig", "alg": options.algorithm}
    if options.algorithm == "ES256":
        key = jwk.ECKey.generate_key("P-256", identity)
    elif options.algorithm == "EdDSA":
        key = jwk.OKPKey.generate_key("Ed25519", identity)
    else:
        key = jwk.RSAKey.generate_key(2048, identity)
    keys[:] = [key] + (keys if keep else [])


def sign(claims, header):
    header = {"alg": options.algorithm, "typ": "JWT", "kid": keys[0].kid} | header
    header = {name: value for name, value in header.items() if value is not None}
    claims = {name: value for name, value in claims.items() if value is not None}
    return jwt.encode(header, claims, keys[0], algorithms=[options.algorithm])


class Client(ClientMixin):
    def get_client_id(self):
        return options.client_id

    def get_default_redirect_uri(self):
        return options.redirect_uri

    def get_allowed_scope(self, scope):
        return list_to_scope([s for s in scope_to_list(scope) if s in ("openid", "profile", "email")])

    def check_redirect_uri(self, redirect_uri):
        return redirect_uri == options.redirect_uri

    def check_client_secret(self, client_secret):
        return client_secret == options.client_secret

    def check_endpoint_auth_method(self, method, endpoint):
        return method == ("client_secret_basic" if options.client_secret else "none")

    def check_response_type(self, response_type):
        return response_type == "code"

    def check_grant_type(self, grant_type):
        return grant_type == "authorization_code"


class Code(AuthorizationCodeMixin):
    def __init__(self, code, asked):
        self.code = code
        self.user = dict(user)
        self.auth_time = int(time.time())
        self.redirect_uri = asked.payload.redirect_uri
        self.scope = asked.scope
        self.nonce = asked.payload.data.get("nonce")
        self.code_challenge = asked.payload.data.get("code_challenge")
        self.code_challenge_method = asked.payload.data.get("code_challenge_method")

    def get_redirect_uri(self):
        return self.redirect_uri

    def get_scope(self):
        return self.scope

    def get_nonce(self):
        return self.nonce

    def get_auth_time(self):
        return self.auth_time

    # What a user's claims say of these goes into the token as it is.
    def get_acr(self):
        return None

    def get_amr(self):
        return None


class CodeGrant(grants.AuthorizationCodeGrant):
    TOKEN_ENDPOINT_AUTH_METHODS = ["client_secret_basic", "none"]

    def save_authorization_code(self, code, request):
        codes[code] = Code(code, request)

    def query_authorization_code(self, code, client):
        return codes.get(code)

    def delete_authorization_code(self, authorization_code):
        del codes[authorization_code.code]

    def authenticate_user(self, authorization_code):
        return authorization_code.user


class SignedIdentity(OpenIDCode):
    def exists_nonce(self, nonce, request):
        return any(code.nonce == nonce for code in codes.values())

    def generate_user_info(self, user, scope):
        return user

    def get_client_algorithm(self, client):
        return options.algorithm

    def get_client_claims(self, client):
        now = int(time.time())
        return {"iss": issuer, "aud": options.client_id, "iat": now, "exp": now + 300}

    def get_encode_header(self, client):
        return {"alg": options.algorithm, "kid": keys[0].kid}

    def resolve_client_private_key(self, client):
        return keys[0]


class NamedIssuer(IssuerParameter):
    def get_issuer(self):
        return issuer


server = AuthorizationServer(
    app,
    query_client=lambda name: Client() if name == options.client_id else None,
    save_token=lambda token, request: None,
)
server.register_grant(CodeGrant, [CodeChallenge(required=True), SignedIdentity(require_nonce=True)])
server.register_extension(NamedIssuer())


@app.get("/.well-known/openid-configuration")
def discovery():
    return {
        "issuer": issuer,
        "authorization_endpoint": issuer + "/authorize",
        "token_endpoint": issuer + "/token",
        "jwks_uri": issuer + "/keys",
        "response_types_supported": ["code"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": [options.algorithm],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic" if options.client_secret else "none"],
        "authorization_response_iss_parameter_supported": True,
    }


@app.get("/keys")
def key_set():
    global key_fetches
    key_fetches += 1
    return {"keys": [key.as_dict(private=False) for key in keys]}


@app.get("/authorize")
def authorize():
    grant = server.get_consent_grant(end_user=user)
    return server.create_authorization_response(grant_user=user, grant=grant)


@app.post("/token")
def token():
    return server.create_token_response()


@app.post("/user")
def change_user():
    user.clear()
    user.update(request.get_json())
    return user


@app.post("/sign")
def sign_anything():
    wanted = request.get_json()
    now = int(time.time())
    claims = {"iss": issuer, "aud": "hadal", "iat": now, "exp": now + 300} | user | wanted.get("claims", {})
    return {"token": sign(claims, wanted.get("header", {}))}


@app.post("/rotate")
def rotate_keys():
    rotate(keep=(request.get_json(silent=True) or {}).get("keep", True))
    return {"kid": keys[0].kid}


@app.get("/status")
def status():
    return {"key_fetches": key_fetches}


rotate()
logging.getLogger("werkzeug").setLevel(logging.ERROR)
http = make_server("127.0.0.1", 0, app, threaded=True)
issuer = f"http://127.0.0.1:{http.server_port}"
print(http.server_port, flush=True)
http.serve_forever()
