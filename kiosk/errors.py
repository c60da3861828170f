"""Faults. A refused visitor is a value; these are for what the gate itself cannot do."""


class GatehouseError(Exception):
    """Something Gatehouse cannot do. The message says what, and what to do about it."""


class ConfigError(GatehouseError):
    """`kiosk.toml` or the environment is wrong; `problems` holds every one of them."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class DeviceError(GatehouseError):
    """A camera, thermometer or reader does not do what it should. The lane goes on by hand."""


class JournalError(GatehouseError):
    """The journal cannot be written or does not verify. Nobody is admitted while it lasts."""


class PolicyError(GatehouseError):
    """A policy that does not validate; `problems` holds every place and what is wrong there."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = list(problems)
        super().__init__("\n".join(self.problems))


class HandDownError(GatehouseError):
    """A bundle that is not the office's, not whole or older than the one in force."""


class SyncError(GatehouseError):
    """The office did not take or give what was asked.

    `permanent` says that sending the same again cannot help; `retry_after_s` is the office's own wish.
    """

    def __init__(self, message: str, *, permanent: bool = False, retry_after_s: float | None = None) -> None:
        self.permanent = permanent
        self.retry_after_s = retry_after_s
        super().__init__(message)
