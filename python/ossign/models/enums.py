"""The values that some headers take, as enums that are also strings."""

from __future__ import annotations

from enum import Enum


class BucketACLType(str, Enum):
    """Who may use the objects of a bucket besides its owner."""

    PRIVATE = "private"
    """Nobody else."""

    PUBLICREAD = "public-read"
    """Everybody may read, also anonymously."""

    PUBLICREADWRITE = "public-read-write"
    """Everybody may read and write, also anonymously."""


class StorageClassType(str, Enum):
    """How an object is stored: the colder, the cheaper to keep and the dearer to fetch."""

    STANDARD = "Standard"
    """For what is read often."""

    IA = "IA"
    """Infrequent access: billed for at least 30 days and 64 KB."""

    ARCHIVE = "Archive"
    """Billed for at least 60 days and 64 KB; to be restored before reading."""

    COLDARCHIVE = "ColdArchive"
    """Billed for at least 180 days and 64 KB; to be restored before reading, within hours."""

    DEEPCOLDARCHIVE = "DeepColdArchive"
    """Billed for at least 180 days and 64 KB; the slowest to restore."""


class DataRedundancyType(str, Enum):
    """Where the copies of an object lie."""

    LRS = "LRS"
    """On several devices of one zone."""

    ZRS = "ZRS"
    """In several zones of one region."""


class ObjectACLType(str, Enum):
    """Who may use one object besides its owner."""

    PRIVATE = "private"
    """Nobody else."""

    PUBLICREAD = "public-read"
    """Everybody may read, also anonymously."""

    PUBLICREADWRITE = "public-read-write"
    """Everybody may read and write, also anonymously."""

    DEFAULT = "default"
    """As the bucket says."""
