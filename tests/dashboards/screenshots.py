"""Pictures of the pages for the documentation: `make screenshots` writes them anew into docs/images.

They show the seeded store in which most of one region's events are lost; the tabs of a check, one in which a
mix of devices drifts. Few colours keep the files small.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from tests.dashboards import inside_stores, stores
from tests.dashboards.browser import Visit, browser, pages

IMAGES = Path(__file__).parents[2] / "docs" / "images"
BURNING = {
    "overview": "/?range=6h",
    "on-call": "/on-call?range=1h",
    "check": "/check?check=ingestion-success&range=1h",
}
DRIFTING = {
    "check-distribution": "/check?check=device-mix&tab=Distribution",
    "check-rows": "/check?check=has-price&tab=Rows",
    "check-letters": "/check?check=has-price&tab=Dead+letters",
    "check-declaration": "/check?check=has-price&tab=Declaration",
}
VIEWS = BURNING | DRIFTING
COLOURS = 128


def shrink(path: Path) -> int:
    """Write a picture again with few colours; its size in bytes."""
    from PIL import Image

    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
    return path.stat().st_size


def take(images: Path) -> dict[str, int]:
    """Every view into a folder; the sizes of the files in bytes."""
    for make, views in ((stores.burning, BURNING), (inside_stores.drifting, DRIFTING)):
        with TemporaryDirectory() as name:
            _take(make(Path(name)).path, views, images)
    return {view: shrink(images / f"{view}.png") for view in VIEWS}


def _take(config: Path, views: dict[str, str], images: Path) -> None:
    with pages(config, config.parent / "pages.txt") as url, browser() as running:
        for view, path in views.items():
            seen = Visit(running, url)
            seen.open(path)
            seen.picture(images / f"{view}.png")
            seen.close()


if __name__ == "__main__":
    for view, size in take(IMAGES).items():
        print(f"docs/images/{view}.png  {size / 1000:.0f} kB")
