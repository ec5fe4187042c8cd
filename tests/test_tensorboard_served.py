"""TensorBoard itself finds each kind of what is written: what its page asks it for is there."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import nn

pytest.importorskip("tensorboard")
WORDS = ["the", "cat", "sat", "on", "a", "mat"]
WAIT = 120  # seconds: machines of CI are slow


class Net(nn.Model):
    def __init__(self) -> None:
        super().__init__()
        self.words, self.last = nn.Embedding(len(WORDS), 4), nn.Linear(4, 2)

    def forward(self, x: Any) -> Any:
        return self.last(nn.functional.relu(self.words(x)))


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a TensorBoard, over a training of which all was written."""
    folder = tmp_path_factory.mktemp("logs")
    nn.manual_seed(0)
    net, rng = Net(), np.random.default_rng(0)
    net.compile("adam", nn.CrossEntropyLoss())
    board = nn.callbacks.TensorBoard(
        folder, histogram_freq=1, write_images=True, confusion_freq=1, embeddings_freq=1,
        embeddings_metadata=WORDS, hparams={"lr": 1e-3}, profile_batch=1,
    )  # fmt: skip
    x, y = rng.integers(0, len(WORDS), 24), rng.integers(0, 2, 24)
    net.fit(x, y, epochs=2, validation_split=0.25, verbose=0, callbacks=[board])
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", str(folder), "--port", "0",
               "--host", "127.0.0.1", "--load_fast", "false"]  # fmt: skip
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        found = (re.search(r"http://127\.0\.0\.1:\d+/", line) for line in process.stderr)
        yield next(match[0] for match in found if match)
        process.terminate()


def asked(address: str) -> Any:
    """What TensorBoard answers, once it has read the files."""
    end = time.monotonic() + WAIT
    while True:
        with urllib.request.urlopen(address) as answer:
            found = json.load(answer)
        if found or time.monotonic() > end:
            return found
        time.sleep(0.2)


TAGS = {
    "scalars": "epoch_loss", "histograms": "last/weight/weight", "images": "last/weight",
    "text": "profile/text_summary", "pr_curves": "precision_recall/0",
}  # fmt: skip


@pytest.mark.parametrize("plugin", TAGS)
def test_tensorboard_finds_each_kind(served: str, plugin: str) -> None:
    found = asked(f"{served}data/plugin/{plugin}/tags")
    assert any(TAGS[plugin] in tags for tags in found.values())


def test_the_projector_has_the_words_of_an_embedding(served: str) -> None:
    runs = asked(f"{served}data/plugin/projector/runs")
    told = asked(f"{served}data/plugin/projector/info?run={runs[0]}")["embeddings"]
    assert [e["tensorShape"] for e in told] == [[6, 4]] * 2
    name = f"run={runs[0]}&name={told[0]['tensorName']}"
    with urllib.request.urlopen(f"{served}data/plugin/projector/metadata?{name}") as answer:
        assert answer.read().decode().split() == WORDS
    with urllib.request.urlopen(f"{served}data/plugin/projector/tensor?{name}") as answer:
        assert len(answer.read()) == 6 * 4 * 4


def test_the_graph_has_modules_as_scopes(served: str) -> None:
    with urllib.request.urlopen(f"{served}data/plugin/graphs/graph?run=train") as answer:
        found = answer.read().decode()
    assert {"words", "last"} <= set(re.findall(r'name: "(\w+)/', found))


def test_hyperparameters_are_a_trial(served: str) -> None:
    assert any(run.endswith("hparams") for run in asked(f"{served}data/runs"))
