"""The check sum of Modbus RTU frames."""


def _modbus_table() -> tuple[int, ...]:
    def entry(value: int) -> int:
        for _ in range(8):
            value = (value >> 1) ^ 0xA001 if value & 1 else value >> 1
        return value

    return tuple(entry(index) for index in range(256))


_TABLE = _modbus_table()


def crc16(data: bytes) -> int:
    """Return the CRC-16 of `data` as Modbus RTU wants it.

    Polynomial 0xA001 reflected, start 0xFFFF; on the wire its low byte goes first. Source: MODBUS over Serial Line
    v1.02, §6.2.2.
    """
    crc = 0xFFFF
    for byte in data:
        crc = (crc >> 8) ^ _TABLE[(crc ^ byte) & 0xFF]
    return crc


def with_crc(data: bytes) -> bytes:
    """Return `data` followed by its Modbus CRC, ready for the wire."""
    return data + crc16(data).to_bytes(2, "little")


def crc_is_good(frame: bytes) -> bool:
    """Tell whether a whole Modbus frame ends in its own CRC."""
    return len(frame) >= 4 and crc16(frame[:-2]) == int.from_bytes(frame[-2:], "little")
