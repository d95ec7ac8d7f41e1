"""Compares codemill's ids with the reference libraries', id for id.

    equal.py --tokenizer cl100k_base --tokenizer llama-3/tokenizer.json [--max-mb 500] [--state FILE] FOLDER...
    equal.py --tokenizer o200k_base --fuzz 3600 [--seed 7] [FOLDER...]

For tiktoken's encodings the reference is tiktoken (encode_ordinary, and encode
with all special tokens allowed), for a tokenizer.json it is tokenizers (with
encode_special_tokens set, and not). Every file of the folders is cut into texts
of at most 1 MiB, in an order that mixes the folders; bytes that are not UTF-8
become U+FFFD, since neither library takes anything else. One batch in three is
also compared with special tokens recognised, and BOS and EOS added.

--fuzz makes texts instead, for so many seconds a tokenizer: characters of every
general category, runs of white space, contractions, digits of all scripts,
combining marks, pieces of special tokens, and pieces of the folders' files.

A difference is cut down to a short text and printed as a line of
tokenize/bpe/testdata/vectors; the exit code is 1 then. With --state an
interrupted comparison goes on where it was. With --answers a digest of the
reference's ids is kept for each batch of texts, so that comparing a changed
encoder with the same texts again takes only its own time. Go must be on the
PATH.
"""

import argparse
import hashlib
import json
import os
import random
import struct
import subprocess
import sys
import tempfile
import time
import unicodedata

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")

import numpy as np  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

import reference  # noqa: E402

ENCODINGS = ["r50k_base", "p50k_base", "p50k_edit", "cl100k_base", "o200k_base"]
RANKS = {"p50k_edit": "p50k_base"}
HERE = os.path.dirname(os.path.abspath(__file__))
BATCH = 2 << 20
PART = 1 << 20


class OpenAI:
    def __init__(self, name, scratch, build):
        ranks = os.path.join(scratch, name + ".tiktoken")
        with open(ranks, "wb") as f:
            subprocess.run([build("ranks"), RANKS.get(name, name)], stdout=f, check=True)
        self.tok, spec = reference.openai(name, ranks)
        self.added, self.identity = list(spec["special_tokens"]), name.encode()

    def encode(self, texts, mode):
        if mode == "t":
            return [self.tok.encode_ordinary(t) for t in texts]
        return [self.tok.encode(t, allowed_special="all") for t in texts]


class HuggingFace:
    def __init__(self, path):
        self.text, self.special = Tokenizer.from_file(path), Tokenizer.from_file(path)
        self.text.encode_special_tokens = True
        with open(path, "rb") as f:
            raw = f.read()
        self.added, self.identity = [t["content"] for t in json.loads(raw)["added_tokens"]], hashlib.sha256(raw).digest()

    def encode(self, texts, mode):
        tok = self.text if mode == "t" else self.special
        return [e.ids for e in tok.encode_batch_fast(texts, add_special_tokens=mode == "f")]


class Codemill:
    """The Go encoder behind a pipe."""

    def __init__(self, name, build):
        self.pipe = subprocess.Popen([build("ids"), name], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def encode(self, texts, mode):
        """Returns the ids of texts; mode is t, s or f, as .ci/interop/ids has them."""
        raw = [t.encode() for t in texts]
        self.pipe.stdin.write(mode.encode() + struct.pack("<I", len(raw)))
        self.pipe.stdin.write(np.array([len(r) for r in raw], "<u4").tobytes())
        self.pipe.stdin.write(b"".join(raw))
        self.pipe.stdin.flush()
        counts = self.read(len(raw))
        ids = self.read(int(counts.sum()))
        return [part.tolist() for part in np.split(ids, np.cumsum(counts)[:-1])]

    def read(self, n):
        data = self.pipe.stdout.read(4 * n)
        if len(data) != 4 * n:
            sys.exit("equal.py: codemill's encoder ended")
        return np.frombuffer(data, "<u4")


def listed(folders):
    """The files of the folders, in an order that mixes them and is always the same."""
    files = []
    for folder in folders:
        for path, dirs, names in os.walk(folder):
            dirs.sort()
            files += [os.path.join(path, n) for n in names]
    files = sorted(p for p in files if os.path.isfile(p) and not os.path.islink(p))
    random.Random(1).shuffle(files)
    return files


def texts_of(path):
    try:
        with open(path, "rb") as f:
            raw = f.read(64 << 20)
    except OSError:
        return []
    return [raw[i:i + PART].decode("utf-8", "replace") for i in range(0, len(raw), PART)]


def shortest(differs, text):
    """Cuts a text that differs down, piece by piece."""
    size = len(text) // 2
    while size:
        at = 0
        while at < len(text):
            less = text[:at] + text[at + size:]
            if less and differs(less):
                text = less
            else:
                at += size
        size //= 2
    return text


class Answers:
    """What the reference has said before: digests of ids by digests of texts, a line of a file each."""

    def __init__(self, path):
        self.known, self.file = {}, open(path, "a+", encoding="ascii")
        self.file.seek(0)
        for line in self.file:
            if len(line) == 66:
                self.known[line[:32]] = line[33:65]

    @staticmethod
    def digest(*parts):
        h = hashlib.blake2b(digest_size=16)
        for p in parts:
            h.update(b"%d " % len(p))
            h.update(p)
        return h.hexdigest()

    def learn(self, key, answer):
        self.known[key] = answer
        self.file.write(f"{key} {answer}\n")
        self.file.flush()


def flat(ids):
    return [np.fromiter(i, "<u4", len(i)).tobytes() for i in ids]


class Comparison:
    def __init__(self, name, ref, mine, answers=None):
        self.name, self.ref, self.mine, self.found, self.answers = name, ref, mine, 0, answers

    def batch(self, texts, mode):
        if not self.answers:
            return self.both(texts, mode, self.mine.encode(texts, mode))
        got = self.mine.encode(texts, mode)
        key = self.answers.digest(self.ref.identity, mode.encode(), *(t.encode() for t in texts))
        digest = self.answers.digest(*flat(got))
        if self.answers.known.get(key) != digest:
            before = self.found
            self.both(texts, mode, got)
            if self.found == before:
                self.answers.learn(key, digest)

    def both(self, texts, mode, mine):
        for text, want, got in zip(texts, self.ref.encode(texts, mode), mine):
            if want != got and self.found < 20:
                self.found += 1
                self.report(text, mode)

    def report(self, text, mode):
        differs = lambda t: self.ref.encode([t], mode) != self.mine.encode([t], mode)  # noqa: E731
        text = shortest(differs, text)
        vector = {"name": "found/", "text": text, "ids": self.ref.encode([text], "t")[0],
                  "special": self.ref.encode([text], "s")[0]}
        print("DIFFERENT", self.name, json.dumps(vector), "codemill", self.mine.encode([text], mode)[0], flush=True)


class State:
    def __init__(self, path):
        self.path, self.all = path, {}
        if path and os.path.exists(path):
            with open(path, encoding="utf-8") as f:
                self.all = json.load(f)

    def get(self, name):
        return self.all.setdefault(name, {"files": 0, "texts": 0, "bytes": 0, "invalid": 0, "different": 0, "seconds": 0})

    def save(self):
        if self.path:
            with open(self.path + ".tmp", "w", encoding="utf-8") as f:
                json.dump(self.all, f, indent=1)
            os.replace(self.path + ".tmp", self.path)


def compare_files(c, files, limit, state):
    s = state.get(c.name)
    while s["files"] < len(files) and s["bytes"] < limit:
        began, texts, size, n = time.time(), [], 0, s["files"]
        while n < len(files) and size < BATCH:
            new = texts_of(files[n])
            texts += new
            size += sum(map(len, new))
            n += 1
        if texts:
            c.batch(texts, "t")
            if n % 3 == 0:
                c.batch(texts, "f")
        s["files"], s["texts"], s["different"] = n, s["texts"] + len(texts), s["different"] + c.found
        c.found = 0
        s["bytes"] += sum(len(t.encode()) for t in texts)
        s["invalid"] += sum("\ufffd" in t for t in texts)
        s["seconds"] += time.time() - began
        state.save()
    print(f"{c.name}: {s['bytes'] / 1e6:.1f} MB, {s['texts']} texts of {s['files']} files ({s['invalid']} with U+FFFD), "
          f"{s['different']} different; {s['seconds']:.0f} s", flush=True)
    return s["different"]


class Writer:
    """Makes texts that are hard to cut right."""

    def __init__(self, seed, added, files):
        self.r = random.Random(seed)
        self.categories = {}
        for cp in range(0x110000):
            if not 0xD800 <= cp < 0xE000:
                self.categories.setdefault(unicodedata.category(chr(cp)), []).append(chr(cp))
        self.names = sorted(self.categories)
        self.added, self.files = added, files
        self.samples = []

    def sample(self):
        if self.files and (len(self.samples) < 50 or self.r.random() < 0.001):
            texts = texts_of(self.r.choice(self.files))
            if texts and texts[0]:
                self.samples = self.samples[-200:] + [texts[0][:100_000]]
        if not self.samples:
            return "The quick brown fox "
        s = self.r.choice(self.samples)
        at = self.r.randrange(len(s))
        return s[at:at + self.r.randrange(1, 40)]

    def piece(self):
        r = self.r
        kind = r.randrange(17)
        few = range(r.choice([1, 1, 2, 3, 5, 9, 40]))
        if kind == 0:
            return "".join(r.choice(" \t\n\r\x0b\x0c\x85\xa0\u1680\u2003\u2028\u3000 \n ") for _ in few)
        if kind == 1:
            return r.choice(" \n\t\r") * r.randrange(1, 12)
        if kind == 2:
            return r.choice("''''\u2019") + "".join(r.choice("sStTmMdDlLvVrReE\u017f\u212aa'") for _ in range(r.randrange(1, 4)))
        if kind == 3:
            return "".join(r.choice(self.categories[r.choice(["Nd", "Nl", "No"])]) for _ in few)
        if kind == 4:
            return "".join(r.choice("0123456789") for _ in few)
        if kind == 5:
            name = r.choice(self.names)
            return "".join(r.choice(self.categories[name]) for _ in few)
        if kind == 6:
            return "".join(r.choice(self.categories[r.choice(self.names)]) for _ in few)
        if kind == 7:
            return r.choice("aeouAEOn\u0915\u1112\uac00") + "".join(r.choice(self.categories["Mn"]) for _ in few)
        if kind == 8:
            return "".join(chr(r.choice([r.randrange(0x1100, 0x1200), r.randrange(0xAC00, 0xD7A4), r.randrange(0x300, 0x370)])) for _ in few)
        if kind == 9:
            return "".join(r.choice("\U0001F600\U0001F468\u200d\ufe0f\u20e3\U0001F1E9\U0001F3FD\u2764#1") for _ in few)
        if kind == 10:
            return "".join(chr(r.randrange(0x4E00, 0x9FFF)) if r.random() < 0.7 else r.choice("\u3042\u30ab\u3000\u3001\u3002\uff0c\uff21\uff11") for _ in few)
        if kind == 11:
            return "".join(r.choice("!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~") for _ in few)
        if kind == 12 and self.added:
            s = r.choice(self.added)
            return s if r.random() < 0.6 else s[:r.randrange(len(s))] + r.choice(["", " ", "x", s])
        if kind == 13:
            return "".join(r.choice("abcXYZ\u00e9\u0416\u03c3\u05d0\u0627\u0e01") for _ in few)
        if kind == 14:
            return self.piece() * r.randrange(2, 5)
        if kind == 15:  # a word of one script
            block = r.randrange(0x80, 0xD800, 0x40)
            return "".join(chr(block + r.randrange(0x40)) for _ in few)
        return self.sample()

    def text(self):
        return "".join(self.piece() for _ in range(self.r.choice([1, 2, 3, 5, 8, 13, 30])))


def fuzz(c, seconds, seed, files, state):
    s = state.get(c.name + " fuzz")
    w = Writer((seed, s["texts"]).__hash__(), c.ref.added, files)
    until, began = time.time() + seconds - s["seconds"], time.time()
    while time.time() < until:
        texts = [t for t in (w.text() for _ in range(2000)) if t]
        c.batch(texts, "t")
        c.batch(texts, "f")
        s["texts"], s["bytes"] = s["texts"] + len(texts), s["bytes"] + sum(len(t.encode()) for t in texts)
        s["different"], c.found = s["different"] + c.found, 0
        s["seconds"] += time.time() - began
        began = time.time()
        state.save()
    print(f"{c.name}: fuzzed {s['texts']} texts, {s['bytes'] / 1e6:.1f} MB, {s['different']} different; {s['seconds']:.0f} s", flush=True)
    return s["different"]


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("folders", nargs="*", help="folders whose files are compared")
    p.add_argument("--tokenizer", action="append", required=True, help="a tiktoken encoding or a tokenizer.json; more than one may be given")
    p.add_argument("--max-mb", type=float, default=500, help="most text a tokenizer")
    p.add_argument("--min-mb", type=float, default=0, help="least text that must have been compared")
    p.add_argument("--state", help="file to remember in what is done")
    p.add_argument("--answers", help="file to remember the reference's answers in")
    p.add_argument("--fuzz", type=float, default=0, help="compare made texts, for so many seconds a tokenizer")
    p.add_argument("--seed", type=int, default=1, help="of the made texts")
    args = p.parse_args()
    answers = Answers(args.answers) if args.answers else None
    state, files, different, least = State(args.state), listed(args.folders), 0, float("inf")
    with tempfile.TemporaryDirectory(prefix="codemill-equal-") as scratch:
        def build(name):
            path = os.path.join(scratch, name)
            if not os.path.exists(path):
                subprocess.run(["go", "build", "-o", path, "./" + name], cwd=HERE, check=True)
            return path
        for name in args.tokenizer:
            ref = OpenAI(name, scratch, build) if name in ENCODINGS else HuggingFace(name)
            mine = Codemill(name if name in ENCODINGS else os.path.abspath(name), build)
            c = Comparison(name, ref, mine, None if args.fuzz else answers)
            if args.fuzz:
                different += fuzz(c, args.fuzz, args.seed, files, state)
                least = min(least, state.get(name + " fuzz")["bytes"])
            else:
                different += compare_files(c, files, args.max_mb * 1e6, state)
                least = min(least, state.get(name)["bytes"])
            mine.pipe.stdin.close()
    if different:
        sys.exit(f"equal.py: {different} texts have other ids")
    if least < max(1, args.min_mb * 1e6):
        sys.exit(f"equal.py: only {least / 1e6:.1f} MB were compared")


if __name__ == "__main__":
    main()
