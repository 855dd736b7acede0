"""A wrong clock is kept as the last sync found it, and not written down again for nothing."""

from datetime import UTC, datetime

from models.skew import note_skew, skew_of

AT = datetime(2026, 12, 17, 14, 21, tzinfo=UTC)


def skew(store):
    with store.connect() as connection:
        return skew_of(connection)


def test_a_clock_that_is_right_leaves_nothing(store):
    note_skew(store, 3, AT)
    note_skew(store, -119, AT)
    assert skew(store) is None


def test_a_wrong_clock_is_kept_until_a_sync_finds_it_right(store):
    note_skew(store, 3_660, AT)
    assert (skew(store).seconds, skew(store).found_at) == (3_660, AT)
    note_skew(store, 3_665, AT.replace(hour=15))
    assert skew(store).found_at == AT, "a few seconds more are no news"
    note_skew(store, 2, AT.replace(hour=16))
    assert skew(store) is None
    note_skew(store, -7_200, AT)
    assert skew(store).seconds == -7_200
