"""The documentation's pictures are there, small, and shown."""

from pathlib import Path

import pytest

from tests.dashboards.screenshots import IMAGES, VIEWS

README = Path(__file__).parents[2] / "README.md"
MOST = 150_000


@pytest.mark.parametrize("view", VIEWS)
def test_every_picture_is_small_and_shown(view: str) -> None:
    assert (IMAGES / f"{view}.png").stat().st_size <= MOST
    assert f"docs/images/{view}.png" in README.read_text("utf-8")


def test_no_picture_is_left_over() -> None:
    assert {path.stem for path in IMAGES.iterdir()} == set(VIEWS)


def test_few_colours_keep_the_size(tmp_path: Path) -> None:
    pictures = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    from tests.dashboards.screenshots import shrink

    path = tmp_path / "one.png"
    pictures.linear_gradient("L").convert("RGB").resize((600, 400)).save(path)
    assert shrink(path) == path.stat().st_size
    with pictures.open(path) as few:
        assert few.size == (600, 400)
        assert few.mode == "P"
