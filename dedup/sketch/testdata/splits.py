#!/usr/bin/env python3
"""Writes splits.json: texts and the tokens that the published splittings make
of them, and how many shingles, for TestPublishedSplittings.

    python3 splits.py > splits.json        (made with Python 3.11, Unicode 14)

The splittings are those of bigcode-dataset, near_deduplication:
minhash_deduplication.py (v1), bigcode-v2/intra_dedup.py (v2); done again here.
"""
import json
import random
import re
import sys
import unicodedata

V1 = re.compile("[^A-Za-z_0-9]")
V2 = re.compile(r"\W", re.UNICODE)
CODE = re.compile(rb"[0-9A-Za-z_\x80-\xff]+|[!-/:-@\[-^`{-~]+")


def v1(text, n):
    tokens = V1.split(text)
    if len(tokens) < 5:
        return tokens, set()
    return tokens, {tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)}


def v2(text, n):
    tokens = V2.split(text.lower())
    if len(tokens) < 5:
        return tokens, set()
    return tokens, {" ".join(tokens[i : i + n]) for i in range(max(1, len(tokens) - n + 1))}


def plain(tokens, n):
    return tokens, {tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)}


def code(text, n):
    # As Latin-1, for a token may be any bytes.
    return plain([t.decode("latin-1") for t in CODE.findall(text.encode())], n)


def chars(text, n):
    return plain(list(text), n)


SPLITS = {"stack-v1": v1, "stack-v2": v2, "code": code, "chars": chars}

TEXTS = [
    "", " ", "a", "a b c d", "a b c d e", " a b c d", "a  b\n\nc", "a.b.c.d.e.f", "....", ".....", "a b c d e f g h",
    "def f(x):\n    return x + 1\n", "for (int i = 0; i < n; i++) { sum += a[i]; }\n",
    "snake_case camelCase SCREAMING_CASE kebab-case 0x1F 1e-9 __init__\n",
    "\u00c4\u00d6\u00dc \u00e4\u00f6\u00fc stra\u00dfe STRASSE \u1e9e", "\u0130stanbul I\u0307 \u0131 i a b c",
    "\u039f\u0394\u03a5\u03a3\u03a3\u0395\u03a5\u03a3 \u03a3 \u03a3\u03a3 \u0391\u03a3. \u0391\u03a3.\u0391 \u03a3\u0391 \u0391\u0301\u03a3\u0301 \u0391\u2019\u03a3\u2019\u03a3 a\u03a3_ 1\u03a3",
    "\u043f\u0440\u0438\u0432\u0435\u0442, \u041c\u0418\u0420! \u4f60\u597d\uff0c\u4e16\u754c\u3002 \u3053\u3093\u306b\u3061\u306f \u00bd \u00b2 \u2167 \u2460 \u0663",
    "\u0928\u092e\u0938\u094d\u0924\u0947 e\u0301 x\u20dd y\u200dz \u00aa\u00ba\u02b0 \u216b \u24b6 \u10a0\u10d0\u1c90 \u13a0\uab70",
    "\U0001f600 \U0001d400\U0001d7d8 \U00010400\U00010428 \U0001e900 \u2028\u2029\u00a0\u3000\ufeff end of it",
    "// \u00a9 2024 M\u00fcller & S\u00f8n \u2014 \u201call rights\u201d \u2026 reserved\n#include <stdio.h>\nint main(void) { puts(\"\u00e9\"); }\n",
    "\x00\x01 \x7f\x80\x85 a\tb\rc\r\nd",
]


def main():
    rng = random.Random(4)
    letters = [chr(c) for c in range(0x20, 0x30000) if unicodedata.category(chr(c))[0] not in "C"]
    texts = list(TEXTS)
    for _ in range(40):
        some = rng.sample(letters, 30) + list("aZ_09 .'\u03a3\u0130\u0301")
        texts.append("".join(rng.choices(some, k=rng.randrange(5, 120))))
    rows = []
    for text in texts:
        row = {"text": text, "splits": {}}
        for name, split in SPLITS.items():
            row["splits"][name] = {
                "tokens": split(text, 5)[0],
                "shingles": {n: len(split(text, n)[1]) for n in (1, 2, 5, 7, 13)},
            }
        rows.append(row)
    json.dump(rows, sys.stdout, indent=0, sort_keys=True)


main()
