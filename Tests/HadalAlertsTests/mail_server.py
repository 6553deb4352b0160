"""A mail server for tests: prints its port, then each message it took as a line of JSON, and ends with its standard
input. Arguments as JSON: security (plain, starttls, tls), certificate, key, mechanism (PLAIN, LOGIN), refused (a
list of addresses), say (a reply to the text), inject (what is sent with the answer to STARTTLS)."""

import asyncio
import email
import email.policy
import json
import ssl
import sys

from aiosmtpd.smtp import SMTP, AuthResult

options = json.loads(sys.argv[1])
security = options.get("security", "plain")


class Handler:
    async def handle_RCPT(self, server, session, envelope, address, rcpt_options):
        if address in options.get("refused", []):
            return "550 no such mailbox"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        print(
            json.dumps(
                {
                    "from": envelope.mail_from,
                    "to": envelope.rcpt_tos,
                    "subject": message["Subject"],
                    "headers": {name: value for name, value in message.items()},
                    "body": message.get_content(),
                    "longest": max(map(len, envelope.original_content.split(b"\r\n"))),
                    "ascii": envelope.original_content.isascii(),
                    "tls": session.ssl is not None or security == "tls",
                    "user": session.auth_data,
                    "name": session.host_name,
                }
            ),
            flush=True,
        )
        return options.get("say", "250 OK")


class Server(SMTP):
    async def smtp_STARTTLS(self, arg):
        if "inject" in options:
            await self.push("220 Ready\r\n" + options["inject"])
            return
        await super().smtp_STARTTLS(arg)


def authenticator(server, session, envelope, mechanism, data):
    isRight = data.login == "hadal".encode() and data.password == "pass word ü".encode()
    return AuthResult(success=isRight, handled=False, auth_data=mechanism if isRight else None)


async def main():
    context = None
    if security != "plain":
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(options["certificate"], options["key"])
    excluded = {"PLAIN", "LOGIN"} - {options["mechanism"]} if "mechanism" in options else set()

    def make():
        return Server(
            Handler(),
            tls_context=context if security == "starttls" else None,
            require_starttls=security == "starttls",
            authenticator=authenticator,
            auth_require_tls=security == "starttls",
            auth_required="mechanism" in options,
            auth_exclude_mechanism=excluded,
        )

    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, "127.0.0.1", 0, ssl=context if security == "tls" else None)
    print(server.sockets[0].getsockname()[1], flush=True)
    await loop.run_in_executor(None, sys.stdin.read)


asyncio.run(main())
