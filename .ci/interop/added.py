"""Compares added tokens and post-processors with the tokenizers library.

    added.py [--seconds 60] [--seed 1] [--write tokenize/bpe/testdata/added.jsonl]

It makes small tokenizer.json files with random added tokens (lstrip, rstrip,
single_word, normalized, special, and contents that overlap each other, hold
white space or change in NFC), normalizers, pre-tokenizers and post-processors,
and random texts from the same characters, and compares ids with special tokens
as text, with special tokens recognised, and with what the post-processor adds.
--write keeps the first files as test vectors. Files that the library refuses and
texts on which it panics are left out.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import unicodedata

from tokenizers import Tokenizer

from equal import HERE, Codemill
from reference import byte_level

CONTENTS = ["<s>", "</s>", "<s>x", "<", "ab", "abc", "b", "a", " ", "  ", "\t", " a", "a ", "\n", "é", "e\u0301", "中", "_", "1", "x y",
            "\u3000", "[M]", "\u00c5", "\u212b", "\u0301", "'s", "\u0e01", "<s> "]
LETTERS = CONTENTS + [" ", "   ", "\t\n", "\u3000 ", "\u00a0", "\u0085", "\u2028", "x", "word", "-", "\u200d", "\u2167", "\u24d0", "\u00bd",
                      "\u0660", "\u203f", "\U0001F130", "e", "\u0323", ".", "\u093f", "s>", "<s"]


def vocabulary():
    vocab = {c: i for i, c in enumerate(byte_level()[b] for b in range(256))}
    merges = [("a", "b"), ("Ġ", "a"), ("Ġ", "Ġ"), ("ab", "c"), ("Ã", "©"), ("<", "s"), ("<s", ">")]
    for left, right in merges:
        vocab[left + right] = len(vocab)
    return vocab, [list(m) for m in merges]


def post_processor(r, added):
    bytes_only = {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": r.random() < 0.5, "use_regex": True}
    token = lambda: (lambda a: [a["content"], a["id"]])(r.choice(added))  # noqa: E731
    kind = r.randrange(5)
    if kind == 0 or not added:
        return None if r.random() < 0.5 else bytes_only
    if kind == 1:
        return {"type": "RobertaProcessing", "sep": token(), "cls": token(), "trim_offsets": True, "add_prefix_space": False}
    if kind == 2:
        return {"type": "BertProcessing", "sep": token(), "cls": token()}
    names = [token() for _ in range(r.randrange(3))] + [["$", 0]] + [token() for _ in range(r.randrange(3))]
    single = [{"Sequence": {"id": "A", "type_id": 0}} if n == "$" else {"SpecialToken": {"id": n, "type_id": 0}} for n, _ in names]
    template = {"type": "TemplateProcessing", "single": single,
                "pair": [{"Sequence": {"id": "A", "type_id": 0}}, {"Sequence": {"id": "B", "type_id": 1}}],
                "special_tokens": {n: {"id": n, "ids": [i] * (1 + i % 2), "tokens": [n] * (1 + i % 2)} for n, i in names if n != "$"}}
    return template if kind == 3 else {"type": "Sequence", "processors": [bytes_only, template]}


def tokenizer_file(r):
    vocab, merges = vocabulary()
    added = []
    next_id = len(vocab)
    for content in r.sample(CONTENTS, r.randrange(1, 9)):
        if content not in vocab:
            next_id += 1
        flag = lambda p: r.random() < p  # noqa: E731
        added.append({"id": vocab.get(content, next_id - 1), "content": content, "single_word": flag(0.25), "lstrip": flag(0.35),
                      "rstrip": flag(0.35), "normalized": flag(0.4), "special": flag(0.5)})
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {"version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
            "normalizer": r.choice([None, {"type": "NFC"}]), "pre_tokenizer": level, "post_processor": post_processor(r, added),
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                      "fuse_unk": False, "byte_fallback": False, "ignore_merges": False, "vocab": vocab, "merges": merges}}


def expected(spec, texts):
    """Returns the cases that the library can do, or None if it refuses the file."""
    forms = [unicodedata.normalize("NFC", a["content"]) for a in spec["added_tokens"] if a["normalized"]]
    if spec["normalizer"] and len(set(forms)) < len(forms):
        return None  # one of the two tokens is found, by chance; codemill refuses such a file
    try:
        plain, full = Tokenizer.from_str(json.dumps(spec)), Tokenizer.from_str(json.dumps(spec))
    except Exception:
        return None
    plain.encode_special_tokens = True
    cases = []
    for text in texts:
        try:
            cases.append({"text": text, "ids": plain.encode(text, add_special_tokens=False).ids,
                          "special": full.encode(text, add_special_tokens=False).ids, "affixed": full.encode(text).ids})
        except BaseException as e:  # a panic of Rust's
            if "Panic" not in type(e).__name__:
                raise
    return cases


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--seconds", type=float, default=60)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--write", help="file for the test vectors")
    args = p.parse_args()
    r, until, files, texts, refused, different = random.Random(args.seed), time.time() + args.seconds, 0, 0, 0, 0
    lines = []
    stderr, devnull = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    with tempfile.TemporaryDirectory(prefix="codemill-added-") as scratch:
        binary = os.path.join(scratch, "ids")
        subprocess.run(["go", "build", "-o", binary, "./ids"], cwd=HERE, check=True)
        path = os.path.join(scratch, "tokenizer.json")
        while time.time() < until:
            spec = tokenizer_file(r)
            os.dup2(devnull, 2)  # the library's panics and warnings
            cases = expected(spec, ["".join(r.choice(LETTERS) for _ in range(r.randrange(1, 12))) for _ in range(100)])
            os.dup2(stderr, 2)
            if cases is None:
                refused += 1
                continue
            with open(path, "w", encoding="utf-8") as f:
                json.dump(spec, f)
            mine = Codemill(path, lambda _: binary)
            files, texts = files + 1, texts + len(cases)
            for mode, key in (("t", "ids"), ("s", "special"), ("f", "affixed")):
                for case, got in zip(cases, mine.encode([c["text"] for c in cases], mode)):
                    if got != case[key] and different < 10:
                        different += 1
                        print("DIFFERENT", key, json.dumps({**spec, "model": None}), json.dumps(case), got)
            mine.pipe.stdin.close()
            mine.pipe.wait()
            if len(lines) < 60:
                lines.append(json.dumps({"added_tokens": spec["added_tokens"], "normalizer": spec["normalizer"],
                                         "post_processor": spec["post_processor"], "cases": cases[:12]}, ensure_ascii=True))
    if args.write:
        with open(args.write, "w", encoding="utf-8") as f:
            f.write("\n".join(lines) + "\n")
    print(f"{files} files, {texts} texts compared three ways, {refused} files refused by the library, {different} different")
    sys.exit(1 if different or not texts else 0)


if __name__ == "__main__":
    main()
