"""One exchange on the line: what comes right behind a reply is looked at, also when both arrive in one read."""

import os
import tty
from collections.abc import Iterator
from threading import Thread

import pytest
import serial

from devices.crc import with_crc
from devices.line import Line
from devices.modbus import BadReply, ReadCoils, TwoReplies
from tests.helpers.rig import FAST

pytestmark = pytest.mark.real_time

REQUEST = ReadCoils(1, 0, 8)
REPLY = with_crc(bytes((1, 1, 1, 0)))


@pytest.fixture
def line() -> Iterator[Line]:
    """A line at whose other end somebody answers the next request twice, in one go."""
    master, slave = os.openpty()
    tty.setraw(slave)

    def answer() -> None:
        os.read(master, 64)
        os.write(master, REPLY + REPLY)

    answering = Thread(target=answer)
    answering.start()
    with serial.Serial(os.ttyname(slave), 9600, timeout=0, write_timeout=1) as port:
        yield Line(port, 9600, FAST)
        answering.join()
    os.close(master)
    os.close(slave)


def test_a_second_device_that_answers_in_the_same_moment_is_noticed(line: Line) -> None:
    with pytest.raises(TwoReplies):
        line.exchange(REQUEST, alone=True)


def test_a_unit_that_owed_a_reply_is_not_believed_when_two_come_at_once(line: Line) -> None:
    with pytest.raises(BadReply):
        line.exchange(REQUEST, distrust=True)


def test_otherwise_the_reply_is_taken(line: Line) -> None:
    assert line.exchange(REQUEST) == REPLY
