"""Makes the corpus of the target `model` from the golden models: a specification in one line, then the weights."""

import json
import pathlib

here = pathlib.Path(__file__).resolve().parent
corpus = here / "corpus" / "model"
corpus.mkdir(parents=True, exist_ok=True)
for manifest in sorted(here.glob("../tests/golden/model-format-*/*/*/manifest.json")):
    text = manifest.read_text()
    spec = json.dumps(json.loads(text)["spec"], separators=(",", ":"))
    weights = manifest.with_name("model.safetensors").read_bytes()
    (corpus / f"{manifest.parent.parent.name}-{manifest.parent.name}").write_bytes(spec.encode() + b"\n" + weights)
    (corpus / f"manifest-{manifest.parent.name}").write_text(text)
