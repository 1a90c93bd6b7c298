"""Every exception the project raises on purpose.

TrendscoutError
├── ConfigError      a YAML file, a table or an environment variable is unusable
├── UsageError       the command cannot be carried out as asked (exit code 2)
├── InputError       a file given to us cannot be read: names file, line and field
├── SourceDrift      a site no longer looks the way its reader expects
├── ModelError       a language model is missing or not the one we pinned
├── StoreError       the database cannot be used
│   ├── StoreBusy    another process holds the database or the run lock
│   └── StoreTooNew  a newer trendscout wrote the database
├── StageFailed      a stage could not finish, so later stages must not start
└── DeliveryFailed   the report was built but did not reach its readers
"""


class TrendscoutError(Exception):
    """Root of all errors that end a command with one clear line."""


class ConfigError(TrendscoutError):
    """A configuration file is unusable; the message names file and key."""


class UsageError(TrendscoutError):
    """The command was asked for something that does not exist."""


class InputError(TrendscoutError):
    """A file given to us cannot be read; the message names file, line and field."""


class SourceDrift(TrendscoutError):
    """A site no longer looks the way its reader expects."""


class ModelError(TrendscoutError):
    """A language model is missing or differs from the pinned one."""


class StoreError(TrendscoutError):
    """The database cannot be used."""


class StoreBusy(StoreError):
    """Another process holds the database or the run lock."""


class StoreTooNew(StoreError):
    """The database was written by a newer trendscout."""


class StageFailed(TrendscoutError):
    """A stage could not finish, so later stages must not start."""


class DeliveryFailed(TrendscoutError):
    """The report was built but did not reach its readers."""
