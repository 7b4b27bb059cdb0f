"""Time, what is due, ids and dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from mailgun_emulator import dates
from mailgun_emulator.clock import Clock
from mailgun_emulator.ids import Ids
from mailgun_emulator.schedule import Schedule

MOMENT = datetime(2023, 10, 15, 15, 33, 22, 500_000, UTC)


class Ticker:
    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


class TestClock:
    def test_runs_with_its_source(self) -> None:
        source = Ticker()
        clock = Clock(source)
        source.time += 5
        assert clock.timestamp() == 1005
        clock.advance(60)
        source.time += 1
        assert clock.timestamp() == 1066

    def test_frozen(self) -> None:
        source = Ticker()
        clock = Clock(source)
        clock.freeze(MOMENT)
        source.time += 5
        assert clock.now() == MOMENT
        clock.advance(2)
        assert clock.now() == MOMENT + timedelta(seconds=2)

    def test_resumes_from_where_it_stood(self) -> None:
        source = Ticker()
        clock = Clock(source)
        clock.freeze()
        source.time += 100
        clock.resume()
        source.time += 1
        assert clock.timestamp() == 1001

    def test_does_not_go_back(self) -> None:
        with pytest.raises(ValueError, match="back"):
            Clock().advance(-1)


class TestSchedule:
    def test_runs_what_is_due_in_order(self) -> None:
        schedule, seen = Schedule(), []
        schedule.at(30, lambda at: seen.append(("later", at.timestamp())))
        schedule.at(20, lambda at: seen.append(("second", at.timestamp())))
        schedule.at(20, lambda at: seen.append(("third", at.timestamp())))
        schedule.at(
            datetime.fromtimestamp(10, UTC),
            lambda _: schedule.at(15, lambda at: seen.append(("added", at.timestamp()))),
        )
        assert schedule.run_due(20) == 4
        assert seen == [("added", 15), ("second", 20), ("third", 20)]
        assert len(schedule) == 1
        schedule.clear()
        assert schedule.run_due(100) == 0


class TestIds:
    def test_repeat_for_a_seed(self) -> None:
        def some(ids: Ids) -> list[str]:
            return [ids.hex(16), ids.uuid(), ids.token(), ids.key_id(), ids.secret()]

        ids = Ids("x")
        first = some(ids)
        assert some(Ids("x")) == first
        assert some(ids) != first
        ids.reset()
        assert some(ids) == first
        assert some(Ids("y")) != first
        assert [len(text) for text in first] == [16, 36, 34, 17, 50]

    def test_differ_without_one(self) -> None:
        assert Ids().token() != Ids().token()


class TestDates:
    """ERR-017, DIFF-030, KEY-009."""

    def test_written(self) -> None:
        assert dates.gmt(MOMENT) == "Sun, 15 Oct 2023 15:33:22 GMT"
        assert dates.utc(MOMENT) == "Sun, 15 Oct 2023 15:33:22 UTC"
        assert dates.minus_zero(MOMENT) == "Sun, 15 Oct 2023 15:33:22 -0000"
        assert dates.plus_zero(MOMENT) == "Sun, 15 Oct 2023 15:33:22 +0000"
        assert dates.iso_seconds(MOMENT) == "2023-10-15T15:33:22"
        east = MOMENT.astimezone(timezone(timedelta(hours=9)))
        assert dates.gmt(east) == dates.gmt(MOMENT)

    @pytest.mark.parametrize(
        "text",
        [
            "Sun, 15 Oct 2023 15:33:22 GMT",
            "Sun, 15 Oct 2023 15:33:22 UTC",
            "Sun, 15 Oct 2023 15:33:22 -0000",
            "Sun, 15 Oct 2023 17:33:22 +0200",
            "15 Oct 2023 15:33:22 +0000",
            " 1697384002 ",
            "1697384002.0",
        ],
    )
    def test_read(self, text: str) -> None:
        assert dates.parse(text) == MOMENT.replace(microsecond=0)

    @pytest.mark.parametrize(
        "text",
        ["", "tomorrow", "99999999999999", "999999999999", "Sun, 99 Oct 2023 15:33:22 GMT", "٣"],
    )
    def test_not_a_date(self, text: str) -> None:
        assert dates.parse(text) is None
