"""One deduplication of PyPI as a side of `go run ./bench dedup`.

    python dedup_side.py NAME --docs FILE... --out FILE [--limit N] [--shingles FILE]

reads codemill's docs (Parquet, columns path and text), finds near-duplicates
and writes to --out what it would remove: one JSON object with version, settings,
removed (places), flags_only, and startup, the processor time that the imports
took. With --shingles it writes instead the shingles that it would have hashed,
for each document their number (4 bytes, little endian) and 8 bytes each, so that
each is judged by the similarity that it itself set out to estimate.

Everything runs in one process with one thread. The number of permutations, the
n-gram and the threshold are the same for all, as far as they can be set; bands
are each one's own choice.
"""

import argparse
import glob
import importlib.metadata
import json
import os
import re
import shutil
import struct
import sys
import tempfile
import time

SCRATCH = tempfile.mkdtemp(prefix="codemill-bench-")
os.environ.update(HF_HOME=SCRATCH, HF_HUB_OFFLINE="1", HF_DATASETS_OFFLINE="1", HF_DATASETS_DISABLE_PROGRESS_BARS="1", HF_DATASETS_CACHE=SCRATCH)

# codemill's tokens: runs of letters, digits, underscore and all of non-ASCII;
# and runs of the other visible characters.
TOKEN = re.compile(r"[A-Za-z0-9_\x80-\U0010ffff]+|[!-/:-@\[-\^`{-~]+")
BATCH = 1000  # documents


def documents(args):
    """Path and text of every document, in order."""
    import pyarrow.parquet as pq

    left = args.limit or sys.maxsize
    for name in args.docs:
        for batch in pq.ParquetFile(name).iter_batches(BATCH, columns=["path", "text"]):
            for path, text in zip(batch.column(0).to_pylist(), batch.column(1).to_pylist()):
                if left == 0:
                    return
                left -= 1
                yield as_str(path), as_str(text)


def as_str(s):
    return s.decode() if isinstance(s, bytes) else s


def code_shingles(text, n):
    """The n-grams of codemill's tokens, as strings; none for a short text."""
    tokens = TOKEN.findall(text)
    return {" ".join(t) for t in zip(*(tokens[i:] for i in range(n)))}


def hashed(shingles):
    import xxhash

    return [xxhash.xxh3_64_intdigest(s if isinstance(s, bytes) else s.encode()) for s in shingles]


class Side:
    """What one library needs; removed returns the places of what it removes."""

    package = ""
    flags_only = False  # it tells that there is a similar one, not which to keep

    def __init__(self, args):
        self.args = args
        self.settings = ""

    def removed(self):
        raise NotImplementedError

    def shingles(self, text):
        """The hashed shingles that the library takes the similarity of."""
        return hashed(code_shingles(text, self.args.ngram))


class Datasketch(Side):
    """Keeps a document if the index of those kept so far has none like it."""

    package = "datasketch"

    def removed(self):
        from datasketch import MinHash, MinHashLSH

        a = self.args
        lsh = MinHashLSH(threshold=a.threshold, num_perm=a.perm)
        self.settings = f"{lsh.b} x {lsh.r}"
        for i, (_, text) in enumerate(documents(a)):
            m = MinHash(num_perm=a.perm)
            shingles = code_shingles(text, a.ngram)
            if not shingles:
                continue
            m.update_batch([s.encode() for s in shingles])
            if lsh.query(m):
                yield i
            else:
                lsh.insert(i, m, check_duplication=False)


class Rensa(Side):
    """R-MinHash over all shingles, streaming, as its README has it."""

    package = "rensa"

    def removed(self):
        from rensa import RMinHash, RMinHashDeduplicator

        a = self.args
        dedup = RMinHashDeduplicator(threshold=a.threshold, num_perm=a.perm, use_lsh=True)
        self.settings = "default bands"
        for places, sets in batched(a):
            sketches = RMinHash.from_token_sets(sets, num_perm=a.perm, seed=42)
            kept = dedup.add_pairs([(str(i), m) for i, m in zip(places, sketches)])
            yield from (i for i, keep in zip(places, kept) if not keep)


class RensaRho(Side):
    """The pipeline of rensa's own benchmark: a sample of the shingles, one matrix.
    It only flags, the one to keep as well."""

    package = "rensa"
    flags_only = True

    def removed(self):
        from rensa import RMinHash, RMinHashLSH

        a = self.args
        lsh = RMinHashLSH(threshold=a.threshold, num_perm=a.perm, num_bands=32)
        self.settings = "32 bands, sampled, flags"
        places, sets = [], []
        for p, s in batched(a):
            places += p
            sets += s
        matrix = RMinHash.digest_matrix_from_token_sets_rho(sets, num_perm=a.perm, seed=42)
        flags = lsh.query_duplicate_flags_matrix_one_shot(matrix)
        yield from (i for i, duplicate in zip(places, flags) if duplicate)


class FastSketch(Side):
    """Its sketch and its index; a document is removed for a kept one before it."""

    package = "fastsketchlsh"

    def removed(self):
        from FastSketchLSH import LSH, FastSimilaritySketch

        a = self.args
        sketcher = FastSimilaritySketch(size=a.perm, seed=42)
        lsh = LSH(num_perm=a.perm, num_bands=32)
        self.settings = "32 bands"
        places, rows = [], []
        for p, sets in batched(a):
            places += p
            rows.append(sketcher.batch([list(s) for s in sets], num_threads=1))
        import numpy as np

        matrix = np.vstack([np.asarray(r) for r in rows])
        lsh.insert(matrix)
        flat, starts = lsh.query(matrix, format="csr")
        flat, starts, kept = flat.tolist(), starts.tolist(), [True] * len(places)
        for n, i in enumerate(places):
            if any(j < n and kept[j] for j in flat[starts[n] : starts[n + 1]]):
                kept[n] = False
                yield i


def batched(args):
    """Places and shingles of documents that have any, some at a time."""
    places, sets = [], []
    for i, (_, text) in enumerate(documents(args)):
        if shingles := code_shingles(text, args.ngram):
            places.append(i)
            sets.append(list(shingles))
        if len(places) == BATCH:
            yield places, sets
            places, sets = [], []
    if places:
        yield places, sets


class Datatrove(Side):
    """The first three steps of its pipeline, up to the list of what to remove;
    the eight hashes a bucket that it recommends, as many buckets as there are
    permutations for."""

    package = "datatrove"

    def config(self):
        from datatrove.pipeline.dedup.minhash import MinhashConfig
        from datatrove.utils.hashing import HashConfig

        return MinhashConfig(n_grams=self.args.ngram, num_buckets=self.args.perm // 8, hashes_per_bucket=8, hash_config=HashConfig(precision=64))

    def language(self):
        return "eng"

    def removed(self):
        from datatrove.data import Document
        from datatrove.executor import LocalPipelineExecutor
        from datatrove.pipeline.dedup import MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupSignature
        from datatrove.utils.logging import logger

        logger.remove()
        config = self.config()
        self.settings = f"{config.num_buckets} x {config.hashes_per_bucket}, {self.words}"

        def read(data=None, rank=0, world_size=1):
            for i, (path, text) in enumerate(documents(self.args)):
                yield Document(text=text, id=path)

        def step(name, tasks, *pipeline):
            LocalPipelineExecutor(list(pipeline), tasks=tasks, workers=1, logging_dir=f"{SCRATCH}/log/{name}", skip_completed=False).run()

        step("sign", 1, read, MinhashDedupSignature(f"{SCRATCH}/sig", config=config, language=self.language()))
        step("buckets", config.num_buckets, MinhashDedupBuckets(f"{SCRATCH}/sig", f"{SCRATCH}/buckets", config=config))
        step("cluster", 1, MinhashDedupCluster(f"{SCRATCH}/buckets", f"{SCRATCH}/remove", config=config))
        for name in glob.glob(f"{SCRATCH}/remove/*.remove"):
            with open(name, "rb") as f:
                yield from (i for (i,) in struct.iter_unpack("<I", f.read()))

    words = "spaCy's words"

    def shingles(self, text):
        from datatrove.pipeline.dedup import MinhashDedupSignature

        if not hasattr(self, "signer"):
            self.signer = MinhashDedupSignature(f"{SCRATCH}/none", config=self.config(), language=self.language())
        return [int(h) for h in self.signer.get_shingles(text).ravel()]


class DatatroveSplit(Datatrove):
    """The same with codemill's tokens in place of spaCy's, which take most of
    its time."""

    words = "codemill's words"

    def language(self):
        from datatrove.utils.word_tokenizers import WordTokenizer

        class Words(WordTokenizer):
            def word_tokenize(self, text):
                return TOKEN.findall(text)

            def sent_tokenize(self, text):
                return [text]

            def span_tokenize(self, text):
                return [(0, len(text))]

        return Words()


class TextDedup(Side):
    """Its MinHash script, with the check of false positives that its README has."""

    package = "text-dedup"

    def config(self):
        from text_dedup.config.base import load_config_from_toml

        a = self.args
        split = f"train[:{a.limit}]" if a.limit else "train"
        path = f"{SCRATCH}/config.toml"
        with open(path, "w") as f:
            f.write(
                f"""
[input]
input_type = "local_files"
file_type = "parquet"
[input.read_arguments]
path = "parquet"
data_files = {json.dumps(a.docs)}
split = "{split}"
cache_dir = "{SCRATCH}"
[algorithm]
algorithm_name = "minhash"
text_column = "text"
num_perm = {a.perm}
threshold = {a.threshold}
ngram_size = {a.ngram}
check_false_positive = true
num_proc = 1
[output]
output_dir = "{SCRATCH}/out"
[debug]
enable_profiling = false
"""
            )
        return load_config_from_toml(path)

    def removed(self):
        from text_dedup import minhash

        config = self.config()
        self.settings = f"{config.algorithm.bands} x {config.algorithm.rows}, checked"
        index = config.algorithm.internal_index_column
        ds, _, _ = minhash.load_and_preprocess(config)
        clusters = minhash.cluster(config, minhash.fingerprint(config, ds))
        ds = minhash.assign(config, ds, clusters)
        _, parents = minhash.check_false_positives(config, ds)
        yield from (i for i in ds[index] if parents.get(i, i) != i)

    def shingles(self, text):
        if not hasattr(self, "ngrams"):
            self.ngrams = self.config().algorithm.get_ngrams_func()
        return hashed(self.ngrams(text))


SIDES = {
    "datatrove": Datatrove,
    "datatrove-split": DatatroveSplit,
    "text-dedup": TextDedup,
    "datasketch": Datasketch,
    "rensa": Rensa,
    "rensa-rho": RensaRho,
    "fastsketchlsh": FastSketch,
}

IMPORTS = {
    "datatrove": ["datatrove.executor", "datatrove.pipeline.dedup", "spacy"],
    "datatrove-split": ["datatrove.executor", "datatrove.pipeline.dedup", "datatrove.utils.word_tokenizers"],
    "text-dedup": ["text_dedup.minhash"],
    "datasketch": ["datasketch"],
    "rensa": ["rensa"],
    "rensa-rho": ["rensa"],
    "fastsketchlsh": ["FastSketchLSH"],
}


def write_shingles(side, args):
    with open(args.shingles, "wb") as f:
        for _, text in documents(args):
            s = side.shingles(text)
            f.write(struct.pack("<I", len(s)))
            f.write(struct.pack(f"<{len(s)}Q", *s))


def main():
    p = argparse.ArgumentParser()
    p.add_argument("name", choices=SIDES)
    p.add_argument("--docs", nargs="+", required=True)
    p.add_argument("--out", required=True)
    p.add_argument("--shingles")
    p.add_argument("--limit", type=int, default=0)
    p.add_argument("--threshold", type=float, default=0.7)
    p.add_argument("--ngram", type=int, default=5)
    p.add_argument("--perm", type=int, default=256)
    args = p.parse_args()
    import importlib

    for name in ["pyarrow.parquet", *IMPORTS[args.name]]:
        importlib.import_module(name)
    side = SIDES[args.name](args)
    if args.shingles:
        write_shingles(side, args)
        return
    startup = time.process_time()
    out = {"removed": sorted(side.removed()), "startup": startup}
    out["version"] = importlib.metadata.version(side.package)
    out["settings"] = side.settings
    out["flags_only"] = side.flags_only
    with open(args.out, "w") as f:
        json.dump(out, f)


if __name__ == "__main__":
    try:
        main()
    finally:
        shutil.rmtree(SCRATCH, ignore_errors=True)
