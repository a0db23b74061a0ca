"""Where bytes are kept: a local folder by default, an S3-compatible bucket at scale, behind one small interface."""

import os
import re
import secrets
import shutil
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import parse_qs, unquote, urlsplit

KEY = re.compile(r"[a-z0-9][a-z0-9_-]*(/[a-z0-9][a-z0-9_-]*)*(\.[a-z0-9]{1,5})?")


class NothingStored(LookupError):
    """There are no bytes under this key."""


class Storage(Protocol):
    def put(self, key: str, data: bytes, content_type: str) -> None: ...
    def get(self, key: str) -> bytes: ...
    def exists(self, key: str) -> bool: ...
    def delete(self, key: str) -> None: ...
    def delete_folder(self, key: str) -> None: ...


def open_storage(url: str) -> Storage:
    """The storage a MEDIA_URL names: `file:///srv/media`, or `s3://bucket/folder?endpoint=https://…&region=…`."""
    parts = urlsplit(url)
    if parts.scheme == "file":
        return Folder(Path(unquote(parts.netloc + parts.path)))
    if parts.scheme == "s3" and parts.netloc:
        options = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        return Bucket(parts.netloc, parts.path.strip("/"), options.get("endpoint"), options.get("region"))
    raise ValueError(f"MEDIA_URL must be file://… or s3://bucket…, not {url!r}")


class Folder:
    """A folder on this machine. A file appears whole or not at all, also after a power cut."""

    def __init__(self, root: Path) -> None:
        self.root = root.absolute()

    def put(self, key: str, data: bytes, content_type: str) -> None:
        path = self._path(key)
        path.parent.mkdir(parents=True, exist_ok=True)
        half = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
        try:
            with half.open("xb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            half.replace(path)
        finally:
            half.unlink(missing_ok=True)

    def get(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            raise NothingStored(key) from None

    def exists(self, key: str) -> bool:
        return self._path(key).is_file()

    def delete(self, key: str) -> None:
        self._path(key).unlink(missing_ok=True)

    def delete_folder(self, key: str) -> None:
        shutil.rmtree(self._path(key), ignore_errors=True)

    def _path(self, key: str) -> Path:
        return self.root / checked(key)


class Bucket:
    """A bucket of an S3-compatible service (needs boto3, in the extra "scale")."""

    def __init__(
        self, bucket: str, folder: str = "", endpoint: str | None = None, region: str | None = None
    ) -> None:
        import boto3  # an optional extra: a market on local disk never loads it

        self.bucket = bucket
        self.folder = f"{folder}/" if folder else ""
        self.client: Any = boto3.client("s3", endpoint_url=endpoint, region_name=region or "us-east-1")

    def put(self, key: str, data: bytes, content_type: str) -> None:
        self.client.put_object(Bucket=self.bucket, Key=self._name(key), Body=data, ContentType=content_type)

    def get(self, key: str) -> bytes:
        try:
            answer = self.client.get_object(Bucket=self.bucket, Key=self._name(key))
        except self.client.exceptions.NoSuchKey:
            raise NothingStored(key) from None
        data: bytes = answer["Body"].read()
        return data

    def exists(self, key: str) -> bool:
        answer = self.client.list_objects_v2(Bucket=self.bucket, Prefix=self._name(key), MaxKeys=1)
        return any(item["Key"] == self._name(key) for item in answer.get("Contents", ()))

    def delete(self, key: str) -> None:
        self.client.delete_object(Bucket=self.bucket, Key=self._name(key))

    def delete_folder(self, key: str) -> None:
        pages = self.client.get_paginator("list_objects_v2")
        for page in pages.paginate(Bucket=self.bucket, Prefix=f"{self._name(key)}/"):
            for item in page.get("Contents", ()):
                self.client.delete_object(Bucket=self.bucket, Key=item["Key"])

    def _name(self, key: str) -> str:
        return self.folder + checked(key)


def checked(key: str) -> str:
    """The key itself, if it is one of ours; keys are made by us, so anything else is a bug or an attack."""
    if not KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key
