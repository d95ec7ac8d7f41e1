"""The reference libraries, without the network."""

import base64
import hashlib

import tiktoken
import tiktoken_ext.openai_public as openai_public


def openai(name, ranks):
    """Returns tiktoken's encoding of that name, and its definition, with ranks from a file.

    The file's checksum must be the one that tiktoken itself asks for;
    `go run ./.ci/interop/ranks NAME` writes it.
    """
    with open(ranks, "rb") as f:
        raw = f.read()

    def load(_url, expected_hash):
        have = hashlib.sha256(raw).hexdigest()
        if have != expected_hash:
            raise ValueError(f"{ranks}: checksum {have}, tiktoken asks for {expected_hash}")
        return {base64.b64decode(t): int(r) for t, r in (line.split() for line in raw.splitlines())}

    openai_public.load_tiktoken_bpe = load
    spec = getattr(openai_public, name)()
    return tiktoken.Encoding(**spec), spec


def byte_level():
    """GPT-2's characters for bytes."""
    table, n = {}, 0
    for b in range(256):
        if 33 <= b <= 126 or 161 <= b <= 172 or 174 <= b <= 255:
            table[b] = chr(b)
        else:
            table[b] = chr(256 + n)
            n += 1
    return table
