"""Count the words of the files that are named on the command line."""

import collections
import sys


def words(path):
    """Yield every word of a file in lower case, without its punctuation."""
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            for word in line.split():
                yield word.strip(".,;:!?()\"'").lower()


def main(paths):
    tally = collections.Counter()
    for path in paths:
        tally.update(words(path))
    for word, count in tally.most_common(20):
        print(f"{count:8} {word}")


if __name__ == "__main__":
    main(sys.argv[1:])
