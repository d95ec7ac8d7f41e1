"""One tokenizer of PyPI as a side of `go run ./bench tokenizer`.

    python tokenizers_side.py NAME

speaks the protocol of bench/README.md on its standard streams: a line with a
command in, a line "ok …" or "error …" out. BENCH_THREADS says how many threads
a pass may use.

Every library is called the way that is fastest for it and still hands out the
ids: many texts at a time where it can, flat arrays instead of lists where it
can, special tokens left as text.
"""

import array
import base64
import gc
import importlib.metadata
import os
import sys
import time

THREADS = int(os.environ.get("BENCH_THREADS", "1"))
BATCH = 16 << 20  # bytes of text handed over at a time


class Side:
    """What one library needs: load makes a new encoder; encode takes texts and
    returns whatever the library returns; ids turns that into sequences."""

    package = ""  # on PyPI
    wants_bytes = False

    def load(self, vocab):
        raise NotImplementedError

    def encode(self, texts):
        raise NotImplementedError

    def ids(self, result):
        return result


class Vocabulary:
    """A vocabulary by its name, with the files it comes in: OpenAI's have their
    ranks and a tokenizer.json, others the latter alone."""

    def __init__(self, name, ranks, json):
        self.name, self.json = name, json
        self.has_ranks, self._ranks = ranks != "-", ranks

    @property
    def ranks(self):
        if not self.has_ranks:
            raise ValueError("has OpenAI's vocabularies only")
        return self._ranks

    @property
    def openai(self):
        """The name, if it is one of OpenAI's."""
        return self.ranks and self.name


def read_ranks(path):
    with open(path, "rb") as f:
        return {base64.b64decode(t): int(r) for t, r in (line.split() for line in f)}


def definition(vocab):
    """The encoding as tiktoken defines it, with the ranks of the file."""
    import tiktoken_ext.openai_public as public

    ranks = read_ranks(vocab.ranks)
    public.load_tiktoken_bpe = lambda *_args, **_kw: ranks
    return getattr(public, vocab.name)()


def split_flat(flat, lengths):
    at = 0
    for n in lengths:
        yield flat[at : at + n]
        at += n


class Tiktoken(Side):
    package = "tiktoken"

    def load(self, vocab):
        import tiktoken

        self.tok = tiktoken.Encoding(**definition(vocab))

    def encode(self, texts):
        if THREADS == 1:
            return [self.tok.encode_ordinary(t) for t in texts]
        return self.tok.encode_ordinary_batch(texts, num_threads=THREADS)


class Tokenizers(Side):
    package = "tokenizers"

    def load(self, vocab):
        from tokenizers import Tokenizer

        self.tok = Tokenizer.from_file(vocab.json)
        self.tok.encode_special_tokens = True

    def encode(self, texts):
        return self.tok.encode_batch_fast(texts, add_special_tokens=False)

    def ids(self, result):
        return [e.ids for e in result]


class Gigatoken(Side):
    package = "gigatoken"
    wants_bytes = True

    def load(self, vocab):
        import gigatoken

        if vocab.has_ranks:
            self.tok = gigatoken.Tokenizer.from_tiktoken(vocab.ranks)
        else:
            self.tok = gigatoken.Tokenizer(vocab.json)

    def encode(self, texts):
        return self.tok.encode_batch(texts, parallel=THREADS > 1)

    def ids(self, result):
        return result.to_list()


class Quicktok(Side):
    package = "quicktok-v1"

    def load(self, vocab):
        import quicktok

        self.tok = quicktok.get_encoding(vocab.openai)

    def encode(self, texts):
        return self.tok.encode_batch(texts, threads=THREADS)

    def ids(self, result):
        flat, offsets = result
        return split_flat(flat, [int(b) - int(a) for a, b in zip(offsets, offsets[1:])])


class BpeOpenAI(Side):
    package = "bpe-openai"

    def load(self, vocab):
        import bpe_openai

        self.tok = bpe_openai.get_encoding(vocab.openai)

    def encode(self, texts):
        if THREADS == 1:
            return [self.tok.encode_ordinary(t) for t in texts]
        return self.tok.encode_ordinary_batch(texts, num_threads=THREADS)


class Riptoken(Side):
    package = "riptoken"

    def load(self, vocab):
        import riptoken

        d = definition(vocab)
        self.tok = riptoken.CoreBPE(d["mergeable_ranks"], d["special_tokens"], d["pat_str"])

    def encode(self, texts):
        if THREADS == 1:
            return [self.tok.encode_ordinary(t) for t in texts]
        return self.tok.encode_ordinary_batch(texts)


class RsBpe(Side):
    package = "rs-bpe"

    def load(self, vocab):
        from rs_bpe.bpe import openai

        self.tok = getattr(openai, vocab.openai)()

    def encode(self, texts):
        if THREADS == 1:
            return [self.tok.encode(t) for t in texts]
        return self.tok.encode_batch_parallel(texts, self.options())[0]

    def options(self):
        from rs_bpe.bpe import openai

        return openai.ParallelOptions(min_batch_size=2, chunk_size=16, max_threads=THREADS)


class Splintr(Side):
    package = "splintr-rs"

    def load(self, vocab):
        import splintr

        if vocab.has_ranks:
            self.tok = splintr.Tokenizer.from_pretrained(vocab.name)
        else:
            self.tok = splintr.from_json(vocab.json)
        self.tok.clear_cache()

    def encode(self, texts):
        if THREADS == 1:
            return [self.tok.encode_flat(t) for t in texts]
        return self.tok.encode_batch_flat(texts)

    def ids(self, result):
        if isinstance(result, list):
            return [flat_ids(r) for r in result]
        return unflatten(result)


def flat_ids(buffer):
    """Ids of one text from whatever buffer a library gives them in."""
    if isinstance(buffer, (bytes, bytearray, memoryview)):
        return memoryview(buffer).cast("B").cast("I")
    return buffer


def unflatten(result):
    """Ids by text of a pair of a flat buffer and lengths or offsets."""
    flat, marks = flat_ids(result[0]), [int(m) for m in flat_marks(result[1])]
    if marks and marks[0] == 0 and marks[-1] == len(flat) and all(a <= b for a, b in zip(marks, marks[1:])):
        marks = [b - a for a, b in zip(marks, marks[1:])]
    return split_flat(flat, marks)


def flat_marks(marks):
    if isinstance(marks, (bytes, bytearray, memoryview)):
        return memoryview(marks).cast("B").cast("Q")
    return marks


class Iree(Side):
    package = "iree-tokenizer"

    def load(self, vocab):
        from iree.tokenizer import Tokenizer

        if vocab.has_ranks:
            self.tok = Tokenizer.from_tiktoken(vocab.ranks, vocab.name)
        else:
            self.tok = Tokenizer.from_file(vocab.json)

    def encode(self, texts):
        return [self.tok.encode_to_array(t) for t in texts]


class Kitoken(Side):
    package = "kitoken"

    def load(self, vocab):
        from kitoken import Kitoken as K

        if vocab.has_ranks:
            self.tok = K.from_tiktoken_file(vocab.ranks)
        else:
            self.tok = K.from_tokenizers_file(vocab.json)

    def encode(self, texts):
        if THREADS == 1:
            return [self.tok.encode(t, False) for t in texts]
        return self.tok.encode_all(texts, False)


class Fastokens(Side):
    package = "fastokens"

    def load(self, vocab):
        from fastokens import Tokenizer

        if vocab.has_ranks:
            self.tok = Tokenizer.from_tiktoken(vocab.ranks, encoding=vocab.name)
        else:
            self.tok = Tokenizer.from_file(vocab.json)

    def encode(self, texts):
        return self.tok.encode_batch_flat(texts, add_special_tokens=False, split_special_tokens=True)

    def ids(self, result):
        return unflatten(result)


class Snaptokens(Side):
    package = "snaptokens"

    def load(self, vocab):
        from snaptokens import Tokenizer

        self.tok = Tokenizer.from_file(vocab.json)

    def encode(self, texts):
        return self.tok.encode_batch_flat(texts, add_special_tokens=False)

    def ids(self, result):
        return unflatten(result)


class Tokie(Side):
    package = "tokie"

    def load(self, vocab):
        from tokie import Tokenizer

        self.tok = Tokenizer.from_json(vocab.json)

    def encode(self, texts):
        return self.tok.encode_batch_flat(texts, add_special_tokens=False)

    def ids(self, result):
        return unflatten(result)


class Morpheme(Side):
    package = "morpheme"

    def load(self, vocab):
        from morpheme import Tokenizer

        self.tok = Tokenizer.from_file(vocab.json)

    def encode(self, texts):
        return self.tok.encode_batch(texts, add_special_tokens=False)

    def ids(self, result):
        return [e.ids for e in result]


class Budtiktok(Side):
    package = "budtiktok"

    def load(self, vocab):
        import budtiktok

        self.tok = budtiktok.Tokenizer.from_file(vocab.json)

    def encode(self, texts):
        return self.tok.encode_batch(texts, add_special_tokens=False)

    def ids(self, result):
        return [e.ids for e in result]


SIDES = {
    "tiktoken": Tiktoken,
    "tokenizers": Tokenizers,
    "gigatoken": Gigatoken,
    "quicktok": Quicktok,
    "bpe-openai": BpeOpenAI,
    "riptoken": Riptoken,
    "rs-bpe": RsBpe,
    "splintr": Splintr,
    "iree-tokenizer": Iree,
    "kitoken": Kitoken,
    "fastokens": Fastokens,
    "snaptokens": Snaptokens,
    "tokie": Tokie,
    "morpheme": Morpheme,
    "budtiktok": Budtiktok,
}


def read_texts(path, as_bytes):
    """The texts of a file: for each its length, four bytes, and its bytes."""
    texts = []
    with open(path, "rb") as f:
        while head := f.read(4):
            t = f.read(int.from_bytes(head, "little"))
            texts.append(t if as_bytes else t.decode())
    return texts


def batches(texts, sizes):
    """Runs of texts of about BATCH bytes."""
    start = size = 0
    for i, n in enumerate(sizes):
        size += n
        if size >= BATCH:
            yield texts[start : i + 1]
            start, size = i + 1, 0
    if start < len(texts):
        yield texts[start:]


class Server:
    """Carries out the commands."""

    def __init__(self, side):
        self.side, self.texts, self.sizes = side, [], []

    def do_texts(self, path):
        self.texts = read_texts(path, self.side.wants_bytes)
        self.sizes = [len(t) if self.side.wants_bytes else len(t.encode()) for t in self.texts]
        return f"{len(self.texts)}"

    def do_load(self, *vocab):
        self.side.load(Vocabulary(*vocab))
        return importlib.metadata.version(self.side.package)

    def do_pass(self, count):
        parts = list(batches(self.texts[: int(count)], self.sizes[: int(count)]))
        gc.collect()
        gc.disable()
        cpu, wall = time.process_time(), time.perf_counter()
        for part in parts:
            self.side.encode(part)
        cpu, wall = time.process_time() - cpu, time.perf_counter() - wall
        gc.enable()
        return f"{cpu:.6f}\t{wall:.6f}"

    def do_ids(self, count, path):
        n = int(count)
        with open(path, "wb") as f:
            for part in batches(self.texts[:n], self.sizes[:n]):
                for ids in self.side.ids(self.side.encode(part)):
                    ids = array.array("I", (int(i) for i in ids))
                    f.write(len(ids).to_bytes(4, "little"))
                    f.write(ids.tobytes())
        return f"{n}"


def main():
    server = Server(SIDES[sys.argv[1]]())
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what a library prints is no answer
    for line in sys.stdin:
        command, *args = line.rstrip("\n").split("\t")
        try:
            answer = "ok\t" + getattr(server, "do_" + command)(*args)
        except BaseException as e:  # a library's panic is no Exception
            answer = "error\t" + " ".join(f"{type(e).__name__}: {e}".split())
        print(answer, file=out, flush=True)


if __name__ == "__main__":
    main()
