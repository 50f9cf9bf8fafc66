"""fastText's side of the comparison: one supervised model of twelve labels (one against all) over the n-grams that ours reads, its
predictions of all labels for a file of texts, one a line; one line of JSON, microseconds a text.

One thread, and the list form of `predict`, which crosses into C++ once. Usage: labels.py FILE
"""

import json
import os
import sys
import tempfile
import time

import fasttext

N_LABELS = 12
N_TRAIN = 5000


def labels_of(text):
    """Label j stands where the bytes of some word sum to j modulo 23. The same as in `peer_labels.rs`."""
    remainders = {sum(word.encode()) % 23 for word in text.split()}
    return sorted(j for j in remainders if j < N_LABELS)


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        texts = file.read().split("\n")[:-1]
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", suffix=".txt", delete=False) as train:
        for text in texts[:N_TRAIN]:
            train.write(" ".join(f"__label__{j}" for j in labels_of(text)) + " " + text + "\n")
    model = fasttext.train_supervised(
        train.name, loss="ova", dim=100, epoch=5, minn=2, maxn=5, wordNgrams=2, bucket=262144, thread=1, verbose=0
    )
    os.unlink(train.name)
    model.predict(texts[:2000], k=N_LABELS)
    start = time.perf_counter()
    labels, _ = model.predict(texts, k=N_LABELS)
    took = (time.perf_counter() - start) * 1e6 / len(texts)
    assert all(len(found) == N_LABELS for found in labels)
    print(json.dumps({"fasttext_predict": took}))


main()
