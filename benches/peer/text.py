"""scikit-learn's side of the comparison: HashingVectorizer over a file of texts, one a line; one line of JSON, microseconds a text.

One thread: HashingVectorizer has no other way. Usage: text.py FILE
"""

import json
import sys
import time

from sklearn.feature_extraction.text import HashingVectorizer


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        texts = file.read().split("\n")[:-1]
    vectorizer = HashingVectorizer(analyzer="char_wb", ngram_range=(2, 5))
    vectorizer.transform(texts[:2000])
    start = time.perf_counter()
    vectorizer.transform(texts)
    took = (time.perf_counter() - start) * 1e6 / len(texts)
    print(json.dumps({"hashing_vectorizer": took}))


main()
