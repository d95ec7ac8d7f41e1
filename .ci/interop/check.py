"""Holds a work folder of codemill against Hugging Face's and OpenAI's libraries.

    check.py WORK --tokenizer tokenizer.json
    check.py WORK --tokenizer cl100k_base --ranks cl100k_base.tiktoken

It opens tokens/ with datasets.load_from_disk and load_dataset("arrow"), checks
lengths and the sums of seq_lengths, puts every document together from its
segments, undoes fill in the middle, decodes, compares the text with docs/, and
compares the ids with the reference library's on every document. Ranks files
are written by `go run ./.ci/interop/ranks NAME`; their checksum must be the one
that tiktoken itself asks for. No network is used.

It ends with exit code 1 on the first kind of difference, and if there was
nothing, or less than --min-bytes of text, to compare.
"""

import argparse
import collections
import glob
import json
import os
import re
import sys
import tempfile
import time

CACHE = tempfile.TemporaryDirectory(prefix="codemill-interop-")
os.environ.update(HF_HOME=CACHE.name, HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1")

import datasets  # noqa: E402
import numpy as np  # noqa: E402
import pyarrow.parquet as pq  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402

import reference  # noqa: E402

COLUMNS = ["input_ids", "seq_lengths", "doc_ids", "repos", "paths", "licenses", "fims", "starts", "epochs"]
BOS = ["<｜begin▁of▁sentence｜>", "<|begin_of_text|>", "<s>", "<|endoftext|>"]
EOS = ["<｜end▁of▁sentence｜>", "<|endoftext|>", "<|end_of_text|>", "</s>"]
FIM = [
    ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"],
    ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"],
    ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"],
]


class Failure(Exception):
    pass


def need(condition, message):
    if not condition:
        raise Failure(message)


class HuggingFace:
    """A tokenizer.json, all of whose control tokens stay text when a text spells them out."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            spec = json.load(f)
        self.special = {}
        for t in spec["added_tokens"]:
            if t["content"].startswith("<") and t["content"].endswith(">"):
                t["special"] = True
            self.special[t["content"]] = t["id"]
        self.tok = Tokenizer.from_str(json.dumps(spec))
        self.tok.encode_special_tokens = True
        back = {c: bytes([b]) for b, c in reference.byte_level().items()}
        self.bytes = {}
        for token, i in spec["model"]["vocab"].items():
            if all(c in back for c in token):
                self.bytes[i] = b"".join(back[c] for c in token)
        self.bytes.update({i: content.encode() for content, i in self.special.items()})

    def encode(self, texts):
        return [e.ids for e in self.tok.encode_batch(texts, add_special_tokens=False)]


class OpenAI:
    """A vocabulary of tiktoken with its own definition and ranks from a file."""

    def __init__(self, name, ranks):
        self.tok, spec = reference.openai(name, ranks)
        self.special = spec["special_tokens"]
        self.bytes = {i: t for t, i in spec["mergeable_ranks"].items()}

    def encode(self, texts):
        return self.tok.encode_ordinary_batch(texts, num_threads=os.cpu_count())


def open_shards(work, scratch):
    """Opens tokens/ both ways and returns its Arrow table."""
    tokens = os.path.join(work, "tokens")
    need(os.path.exists(os.path.join(tokens, "state.json")), f"{tokens}: not a complete folder of shards")
    ds = datasets.load_from_disk(tokens)
    need(ds.column_names == COLUMNS, f"columns {ds.column_names}")
    files = sorted(glob.glob(os.path.join(glob.escape(tokens), "data-*.arrow")))
    other = datasets.load_dataset("arrow", data_files=files, split="train", cache_dir=scratch)
    need(other.features == ds.features, f"features differ: {other.features}, {ds.features}")
    need(len(other) == len(ds), f"{len(other)} rows by load_dataset, {len(ds)} by load_from_disk")
    need(len(ds) > 0, "no rows")
    for i in (0, len(ds) // 2, len(ds) - 1):
        need(ds[i] == other[i], f"row {i} differs")
    with open(os.path.join(tokens, "manifest.json"), encoding="utf-8") as f:
        rows = sum(s["rows"] for s in json.load(f)["shards"] if s["shard"].startswith("data-"))
    need(rows == len(ds), f"{len(ds)} rows, the receipts say {rows}")
    return ds


def segments(ds):
    """Yields (doc, epoch, form, start, ids) of all segments; checks lengths on the way."""
    lengths = collections.Counter()
    for batch in ds.data.table.to_batches():
        cols = {name: batch.column(name) for name in COLUMNS}
        for name, col in cols.items():
            need(col.null_count == 0 and col.values.null_count == 0, f"nulls in {name}")
        ids = cols["input_ids"].flatten().to_numpy()
        sizes = np.diff(cols["input_ids"].offsets.to_numpy())
        flat = {name: cols[name].flatten().to_pylist() for name in COLUMNS[1:]}
        counts = np.diff(cols["seq_lengths"].offsets.to_numpy())
        for name in COLUMNS[2:]:
            need(np.array_equal(np.diff(cols[name].offsets.to_numpy()), counts), f"{name} has not one value a segment")
        at = seg = 0
        for size, count in zip(sizes, counts):
            lengths[int(size)] += 1
            need(sum(flat["seq_lengths"][seg:seg + count]) == size, "seq_lengths do not add up to the row's length")
            for s in range(seg, seg + count):
                n = flat["seq_lengths"][s]
                need(n > 0, "an empty segment")
                yield flat["doc_ids"][s], flat["epochs"][s], flat["fims"][s], flat["starts"][s], ids[at:at + n]
                at += n
            seg += count
    longest = max(lengths)
    print(f"row lengths: {lengths[longest]} of {longest}, {sum(lengths.values()) - lengths[longest]} shorter")


def assemble(ds):
    """Returns {(doc, epoch): (form, ids)} and counts."""
    parts, count = collections.defaultdict(list), collections.Counter()
    for doc, epoch, form, start, ids in segments(ds):
        count["tokens"] += len(ids)
        count["segments"] += 1
        if form == "pad":
            need(doc == "" and len(set(ids.tolist())) == 1, "padding of a document, or of different tokens")
            count["padding"] += len(ids)
            continue
        parts[doc, epoch].append((start, form, ids))
    whole = {}
    for use, segs in parts.items():
        segs.sort(key=lambda s: s[0])
        at = 0
        for start, form, ids in segs:
            need(start == at and form == segs[0][1], f"document {use}: a segment at {start} where {at} is next")
            at += len(ids)
        count[form] += 1
        count["cut"] += len(segs) > 1
        whole[use] = form, np.concatenate([s[2] for s in segs]).tolist()
    return whole, count


def undo(use, form, ids, bos, eos, fim):
    """Returns the runs of ids that make up the text, in the text's order."""
    if bos is not None:
        need(ids[0] == bos, f"document {use} begins with {ids[0]}")
        ids = ids[1:]
    if eos is not None:
        need(ids and ids[-1] == eos, f"document {use} does not end in {eos}")
        ids = ids[:-1]
    if form == "none":
        return [ids]
    marks = [i for i, t in enumerate(ids) if t in fim]
    need(len(marks) == 3 and marks[0] == 0 and [ids[i] for i in marks] == fim, f"document {use}: sentinels at {marks}")
    first, second, third = ids[1:marks[1]], ids[marks[1] + 1:marks[2]], ids[marks[2] + 1:]
    if form == "psm":
        return [first, third, second]
    need(form == "spm" and not first, f"document {use}: form {form}")
    return [third, second]


def edits(value):
    """Yields the edits of one verdict: start, end and replacement."""
    at = 0

    def number():
        nonlocal at
        n = shift = 0
        while True:
            b = value[at]
            at += 1
            n |= (b & 127) << shift
            shift += 7
            if b < 128:
                return n

    while at < len(value):
        start, end, size = number(), number(), number()
        yield start, end, value[at:at + size]
        at += size


def edited(work, passes, name, texts):
    """Returns a shard's texts with the edits that the passes made, one after the other."""
    count = 0
    for folder in passes:
        table = pq.read_table(os.path.join(work, folder, name), columns=["edits"])
        need(table.num_rows == len(texts), f"{folder}/{name}: {table.num_rows} verdicts on {len(texts)} documents")
        for row, value in enumerate(table.column("edits").to_pylist()):
            text = texts[row].encode() if value else b""
            for start, end, new in reversed(list(edits(value))):
                need(start <= end <= len(text), f"{folder}/{name}: row {row}: an edit outside of the text")
                text = text[:start] + new + text[end:]
            if value:
                texts[row], count = text.decode(), count + 1
    return texts, count


def planned(work):
    """Returns the uses that the plan lists: {(doc, epoch)}, the documents' texts, and how many were edited."""
    uses, texts, size, count = set(), {}, 0, 0
    with open(os.path.join(work, "tokens", "ledger.json"), encoding="utf-8") as f:
        passes = [s["stage"] for s in json.load(f)["stages"] if s["stage"].startswith("verdicts/")]
    for path in sorted(glob.glob(os.path.join(glob.escape(work), "docs", "[0-9]*.parquet"))):
        name = os.path.basename(path)
        if not re.fullmatch(r"\d+\.parquet", name):
            continue
        plan = pq.read_table(os.path.join(work, "plan", name), columns=["row", "epoch"]).to_pydict()
        if not plan["row"]:
            continue
        docs = pq.read_table(path, columns=["id", "text"])
        ids = [i.hex() for i in docs.column("id").to_pylist()]
        whole, more = edited(work, passes, name, docs.column("text").to_pylist())
        count += more
        texts.update(zip(ids, whole))
        new = {(ids[row], epoch) for row, epoch in zip(plan["row"], plan["epoch"])}
        uses |= new
        size += len(new)
    need(len(uses) == size, "two documents of one id")
    return uses, texts, count


def differing(ref, runs, texts):
    """Yields the runs of ids that are not the reference's for their text."""
    for at in range(0, len(runs), 2000):
        for (use, form, n, ids), want in zip(runs[at:at + 2000], ref.encode(texts[at:at + 2000])):
            if ids == want or form == "spm" and n == 0 and joint(ref, ids, want):
                continue
            k = next((i for i, (a, b) in enumerate(zip(ids, want)) if a != b), min(len(ids), len(want)))
            yield f"document {use}, part {n}: at token {k} {ids[k:k + 8]}, the reference has {want[k:k + 8]}"


def joint(ref, ids, want):
    """Whether ids are those of two texts encoded apart, prefix and middle of SPM."""
    k = next((i for i, (a, b) in enumerate(zip(ids, want)) if a != b), min(len(ids), len(want)))
    near = sorted(range(max(0, k - 40), min(len(ids), k + 40) + 1), key=lambda cut: abs(cut - k))
    for cut in near:
        try:
            halves = [b"".join(ref.bytes[i] for i in half).decode() for half in (ids[:cut], ids[cut:])]
        except UnicodeDecodeError:
            continue
        if ref.encode(halves) == [ids[:cut], ids[cut:]]:
            return True
    return False


def check(args):
    began = time.time()
    known = args.tokenizer in ("r50k_base", "p50k_base", "cl100k_base", "o200k_base")
    ref = OpenAI(args.tokenizer, args.ranks) if known else HuggingFace(args.tokenizer)
    first = lambda names: next((ref.special[n] for n in names if n in ref.special), None)  # noqa: E731
    eos = None if args.no_eos else first([args.eos] if args.eos else EOS)
    bos = first([args.bos] if args.bos is not True else BOS) if args.bos else None
    fim = next(([ref.special[t] for t in f] for f in ([args.fim] if args.fim else FIM) if all(t in ref.special for t in f)), [])
    ds = open_shards(args.work, CACHE.name)
    whole, count = assemble(ds)
    uses, texts, changed = planned(args.work)
    empty = {u for u in uses if not texts[u[0]]} if eos is None and bos is None else set()
    need(set(whole) == uses - empty, f"{len(whole)} uses of documents in the shards, {len(uses)} in the plan: "
         f"{len(uses - empty - set(whole))} are missing, {len(set(whole) - uses)} are of no plan")
    runs, run_texts, size = [], [], 0
    for use, (form, ids) in whole.items():
        parts = undo(use, form, ids, bos, eos, fim)
        raw = [b"".join(ref.bytes[i] for i in p) for p in parts]
        text = b"".join(raw)
        need(text == texts[use[0]].encode(), f"document {use}, {form}: its tokens decode to another text")
        size += len(text)
        for n, (part, r) in enumerate(zip(parts, raw)):
            runs.append((use, form, n, part))
            run_texts.append(r.decode())
    differ = 0
    for message in differing(ref, runs, run_texts):
        differ += 1
        if differ <= 10:
            print(message)
    print(f"{args.tokenizer}: {len(ds)} rows, {count['tokens']} tokens ({count['padding']} of padding), {count['segments']} segments; "
          f"{len(whole)} documents ({count['none']} plain, {count['psm']} psm, {count['spm']} spm, {count['cut']} cut), "
          f"{changed} edited, {size} bytes of text, {len(runs)} texts encoded again; {time.time() - began:.0f} s")
    need(differ == 0, f"the ids of {differ} texts are not the reference's")
    need(len(whole) > 0 and size >= args.min_bytes, f"only {size} bytes in {len(whole)} documents were compared, {args.min_bytes} are wanted")


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("work", help="codemill's work folder")
    p.add_argument("--tokenizer", required=True, help="a tokenizer.json, or the name of a vocabulary of tiktoken")
    p.add_argument("--ranks", help="its ranks, for a vocabulary of tiktoken")
    p.add_argument("--bos", nargs="?", const=True, help="documents begin with this token")
    p.add_argument("--eos", help="documents end in this token instead of the vocabulary's own")
    p.add_argument("--no-eos", action="store_true", help="documents end in no token")
    p.add_argument("--fim", nargs=3, metavar=("PREFIX", "SUFFIX", "MIDDLE"), help="sentinels, if not the vocabulary's own")
    p.add_argument("--min-bytes", type=int, default=1, help="least text that must have been compared")
    try:
        check(p.parse_args())
    except Failure as f:
        sys.exit(f"check.py: {f}")


if __name__ == "__main__":
    main()
