"""AWS Signature Version 4 by hand, so that tests can get every part of it wrong."""

import datetime
import hashlib
import hmac
from urllib.parse import parse_qsl, quote, urlsplit

SERVICE = "sqs"


def digest(key, text):
    return hmac.new(key, text.encode(), hashlib.sha256).digest()


def stamp(shift_seconds=0):
    now = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=shift_seconds)
    return now.strftime("%Y%m%dT%H%M%SZ")


def signature(secret, time, region, method, path, query, headers, names, payload_hash):
    canonical_query = "&".join(f"{quote(k, '-_.~')}={quote(v, '-_.~')}" for k, v in sorted(parse_qsl(query, True)))
    canonical = "\n".join([method, quote(path, "/-_.~"), canonical_query,
                           *(f"{name}:{' '.join(headers[name].split())}" for name in names), "", ";".join(names), payload_hash])
    scope = f"{time[:8]}/{region}/{SERVICE}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{time}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    key = ("AWS4" + secret).encode()
    for part in scope.split("/"):
        key = digest(key, part)
    return scope, hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


class Signer:
    """Signs in the Authorization header. `shift_seconds` moves the clock; `token` is a session token."""

    def __init__(self, key, secret, region="us-east-1", shift_seconds=0, token=None):
        self.key, self.secret, self.region = key, secret, region
        self.shift_seconds, self.token = shift_seconds, token

    def __call__(self, method, path, body, headers):
        parts = urlsplit(path)
        signed = {**headers, "X-Amz-Date": stamp(self.shift_seconds)}
        if self.token:
            signed["X-Amz-Security-Token"] = self.token
        lower = {name.lower(): value for name, value in signed.items()}
        names = sorted(name for name in lower if name in ("host", "content-type") or name.startswith("x-amz-"))
        scope, value = signature(self.secret, signed["X-Amz-Date"], self.region, method, parts.path, parts.query, lower, names,
                                 hashlib.sha256(body).hexdigest())
        signed["Authorization"] = (f"AWS4-HMAC-SHA256 Credential={self.key}/{scope}, SignedHeaders={';'.join(names)}, "
                                   f"Signature={value}")
        return signed


def presign(key, secret, host, path, query, expires=300, shift_seconds=0, region="us-east-1"):
    """A GET's path and query, signed in the query."""
    time = stamp(shift_seconds)
    scope = f"{time[:8]}/{region}/{SERVICE}/aws4_request"
    query = "&".join(filter(None, [
        query, "X-Amz-Algorithm=AWS4-HMAC-SHA256", f"X-Amz-Credential={quote(f'{key}/{scope}', '')}", f"X-Amz-Date={time}",
        f"X-Amz-Expires={expires}", "X-Amz-SignedHeaders=host"]))
    _, value = signature(secret, time, region, "GET", path, query, {"host": host}, ["host"], hashlib.sha256(b"").hexdigest())
    return f"{path}?{query}&X-Amz-Signature={value}"
