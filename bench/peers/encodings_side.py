"""One detector of PyPI as a side of `go run ./bench encodings`.

    python encodings_side.py NAME LIST

reads a list of files with their true texts and prints what became of each:
right, wrong (another text) or left (no encoding, or one that cannot decode it).
"""

import json
import sys
import unicodedata


def detector(name):
    if name == "chardet":
        import chardet

        return lambda raw: chardet.detect(raw)["encoding"]
    from charset_normalizer import from_bytes

    def best(raw):
        match = from_bytes(raw).best()
        return match.encoding if match else None

    return best


def main():
    detect = detector(sys.argv[1])
    results = []
    for item in json.load(open(sys.argv[2])):
        raw = open(item["Raw"], "rb").read()
        true = open(item["Text"], "rb").read().decode("utf-8")
        try:
            text = raw.decode(detect(raw) or "no such encoding")
        except (LookupError, ValueError):
            results.append("left")
            continue
        same = unicodedata.normalize("NFC", text) == unicodedata.normalize("NFC", true)
        results.append("right" if same else "wrong")
    print(json.dumps(results))


main()
