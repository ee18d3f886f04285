"""Requests by hand, for what no SDK sends. Standard library only."""

import http.client
import io
import json
import re
import socket
import time
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

TIMEOUT_SECONDS = 60
JSON_TYPE = "application/x-amz-json-1.0"
FORM_TYPE = "application/x-www-form-urlencoded"


class Reply:
    def __init__(self, status, headers, body):
        self.status, self.body = status, body
        self.headers = {name.lower(): value for name, value in headers}

    def json(self):
        return json.loads(self.body)

    def xml(self, path):
        """The text of the first element at `path`, namespaces left out; None if there is none."""
        tree = ElementTree.fromstring(re.sub(rb' xmlns="[^"]*"', b"", self.body))
        found = tree.find(path)
        return None if found is None else found.text or ""

    def seen(self):
        """(status, error code, text) in whichever protocol's form this reply is; what is missing is None."""
        kind = self.headers.get("content-type", "")
        if "json" in kind and self.body:
            told = self.json()
            told = told.get("Error", told) if isinstance(told, dict) else {}
            code = told.get("__type") or told.get("Code") or told.get("code")
            message = next((told[key] for key in ("message", "Message") if key in told), None)
            return self.status, code and code.rpartition("#")[2], message
        if "xml" in kind and self.body:
            bare = re.fullmatch(rb"<(\w+)/>\s*", self.body)  # an error that is only an element of its name
            return self.status, bare[1].decode() if bare else self.xml("Error/Code"), self.xml("Error/Message")
        return self.status, None, None

    def __repr__(self):
        return f"{self.status} {self.headers} {self.body[:300]!r}"


class Wire:
    """One server. Every call opens a connection of its own; `sign` may change a request's headers before it is sent."""

    def __init__(self, endpoint, sign=None):
        address = urlsplit(endpoint)
        self.host, self.port, self.sign = address.hostname, address.port, sign

    def authority(self):
        return f"{self.host}:{self.port}"

    def request(self, method, path, body=b"", headers=None, timeout=TIMEOUT_SECONDS):
        headers = {"Host": self.authority(), **(headers or {})}
        body = body.encode() if isinstance(body, str) else body
        if self.sign:
            headers = self.sign(method, path, body, headers)
        connection = http.client.HTTPConnection(self.host, self.port, timeout=timeout)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if "Content-Length" not in headers and "Transfer-Encoding" not in headers and (body or method == "POST"):
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body or None)
            reply = connection.getresponse()
            return Reply(reply.status, reply.getheaders(), reply.read())
        finally:
            connection.close()

    def json(self, operation, given, path="/", target="AmazonSQS.", headers=None):
        body = given if isinstance(given, (str, bytes)) else json.dumps(given)
        return self.request("POST", path, body, {
            "Content-Type": JSON_TYPE, "X-Amz-Target": target + operation, **(headers or {})})

    def query(self, action, given=None, path="/", headers=None, method="POST"):
        text = urlencode({"Action": action, **(given or {})}, quote_via=quote)
        if method == "GET":
            return self.request("GET", f"{path}?{text}", headers=headers)
        return self.request(method, path, text, {"Content-Type": FORM_TYPE, **(headers or {})})

    def connect(self, source=None, timeout=TIMEOUT_SECONDS):
        return socket.create_connection((self.host, self.port), timeout, source_address=source)

    def talk(self, *parts, pause=0.0, timeout=TIMEOUT_SECONDS, half_close=False):
        """Sends bytes as they are, with a pause between the parts, and reads until the server closes or is silent.
        Returns all bytes that came; a server that stops reading while we send is no error."""
        with self.connect(timeout=timeout) as connection:
            try:
                for number, part in enumerate(parts):
                    time.sleep(pause if number else 0)
                    connection.sendall(part)
                if half_close:
                    connection.shutdown(socket.SHUT_WR)
            except OSError:
                pass
            return read_all(connection)


def read_all(connection):
    got = bytearray()
    try:
        while part := connection.recv(1 << 16):
            got += part
    except OSError:
        pass
    return bytes(got)


class Canned(io.BytesIO):
    """Bytes that http.client takes for a socket."""

    def makefile(self, *_):
        return self


def replies(data):
    """All replies in a stream of bytes, those of 100-continue left out."""
    source, found = Canned(data), []
    while source.tell() < len(data):
        reply = http.client.HTTPResponse(source)
        reply.close = lambda: None  # the stream holds the next reply too
        reply._close_conn = lambda: None
        reply.begin()
        found.append(Reply(reply.status, reply.getheaders(), reply.read()))
    return found
