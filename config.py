"""Settings, read from the environment once. Odd or missing values stop the start with a plain sentence."""

from base64 import urlsafe_b64decode
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).parent

DEVELOPMENT_KEY = "development-only-key-development-only-key"
"""Signs cookies on a developer's machine; production refuses to start with it."""


class Settings(BaseSettings):
    """Everything that differs between a laptop, a test and a province. See docs/running.md for each name."""

    model_config = SettingsConfigDict(env_ignore_empty=True, frozen=True, extra="ignore")

    app_env: Literal["development", "test", "production"] = "development"
    secret_key: str = DEVELOPMENT_KEY
    instance_path: Path = ROOT / "instance"

    database_url: str = ""
    redis_url: str = ""
    media_url: str = ""
    search_engine: Literal["whoosh", "postgres"] = "whoosh"

    site_name: str = "Chợ Quê"
    site_url: str = "http://127.0.0.1:8000"
    proxies: int = Field(default=0, ge=0, le=5)
    practice: bool = False

    owner_name: str = ""
    owner_address: str = ""
    owner_phone: str = ""
    owner_email: str = ""
    owner_registration: str = ""

    bank_bin: str = Field(default="", pattern=r"^(\d{6})?$")
    bank_account: str = Field(default="", pattern=r"^\d{0,19}$")
    bank_account_name: str = ""
    sepay_webhook_key: str = ""
    payos_checksum_key: str = ""
    remittance_key: str = ""

    stripe_secret_key: str = ""
    stripe_webhook_secret: str = ""
    stripe_api_base: str = ""

    carrier: Literal["tariff", "vnpost", "rate_hook"] = "tariff"
    vnpost_base_url: str = ""
    vnpost_username: str = ""
    vnpost_password: str = ""
    vnpost_customer_code: str = ""
    vnpost_webhook_public_key: str = ""
    rate_hook_url: str = ""
    rate_hook_secret: str = ""

    smtp_url: str = ""
    sms_gateway_url: str = ""
    sms_gateway_secret: str = ""
    zalo_gateway_url: str = "https://business.openapi.zalo.me/message/template"
    zalo_token: str = ""
    zalo_templates: str = ""

    papers_key: str = ""
    counter_lock_minutes: int = Field(default=10, ge=0, le=240)
    map_tiles_url: str = ""
    limits: Literal["on", "off"] = "on"
    log_format: Literal["text", "json"] = "text"
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"
    sentry_dsn: str = ""
    prometheus_multiproc_dir: str = ""
    debug_headers: bool = False

    @field_validator("database_url")
    @classmethod
    def _driver(cls, url: str) -> str:
        """`postgres://` and `postgresql://` mean psycopg 3 here."""
        for prefix in ("postgres://", "postgresql://"):
            if url.startswith(prefix):
                return "postgresql+psycopg://" + url.removeprefix(prefix)
        return url

    @field_validator("papers_key")
    @classmethod
    def _fernet_keys(cls, keys: str) -> str:
        """Said at the start, not when the first farmer sends in a paper."""
        for key in filter(None, (part.strip() for part in keys.split(","))):
            try:
                fits = len(urlsafe_b64decode(key)) == 32
            except ValueError:
                fits = False
            if not fits:
                raise ValueError(
                    "PAPERS_KEY must be 32 random bytes as url-safe base64 (several: with commas)"
                )
        return keys

    @field_validator("site_url")
    @classmethod
    def _whole_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("SITE_URL must be a whole address such as https://choque.example")
        return url.rstrip("/")

    @model_validator(mode="after")
    def _fit_for_production(self) -> Self:
        if self.sms_gateway_url and not self.sms_gateway_secret:
            raise ValueError("SMS_GATEWAY_URL needs SMS_GATEWAY_SECRET: messages are signed")
        if bool(self.zalo_token) != bool(self.zalo_templates):
            raise ValueError("ZALO_TOKEN and ZALO_TEMPLATES are given together or not at all")
        if not all(notice and number for notice, number in self.zalo_forms.items()):
            raise ValueError("ZALO_TEMPLATES is a list such as training/nudge=301, orders/placed=302")
        vnpost = (self.vnpost_base_url, self.vnpost_username, self.vnpost_password, self.vnpost_customer_code)
        if self.carrier == "vnpost" and not all(vnpost):
            raise ValueError(
                "CARRIER=vnpost needs VNPOST_BASE_URL, VNPOST_USERNAME, VNPOST_PASSWORD and VNPOST_CUSTOMER_CODE"
            )
        if self.carrier == "rate_hook" and not (self.rate_hook_url and self.rate_hook_secret):
            raise ValueError(
                "CARRIER=rate_hook needs RATE_HOOK_URL and RATE_HOOK_SECRET: the calls are signed"
            )
        for name in ("vnpost_base_url", "rate_hook_url", "zalo_gateway_url"):
            url = urlsplit(getattr(self, name))
            if getattr(self, name) and (url.scheme not in ("http", "https") or not url.hostname):
                raise ValueError(f"{name.upper()} must be a whole http(s) address")
        if bool(self.stripe_secret_key) != bool(self.stripe_webhook_secret):
            raise ValueError("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET are given together or not at all")
        if bool(self.bank_bin) != bool(self.bank_account):
            raise ValueError("BANK_BIN and BANK_ACCOUNT are given together or not at all")
        if self.app_env == "development" and self.is_secure:
            raise ValueError("SITE_URL is https, so people use this: set APP_ENV=production")
        if self.search_engine == "postgres" and not self.database.startswith("postgresql"):
            raise ValueError("SEARCH_ENGINE=postgres needs a DATABASE_URL of PostgreSQL")
        if self.app_env == "production":
            if self.secret_key == DEVELOPMENT_KEY or len(self.secret_key) < 32:
                raise ValueError("SECRET_KEY must be set to at least 32 random characters in production")
            if not self.papers_key:
                raise ValueError("PAPERS_KEY must be set in production: private papers are encrypted with it")
            if self.limits == "off":
                raise ValueError("LIMITS=off is for benchmarks, not for production")
        return self

    @property
    def zalo_forms(self) -> dict[str, str]:
        """Notice → the number of its form with Zalo, from `training/nudge=301, orders/placed=302`."""
        pairs = (pair.partition("=") for pair in self.zalo_templates.split(",") if pair.strip())
        return {notice.strip(): number.strip() for notice, _sign, number in pairs}

    @property
    def database(self) -> str:
        """SQLAlchemy address of the database; SQLite in the instance folder unless told."""
        name = "practice.db" if self.practice else "market.db"
        return self.database_url or f"sqlite:///{self.instance_path / name}"

    @property
    def media(self) -> str:
        folder = "practice-media" if self.practice else "media"
        return self.media_url or (self.instance_path / folder).as_uri()

    @property
    def is_secure(self) -> bool:
        """True when people reach the site over https, so cookies may insist on it."""
        return self.site_url.startswith("https://")

    def for_practice(self) -> "Settings":
        """The practice market: the same application on its own database, files, index and scripted services."""
        return self.model_copy(
            update={
                "practice": True,
                "database_url": "",
                "media_url": "",
                "sms_gateway_url": "",
                "sms_gateway_secret": "",
                "zalo_token": "",
                "zalo_templates": "",
                "smtp_url": "",
                "bank_bin": "",
                "bank_account": "",
                "bank_account_name": "",
                "sepay_webhook_key": "",
                "payos_checksum_key": "",
                "remittance_key": "",
                "stripe_secret_key": "",
                "stripe_webhook_secret": "",
                "carrier": "tariff",
                "vnpost_webhook_public_key": "",
                "site_url": self.site_url + "/practice",
            }
        )


def read_settings() -> Settings:
    """Read the environment once; exit with the reason in one sentence a person can act on."""
    try:
        return Settings()
    except ValidationError as wrong:
        reasons = "; ".join(
            f"{'.'.join(str(part) for part in error['loc']).upper() or 'settings'}: {error['msg']}"
            for error in wrong.errors()
        )
        raise SystemExit(f"The settings are not right. {reasons}") from None
