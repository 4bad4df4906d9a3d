"""A device's health and the waits for a port that is not there."""

from devices.backoff import Backoff
from devices.health import Health, HealthTracker


def test_two_bad_answers_in_a_row_make_it_unknown_and_two_good_ones_well() -> None:
    told: list[Health] = []
    tracker = HealthTracker(told.append)
    assert (tracker.health, tracker.known) == (None, False)
    for answer, known in ((True, True), (False, True), (False, False), (False, False), (True, True), (True, True)):
        (tracker.good if answer else tracker.bad)()
        assert tracker.known is known
    assert told == [
        Health.CONNECTED,
        Health.DEGRADED,
        Health.UNREACHABLE,
        Health.DEGRADED,
        Health.CONNECTED,
    ]


def test_every_other_answer_lost_is_not_announced_anew_each_time() -> None:
    told: list[Health] = []
    tracker = HealthTracker(told.append)
    for _ in range(10):
        tracker.good()
        tracker.bad()
    assert told == [Health.CONNECTED, Health.DEGRADED]


def test_waits_for_a_missing_port_double_up_to_a_bound() -> None:
    backoff = Backoff(first_s=1, most_s=5)
    assert [backoff.next_s() for _ in range(5)] == [1, 2, 4, 5, 5]
    backoff.reset()
    assert backoff.next_s() == 1
