"""LeNet-5 leaves Python: as an ONNX file, in 8 bits, and in a web page that reads what you draw.

python -m examples.deploy --serve          # the page, at http://127.0.0.1:8000
"""

from __future__ import annotations

import base64
import functools
import http.server
import json
import logging
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

import autograd as ag
import nn
import optim
from autograd.errors import MissingPackageError
from autograd.onnx import export
from autograd.system.caches import kept
from examples.shared import options_of

WEB = "onnxruntime-web@1.30.0"
OPSET = 22  # which that runtime knows
RUNTIME = ("ort.wasm.min.mjs", "ort-wasm-simd-threaded.mjs", "ort-wasm-simd-threaded.wasm")


def main(arguments: Sequence[str] | None = None) -> dict[str, Any]:
    """Train, export, quantise, compare, write the page; with --serve it stays and shows it."""
    parser = options_of(__doc__, "deploy", epochs=5, examples=60_000, batch=64, seed=0, port=8000)
    parser.add_argument("--serve", action="store_true", help="the page, until Ctrl-C")
    options = parser.parse_args(arguments)
    nn.manual_seed(options.seed)
    train, test = nn.datasets.mnist()
    images = test[0][:, None] / np.float32(255)
    model = trained(train, options)

    options.out.mkdir(parents=True, exist_ok=True)
    files = {"float32": options.out / "lenet.onnx", "int8": options.out / "lenet.int8.onnx"}
    export(model, images[:2], path=files["float32"], dynamic_axes={0: {0: "batch"}},
           names=["image", "probability"], opset=OPSET)  # fmt: skip
    quantise(files["float32"], files["int8"])
    found = compare(model, files, images, test[1])
    show(found)
    write_page(options.out, found, test)
    print(f"page: {options.out / 'index.html'}")
    if options.serve:
        add_runtime(options.out)
        with server(options.out, options.port) as served:
            print(f"http://127.0.0.1:{served.server_port}   (Ctrl-C ends it)", flush=True)
            served.serve_forever()
    return found


def trained(data: Any, options: Any) -> nn.Module:
    """LeNet-5 with probabilities at its end."""
    x, y = data[0][: options.examples, None] / np.float32(255), data[1][: options.examples]
    model = nn.models.LeNet5()
    optimizer = optim.Adam(model.parameters(), lr=0.002)
    steps = options.epochs * -(-len(x) // options.batch)
    rates = optim.lr_scheduler.OneCycleLR(optimizer, 0.005, total_steps=steps + 1)
    step = nn.callbacks.LambdaCallback(on_train_batch_end=lambda batch, logs: rates.step())
    model.compile(optimizer, nn.CrossEntropyLoss(), ["accuracy"])
    model.fit(x, y, epochs=options.epochs, batch_size=options.batch, callbacks=[step])
    return nn.Sequential(model, nn.Softmax(1)).eval()


def quantise(path: Path, to: Path) -> None:
    """Weights in 8 bits, activations too while it runs, by what each batch holds."""
    try:
        from onnxruntime.quantization import QuantType, quantize_dynamic
    except ImportError as error:
        raise MissingPackageError(
            "pip install onnxruntime: it runs and quantises models"
        ) from error
    logging.disable(logging.WARNING)  # its advice is for larger models
    try:
        quantize_dynamic(path, to, weight_type=QuantType.QUInt8)  # it has no convolution of QInt8
    finally:
        logging.disable(logging.NOTSET)


def compare(model: nn.Module, files: dict[str, Path], images: Any, labels: Any) -> dict[str, Any]:
    """Of each way to run the network its accuracy, size, and microseconds of an image."""
    import onnxruntime

    def session(path: Path) -> Callable[[Any], Any]:
        own = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        return lambda x: own.run(None, {"image": x})[0]

    def eager(x: Any) -> Any:
        with ag.no_grad():
            return model(ag.Tensor(x)).numpy()

    plan = ag.compile(model)
    size = sum(p.numpy().nbytes for p in model.parameters())
    ways = {  # each is made at its turn: threads that wait for work would slow the others
        "eager": (lambda: eager, size),
        "compiled": (lambda: lambda x: plan(x).numpy(), size),
        "onnxruntime": (lambda: session(files["float32"]), files["float32"].stat().st_size),
        "onnxruntime, int8": (lambda: session(files["int8"]), files["int8"].stat().st_size),
    }
    found: dict[str, Any] = {}
    given = {}
    for name, (made, length) in ways.items():
        run = made()
        given[name] = np.concatenate([run(part) for part in np.split(images, 10)])
        found[name] = {
            "accuracy": float(np.mean(given[name].argmax(1) == labels)), "bytes": length,
            "one": seconds(run, images[:1]) * 1e6, "of 64": seconds(run, images[:64]) * 1e6 / 64,
        }  # fmt: skip
    found["difference"] = float(np.abs(given["eager"] - given["onnxruntime"]).max())
    return found


def seconds(run: Callable[[Any], Any], x: Any, times: int = 50) -> float:
    """The least of several times: other programs only add to it."""
    best = np.inf
    for _ in range(times):
        start = time.perf_counter()
        run(x)
        best = min(best, time.perf_counter() - start)
    return float(best)


def show(found: dict[str, Any]) -> None:
    print(f"{'':20}{'accuracy':>10}{'kB':>8}{'µs, one image':>16}{'µs each of 64':>16}")
    for name, row in found.items():
        if isinstance(row, dict):
            print(f"{name:20}{row['accuracy']:10.2%}{row['bytes'] / 1000:8.0f}{row['one']:16.0f}"
                  f"{row['of 64']:16.0f}")  # fmt: skip
    print(f"eager and onnxruntime differ by {found['difference']:.1e}")


def write_page(folder: Path, found: dict[str, Any], test: Any) -> None:
    """The page, what it shows of the comparison, and a digit of each class to try."""
    shutil.copy(Path(__file__).with_suffix(".html"), folder / "index.html")
    first = [int(np.flatnonzero(test[1] == digit)[0]) for digit in range(10)]
    digits = [base64.b64encode(np.ascontiguousarray(test[0][k]).tobytes()).decode() for k in first]
    about = {"ways": {k: v for k, v in found.items() if isinstance(v, dict)}, "digits": digits}
    (folder / "about.json").write_text(json.dumps(about), encoding="utf-8")


def add_runtime(folder: Path) -> None:
    """ONNX Runtime for the web, from npm or from the cache, beside the page."""
    for name in RUNTIME:
        (folder / name).write_bytes(kept(WEB.replace("@", "-"), name, lambda n=name: _npm()[n]))


@functools.cache
def _npm() -> dict[str, bytes]:
    npm = shutil.which("npm")
    if npm is None:
        raise MissingPackageError(
            f"the page runs {WEB}, which npm fetches, and npm is not here; install Node.js, on "
            "Debian with:  apt install npm"
        )
    with tempfile.TemporaryDirectory() as folder:
        command = [npm, "install", "--prefix", folder, "--ignore-scripts", "--no-audit", WEB]
        run = subprocess.run(command, capture_output=True, text=True, check=False)
        if run.returncode:
            raise MissingPackageError(f"npm install {WEB} failed:\n{run.stderr}")
        found = Path(folder) / "node_modules" / "onnxruntime-web" / "dist"
        return {name: (found / name).read_bytes() for name in RUNTIME}


def server(folder: Path, port: int) -> http.server.ThreadingHTTPServer:
    """The files of a folder, to this machine alone."""

    class Files(http.server.SimpleHTTPRequestHandler):
        extensions_map: ClassVar[dict[str, str]] = {
            **http.server.SimpleHTTPRequestHandler.extensions_map,
            ".mjs": "text/javascript",
            ".wasm": "application/wasm",
        }

        def log_message(self, *_: Any) -> None:
            """Requests are not told."""

    return http.server.ThreadingHTTPServer(
        ("127.0.0.1", port), functools.partial(Files, directory=str(folder))
    )


if __name__ == "__main__":
    main()
