"""False alarms of `trend` and `anomaly` where nothing happens, and what they find where something does.

    python -m bench.calibration.expectations

Prints the section of bench/CALIBRATION.md. About two minutes.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from monitor.expect.anomaly import Rule, assess, fit
from monitor.expect.trend import assess as trending
from monitor.expect.trend import without_weekdays
from monitor.model import DAY, HOUR
from monitor.statistics.trend import mann_kendall

Values = np.ndarray[Any, np.dtype[np.float64]]
Noise = Callable[[np.random.Generator, int], Values]
SEED = 20261121
WEEKS = 6
WARMUP = 200


def autoregressive(rng: np.random.Generator, count: int, phi: float) -> Values:
    """Unit variance, correlation `phi` from one to the next."""
    noise = rng.normal(size=count + WARMUP) * np.sqrt(1 - phi**2)
    for now in range(1, len(noise)):
        noise[now] += phi * noise[now - 1]
    return noise[WARMUP:]


# Trend ------------------------------------------------------------------------------------------------------


def trends(draws: int = 2000) -> None:
    """One-sided tests at 1 %, of days about 100 with a standard deviation of 3 and weekdays."""
    print("| days, correlation | Mann–Kendall | Hamed–Rao | Weir, 1 % | Weir `trend`, falls of 5 % |")
    print("|---|---|---|---|---|")
    rng = np.random.default_rng(SEED)
    weekday = np.array([0, 1, 2, 1, 0, -8, -9.0])
    for days in (28, 56):
        for phi in (0.0, 0.3, 0.5, 0.7):
            hits = np.zeros(4)
            for _ in range(draws):
                values = 100 + weekday[np.arange(days) % 7] + 3 * autoregressive(rng, days, phi)
                found = mann_kendall(without_weekdays(values))
                plain = found.z * np.sqrt(found.inflation)
                verdict = trending(values, "falling", 0.05, 0.99)
                hits += [plain < -2.326, _hamed_rao(values) < -2.326, found.z < -2.326,
                         verdict is not None and verdict.trending]  # fmt: skip
            print(f"| {days}, {phi} | " + " | ".join(f"{hit / draws:.1%}" for hit in hits) + " |")


def _hamed_rao(values: Values) -> float:
    """z with the correction as published: significant autocorrelations of the ranks alone."""
    plain = without_weekdays(values)
    found = mann_kendall(plain)
    n = len(plain)
    ranks = np.argsort(np.argsort(plain - found.slope * np.arange(n))).astype(float)
    centred = ranks - ranks.mean()
    rho = np.correlate(centred, centred, "full")[n : 2 * n - 3] / (centred**2).sum()
    lags = np.arange(1, n - 2)
    weights = (n - lags) * (n - lags - 1) * (n - lags - 2)
    factor = 1 + 2 / (n * (n - 1) * (n - 2)) * (weights * rho * (np.abs(rho) > 1.96 / np.sqrt(n))).sum()
    return found.z * np.sqrt(found.inflation) / np.sqrt(max(factor, 0.1))


def power(draws: int = 500) -> None:
    """How often a fall over 28 days is found."""
    print("| fall in 28 days | independent | correlation 0.3 | 0.5 |\n|---|---|---|---|")
    rng = np.random.default_rng(SEED)
    for fall in (5, 8, 10, 15):
        cells: list[str] = []
        for phi in (0.0, 0.3, 0.5):
            hits = 0
            for _ in range(draws):
                values = 100 - fall * np.arange(28) / 27 + 3 * autoregressive(rng, 28, phi)
                verdict = trending(values, "falling", 0.05, 0.99)
                hits += verdict is not None and verdict.trending
            cells.append(f"{hits / draws:.0%}")
        print(f"| {fall} % | " + " | ".join(cells) + " |")


# Anomaly ----------------------------------------------------------------------------------------------------

NOISES: dict[str, Noise] = {
    "normal, 5 %": lambda rng, n: 0.05 * rng.normal(size=n),
    "correlation 0.5, 5 %": lambda rng, n: 0.05 * autoregressive(rng, n, 0.5),
    "correlation 0.8, 5 %": lambda rng, n: 0.05 * autoregressive(rng, n, 0.8),
    "Student, 3 degrees, 5 %": lambda rng, n: 0.05 * rng.standard_t(3, n),
    "exponential of normal, 15 %": lambda rng, n: rng.lognormal(0, 0.15, n) - 1,
    "counts of 20": lambda rng, n: rng.poisson(20, n) / 20 - 1,
}


def week_of_traffic(rng: np.random.Generator, weeks: int, noise: Noise) -> tuple[Any, Values]:
    """Ends of hours and a level of about 1000 with a day and a weekend in it, times one plus the noise."""
    times = 4 * DAY + np.arange(weeks * 168, dtype=np.int64) * HOUR
    hours, weekend = times // HOUR % 24, (times // DAY + 3) % 7 >= 5
    level = 1000 * (1 + 0.5 * np.sin(hours / 12 * np.pi)) * np.where(weekend, 0.7, 1)
    return times, level * (1 + noise(rng, len(times)))


def anomalies(draws: int = 40) -> None:
    """Shares of a clean week's hours that alarm, and of single hours that lost or gained much."""
    print(
        "| noise | 3 MAD by slot, 4 weeks | 8 weeks | Weir, false | a month | −30 % found | −60 % | +60 % |"
    )
    print("|---|---|---|---|---|---|---|---|")
    rng = np.random.default_rng(SEED)
    for name, noise in NOISES.items():
        rows = [_week(rng, noise) for _ in range(draws)]
        four, eight, ours, low, lower, high = np.mean(rows, axis=0)
        false = f"{four:.1%} | {eight:.1%} | {ours:.3%} | {ours * 720:.1f}"
        print(f"| {name} | {false} | {low:.0%} | {lower:.0%} | {high:.0%} |")


def _week(rng: np.random.Generator, noise: Noise) -> list[float]:
    times, values = week_of_traffic(rng, WEEKS + 3, noise)
    now = (WEEKS + 2) * 168
    naive = [_by_slot(values, now, weeks) for weeks in (4, 8)]
    alarms: list[bool] = []
    found: list[list[bool]] = []
    for day in range(now, now + 168, 24):
        past = slice(day - WEEKS * 168, day)
        model = fit(times[past], values[past], np.zeros(WEEKS * 168, bool), Rule())
        assert model is not None  # noqa: S101 -- six weeks are enough
        for hour in range(day, day + 24):
            at, value = int(times[hour]), float(values[hour])
            said = [assess(model, at, value * times_) for times_ in (1, 0.7, 0.4, 1.6)]
            alarms.append(said[0] is not None and said[0].anomalous)
            found.append([each is not None and each.anomalous for each in said[1:]])
    return [*naive, float(np.mean(alarms)), *np.mean(found, axis=0)]


def _by_slot(values: Values, now: int, weeks: int) -> float:
    """Hours beyond 3 MAD of the same hour in the weeks before."""
    past = values[now - weeks * 168 : now].reshape(weeks, 168)
    middle = np.median(past, axis=0)
    spread = 1.4826 * np.median(np.abs(past - middle), axis=0)
    return float(np.mean(np.abs(values[now : now + 168] - middle) > 3 * spread))


def main() -> None:
    """Print the section."""
    print("### Trend\n")
    trends()
    print()
    power()
    print("\n### Anomaly\n")
    anomalies()


if __name__ == "__main__":
    main()
