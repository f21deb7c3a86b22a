"""What the benchmarks drive: their app for Portico, the generated one, and their measuring of processes."""

import subprocess
import sys
from pathlib import Path

import pytest

from bench import bindings, instances
from bench.process import cpu_seconds, memory_bytes, tree
from bench.product import APPS
from portico.definition.load import load
from portico.ui.widgets import CATALOGUE


def test_the_app_is_sound_and_its_login_page_is_cached() -> None:
    """Otherwise the benchmarks would measure something else."""
    loaded = load(APPS / "portico", types=CATALOGUE, settings={"BENCH_API": "http://127.0.0.1:1"})
    assert loaded.problems == ()
    assert loaded.app is not None
    assert loaded.app.pages["LoginPage"].cacheable
    assert not loaded.app.pages["MainPage"].cacheable


@pytest.mark.parametrize("count", [20, 200])
def test_page_with_bindings_is_never_cached(count: int, tmp_path: Path) -> None:
    """It has as many as it says, and one of them reads the address."""
    loaded = load(bindings.write(tmp_path, count), types=CATALOGUE, settings={})
    assert loaded.problems == ()
    assert loaded.app is not None
    page = loaded.app.pages[bindings.PAGE]
    assert not page.cacheable
    assert sum(widget.type == "Text" for widget in page.widgets.values()) == count


def test_both_pages_of_the_instances_app_show_the_same(tmp_path: Path) -> None:
    """Beside the boxes of the instances they have the same widgets, and neither is cached."""
    loaded = load(instances.write(tmp_path, 3), types=CATALOGUE, settings={})
    assert loaded.problems == ()
    assert loaded.app is not None
    pages = loaded.app.pages
    assert not any(page.cacheable for page in pages.values())
    kinds = {
        name: sorted(widget.type for widget in page.widgets.values() if widget.type != "Module")
        for name, page in pages.items()
    }
    assert (
        kinds[instances.MODULES] == kinds[instances.FLAT] == sorted(["Text", "Input", "Text", "Button"] * 3)
    )
    assert sum(widget.type == "Module" for widget in pages[instances.MODULES].widgets.values()) == 3


#: 50 MB, some work, a line to say so, and a wait.
WORK = """
block = bytearray(50 << 20)
block[::4096] = b"x" * len(block[::4096])
sum(range(10 ** 7))
print("done", flush=True)
input()
"""


def test_a_process_counts_with_its_children() -> None:
    """CPU time and memory are those of all that a server started."""
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {WORK!r}])"
    with subprocess.Popen(
        [sys.executable, "-c", parent], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"done\n"
        own, child = tree(process.pid)
        assert own == process.pid
        assert memory_bytes(process.pid) > 50 << 20
        assert cpu_seconds(process.pid) > cpu_seconds(child) > 0
        process.communicate(b"\n")
